//! The settings of Azure roles as libraries find and change them.

use http::Method;
use serde_json::{Value, json};

use super::azure_pim::{DATA, pim};
use super::azure_roles::{READER, azure};
use super::client::{Client, ideal};

fn path(collection: &str) -> String {
    format!("{DATA}/providers/Microsoft.Authorization/{collection}")
}

async fn rows(client: &Client, path: &str) -> Vec<Value> {
    let answer = pim(client, Method::GET, path, None).await.expect(200);
    answer.body["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_policy_of_a_role_is_found_among_those_of_all_roles() {
    let client = azure(&ideal());
    let all = rows(&client, &path("roleManagementPolicyAssignments")).await;
    let of_reader = |row: &&Value| {
        let role = row["properties"]["roleDefinitionId"].as_str();
        role.unwrap().ends_with(READER)
    };
    let own: Vec<&Value> = all.iter().filter(of_reader).collect();
    let [assignment] = own.as_slice() else {
        panic!("{own:?}");
    };
    let properties = &assignment["properties"];
    let definition = &properties["policyAssignmentProperties"]["roleDefinition"];
    assert_eq!(definition["displayName"], "Reader");
    let policy = properties["policyId"].as_str().unwrap();
    let name = policy.rsplit('/').next().unwrap();
    assert_eq!(assignment["name"], format!("{name}_{READER}"));
    let read = pim(&client, Method::GET, policy, None).await.expect(200);
    assert_eq!(
        read.body["properties"]["rules"],
        properties["effectiveRules"]
    );
    let one = path(&format!("roleManagementPolicyAssignments/{name}_{READER}"));
    let one = pim(&client, Method::GET, &one, None).await.expect(200);
    assert_eq!(one.body, **assignment);
    let policies = rows(&client, &path("roleManagementPolicies")).await;
    assert_eq!(policies.len(), all.len());
    let filter = format!("?$filter=roleDefinitionId eq '{READER}'");
    for collection in ["roleManagementPolicies", "roleManagementPolicyAssignments"] {
        let path = path(&format!("{collection}{filter}"));
        assert_eq!(rows(&client, &path).await.len(), 1, "{collection}");
    }
}

#[tokio::test]
async fn a_rule_of_a_library_leaves_out_what_it_has_not_set() {
    let client = azure(&ideal());
    let filter = format!("roleManagementPolicies?$filter=roleDefinitionId eq '{READER}'");
    let [policy] = rows(&client, &path(&filter)).await.try_into().unwrap();
    let rule = json!({
        "id": "Expiration_Admin_Eligibility", "ruleType": "RoleManagementPolicyExpirationRule",
        "isExpirationRequired": false,
        "target": {"caller": "Admin", "operations": ["All"], "level": "Eligibility"},
    });
    let body = json!({"properties": {"rules": [rule]}});
    let id = policy["id"].as_str().unwrap();
    let changed = pim(&client, Method::PATCH, id, Some(&body))
        .await
        .expect(200);
    let expiration = |policy: &Value| {
        let rules = policy["properties"]["rules"].as_array().unwrap();
        let mut rules = rules.iter();
        let found = rules.find(|one| one["id"] == "Expiration_Admin_Eligibility");
        found.unwrap().clone()
    };
    let (before, after) = (expiration(&policy), expiration(&changed.body));
    assert_eq!(after["isExpirationRequired"], false);
    assert_eq!(after["maximumDuration"], before["maximumDuration"]);
    let gone = format!(
        "roleManagementPolicyAssignments/{}_{READER}",
        policy["name"].as_str().unwrap()
    );
    pim(&client, Method::GET, &path(&gone), None)
        .await
        .is(404, "RoleManagementPolicyAssignmentNotFound");
}
