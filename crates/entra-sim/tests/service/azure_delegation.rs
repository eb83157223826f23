//! Roles that are held under a condition: what it forbids is refused.

use entra_sim::Profile;
use http::Method;
use serde_json::{Value, json};

use super::azure_roles::{
    PAYMENTS, READER, VAULT, VAULT_ADMINISTRATOR, ask, ask_in, assignment, owner, person,
};
use super::client::{Answer, Client, ideal, tenant};

const RBAC_ADMINISTRATOR: &str = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
const HELD: &str = "eeeeeeee-0000-4000-8000-000000000001";
const ONE: &str = "eeeeeeee-0000-4000-8000-00000000000a";
const TWO: &str = "eeeeeeee-0000-4000-8000-00000000000b";

fn body(role: &str, principal: &str, kind: Option<&str>) -> Value {
    json!({"properties": {
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": principal, "principalType": kind,
    }})
}

async fn put(client: &Client, name: &str, body: &Value) -> Answer {
    ask(client, Method::PUT, &assignment(VAULT, name), Some(body)).await
}

/// What the portal writes: an expression about what is given, and the same about what is taken away.
fn constrained(expression: &str) -> String {
    let part = |action: &str, source: &str| {
        let expression = expression.replace('@', &format!("@{source}"));
        format!(
            "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{action}'}})) OR ({expression}))"
        )
    };
    format!(
        "{} AND {}",
        part("write", "Request"),
        part("delete", "Resource")
    )
}

/// Who is Role Based Access Control Administrator under a condition.
async fn delegate(graph: &Client, condition: &str) -> Client {
    let chidi = graph.user("chidi").await;
    let mut held = body(RBAC_ADMINISTRATOR, &chidi, Some("User"));
    held["properties"]["condition"] = json!(condition);
    held["properties"]["conditionVersion"] = json!("2.0");
    let path = assignment(PAYMENTS, HELD);
    ask(&owner(graph), Method::PUT, &path, Some(&held))
        .await
        .expect(201);
    person(graph, "chidi")
}

fn readers_only() -> String {
    constrained(&format!(
        "@[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}}}"
    ))
}

#[tokio::test]
async fn only_the_roles_of_the_condition_are_given_and_taken_away() {
    let graph = ideal();
    let group = graph.group("Vault").await;
    let client = delegate(&graph, &readers_only()).await;
    let wanted = body(VAULT_ADMINISTRATOR, &group, Some("Group"));
    let refused = put(&client, ONE, &wanted).await;
    refused.is(403, "AuthorizationFailed");
    let words = format!(
        "does not have authorization or an ABAC condition not fulfilled to perform action \
         'Microsoft.Authorization/roleAssignments/write' over scope '{}'",
        assignment(VAULT, ONE)
    );
    assert!(refused.message().contains(&words), "{}", refused.message());
    put(&owner(&graph), ONE, &wanted).await.expect(201);
    ask(&client, Method::DELETE, &assignment(VAULT, ONE), None)
        .await
        .is(403, "AuthorizationFailed");
    put(&client, TWO, &body(READER, &group, Some("Group")))
        .await
        .expect(201);
    ask(&client, Method::DELETE, &assignment(VAULT, TWO), None)
        .await
        .expect(200);
    ask(&client, Method::DELETE, &assignment(VAULT, TWO), None)
        .await
        .expect(204);
}

#[tokio::test]
async fn only_groups_are_given_roles_and_the_request_has_to_say_that_it_is_one() {
    let graph = ideal();
    let (group, dana) = (graph.group("Vault").await, graph.user("dana").await);
    let condition = constrained(
        "@[Microsoft.Authorization/roleAssignments:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Group'}",
    );
    let client = delegate(&graph, &condition).await;
    put(&client, ONE, &body(READER, &dana, Some("User")))
        .await
        .is(403, "AuthorizationFailed");
    put(&client, ONE, &body(READER, &group, None))
        .await
        .is(403, "AuthorizationFailed");
    put(&client, ONE, &body(READER, &group, Some("Group")))
        .await
        .expect(201);
}

