//! Policies of groups as clients change them: with what they have read, and with rules that say only what changes.

use serde_json::{Value, json};

use super::client::{Client, ideal, tenant};
use entra_sim::Profile;

/// The id of the policy for members of a group.
async fn policy(client: &Client, group: &str) -> String {
    let path = format!(
        "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '{group}' and scopeType eq 'Group' and \
         roleDefinitionId eq 'member'"
    );
    client.column(&path, "policyId").await.swap_remove(0)
}

async fn rule(client: &Client, group: &str, id: &str) -> Value {
    let policy = policy(client, group).await;
    let path = format!("/policies/roleManagementPolicies/{policy}/rules/{id}");
    client.get(&path).await.expect(200).body
}

/// The longest activation, as terraform-provider-azuread sends it: whether an end is demanded is left out.
fn activation(duration: &Value) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_EndUser_Assignment", "maximumDuration": duration,
        "target": {
            "caller": "EndUser", "enforcedSettings": [], "inheritableSettings": [], "level": "Assignment",
            "operations": ["all"],
        },
    })
}

/// A policy as terraform-provider-azuread sends it, with what it has read.
fn whole(id: &str, group: &str, rules: &[Value]) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicy", "id": id, "lastModifiedBy": null,
        "scopeId": group, "scopeType": "Group", "rules": rules,
    })
}

#[tokio::test]
async fn a_policy_may_repeat_what_stands_beside_its_rules_and_hold_nulls() {
    let client = ideal();
    let group = client.role_assignable("PAG").await;
    let id = policy(&client, &group).await;
    let path = format!("/policies/roleManagementPolicies/{id}");
    let rules = [activation(&json!("PT4H"))];
    let mut body = whole(&id, &group, &rules);
    client.patch(&path, body.clone()).await.expect(200);
    let changed = rule(&client, &group, "Expiration_EndUser_Assignment").await;
    assert_eq!(changed["maximumDuration"], "PT4H");
    assert_eq!(changed["isExpirationRequired"], true);
    let id = policy(&client, &group).await;
    let path = format!("/policies/roleManagementPolicies/{id}");
    body["id"] = json!(id);
    body["scopeId"] = json!("99999999-9999-4999-8999-999999999999");
    client.patch(&path, body).await.is(400, "InvalidPolicy");
}

#[tokio::test]
async fn what_a_rule_leaves_out_stays_also_where_it_is_written_alone() {
    let client = ideal();
    let group = client.role_assignable("PAG").await;
    let id = policy(&client, &group).await;
    for (name, sent, kept) in [
        (
            "Expiration_Admin_Eligibility",
            json!({"isExpirationRequired": false}),
            "maximumDuration",
        ),
        (
            "Notification_Admin_Admin_Eligibility",
            json!({"notificationLevel": "Critical"}),
            "isDefaultRecipientsEnabled",
        ),
    ] {
        let before = rule(&client, &group, name).await;
        let mut body = sent.clone();
        body["@odata.type"] = before["@odata.type"].clone();
        body["id"] = json!(name);
        let id = policy(&client, &group).await;
        let path = format!("/policies/roleManagementPolicies/{id}/rules/{name}");
        client.patch(&path, body).await.expect(204);
        let after = rule(&client, &group, name).await;
        for (member, value) in sent.as_object().unwrap() {
            assert_eq!(after[member], *value, "{name}");
        }
        assert_eq!(after[kept], before[kept], "{name}");
    }
    assert_ne!(policy(&client, &group).await, id, "it has another id now");
}

#[tokio::test]
async fn whether_a_demanded_end_may_come_with_null_as_its_duration_is_a_switch() {
    for (value, status) in [("off", 400), ("on", 200)] {
        let client = tenant(Profile::Ideal, &[("nullMaximumDuration", value)]);
        let group = client.role_assignable("PAG").await;
        let id = policy(&client, &group).await;
        let mut rule_of_null = activation(&Value::Null);
        rule_of_null["isExpirationRequired"] = json!(true);
        let path = format!("/policies/roleManagementPolicies/{id}");
        let body = whole(&id, &group, &[rule_of_null]);
        client.patch(&path, body).await.expect(status);
        let standing = rule(&client, &group, "Expiration_EndUser_Assignment").await;
        assert_eq!(standing["maximumDuration"], "PT8H", "{value}");
    }
}