#[tokio::test]
async fn every_role_but_the_powerful_ones_is_given_to_one_group() {
    let graph = ideal();
    let (group, other) = (graph.group("Vault").await, graph.group("Other").await);
    let condition = constrained(&format!(
        "@[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals \
         {{8e3af657-a8ff-443c-a75c-2fe8c4bcb635, {RBAC_ADMINISTRATOR}}} AND \
         @[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {{{group}}}"
    ));
    let client = delegate(&graph, &condition).await;
    put(&client, ONE, &body(READER, &group, Some("Group")))
        .await
        .expect(201);
    for (role, principal) in [(RBAC_ADMINISTRATOR, &group), (READER, &other)] {
        put(&client, TWO, &body(role, principal, Some("Group")))
            .await
            .is(403, "AuthorizationFailed");
    }
}

#[tokio::test]
async fn a_second_role_without_a_condition_makes_the_first_one_irrelevant() {
    let graph = ideal();
    let (group, chidi) = (graph.group("Vault").await, graph.user("chidi").await);
    let client = delegate(&graph, &readers_only()).await;
    let wanted = body(VAULT_ADMINISTRATOR, &group, Some("Group"));
    put(&client, ONE, &wanted)
        .await
        .is(403, "AuthorizationFailed");
    let more = body(RBAC_ADMINISTRATOR, &chidi, Some("User"));
    put(&owner(&graph), TWO, &more).await.expect(201);
    put(&client, ONE, &wanted).await.expect(201);
}

#[tokio::test]
async fn what_the_caller_may_do_is_told_with_its_condition_in_versions_that_have_one() {
    let condition = readers_only();
    let (stable, preview) = ("2022-04-01", "2022-05-01-preview");
    for (switch, version, is_told) in [
        ("preview", stable, false),
        ("preview", preview, true),
        ("never", preview, false),
        ("always", stable, true),
    ] {
        let graph = tenant(Profile::Ideal, &[("azureConditionsTold", switch)]);
        let client = delegate(&graph, &condition).await;
        let path = format!("{VAULT}/providers/Microsoft.Authorization/permissions");
        let rows = ask_in(&client, Method::GET, &path, None, version).await;
        let row = &rows.expect(200).body["value"][0];
        let expected = is_told.then(|| json!(condition));
        assert_eq!(
            row.get("condition"),
            expected.as_ref(),
            "{switch} {version}"
        );
        assert_eq!(row.get("conditionVersion").is_some(), is_told);
    }
}

#[tokio::test]
async fn a_refusal_may_name_the_condition_alone() {
    let graph = tenant(Profile::Ideal, &[("azureConditionWords", "named")]);
    let group = graph.group("Vault").await;
    let client = delegate(&graph, &readers_only()).await;
    let wanted = body(VAULT_ADMINISTRATOR, &group, Some("Group"));
    let refused = put(&client, ONE, &wanted).await;
    let words = "has an authorization with ABAC condition that is not fulfilled to perform action";
    assert!(refused.message().contains(words), "{}", refused.message());
}

#[tokio::test]
async fn a_condition_that_can_not_be_read_or_has_another_version_is_refused() {
    let graph = ideal();
    let (group, client) = (graph.group("Vault").await, owner(&graph));
    let of_data = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'logs'";
    for (condition, version, status) in [
        ("whatever", json!("2.0"), 400),
        (of_data, json!("1.0"), 400),
        (of_data, Value::Null, 400),
        (of_data, json!("2.0"), 201),
    ] {
        let mut wanted = body(READER, &group, Some("Group"));
        wanted["properties"]["condition"] = json!(condition);
        wanted["properties"]["conditionVersion"] = version;
        let answer = put(&client, ONE, &wanted).await.expect(status);
        if status == 400 {
            let words = "The given role assignment condition is invalid.";
            assert_eq!(answer.message(), words);
        } else {
            assert_eq!(answer.body["properties"]["condition"], of_data);
        }
    }
}
