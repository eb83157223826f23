//! Custom roles of Azure: who makes them, where they can be given, and what they let their holders do.

use http::Method;
use serde_json::{Value, json};

use super::azure_roles::{PAYMENTS, VAULT, ask, ask_in, assignment, azure, owner, person};
use super::client::{Answer, Client, ideal};

/// Where the operator is User Access Administrator.
const DATA: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data";
const APP: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app";
const SANDBOX: &str = "/subscriptions/5ab52222-2222-4222-8222-222222222222";
const ABOVE: &str = "/providers/Microsoft.Management/managementGroups/payments";
const SEEDED: &str = "5ab50000-1111-4111-8111-5ab500000001";
const ROLE: &str = "dddddddd-0000-4000-8000-000000000001";
const OTHER: &str = "dddddddd-0000-4000-8000-000000000002";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const ONE: &str = "dddddddd-0000-4000-8000-00000000000a";
const TWO: &str = "dddddddd-0000-4000-8000-00000000000b";

fn definition(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}")
}

fn wanted(name: &str, scopes: &[&str], actions: &[&str]) -> Value {
    json!({"properties": {
        "roleName": name, "description": "by test", "type": "CustomRole", "assignableScopes": scopes,
        "permissions": [{"actions": actions, "notActions": null}],
    }})
}

async fn put(client: &Client, scope: &str, name: &str, body: &Value) -> Answer {
    ask(client, Method::PUT, &definition(scope, name), Some(body)).await
}

async fn listed(client: &Client, scope: &str, filter: &str) -> Vec<String> {
    let path = format!(
        "{scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'CustomRole'{filter}"
    );
    let answer = ask(client, Method::GET, &path, None).await.expect(200);
    answer.sorted("name")
}

/// Gives a role to a person.
async fn give(client: &Client, scope: &str, name: &str, role: &str, person: &str) -> Answer {
    let body = json!({"properties": {
        "roleDefinitionId": definition("", role), "principalId": person, "principalType": "User",
    }});
    ask(client, Method::PUT, &assignment(scope, name), Some(&body)).await
}

#[tokio::test]
async fn a_role_is_made_found_changed_in_place_and_deleted() {
    let client = owner(&ideal());
    let body = wanted("Vault Gardener", &[PAYMENTS], &["*/read"]);
    let made = put(&client, PAYMENTS, ROLE, &body).await.expect(201).body;
    assert_eq!(made["id"], definition(PAYMENTS, ROLE));
    assert_eq!(made["properties"]["type"], "CustomRole");
    assert_eq!(
        made["properties"]["permissions"][0]["notActions"],
        json!([])
    );
    let found = " and roleName eq 'vault gardener'";
    assert_eq!(listed(&client, VAULT, found).await, [ROLE]);

    let more = wanted("Vault Gardener", &[PAYMENTS, SANDBOX], &["*"]);
    put(&client, PAYMENTS, ROLE, &more).await.expect(201);
    let path = definition(SANDBOX, ROLE);
    let shown = ask(&client, Method::GET, &path, None).await.expect(200);
    assert_eq!(
        shown.body["properties"]["createdOn"],
        made["properties"]["createdOn"]
    );
    assert_eq!(
        shown.body["properties"]["permissions"][0]["actions"],
        json!(["*"])
    );
    ask(&client, Method::GET, &definition("", ROLE), None)
        .await
        .expect(200);

    let gone = ask(&client, Method::DELETE, &path, None).await.expect(200);
    assert_eq!(gone.body["name"], ROLE);
    ask(&client, Method::DELETE, &path, None).await.expect(204);
    ask(&client, Method::GET, &path, None)
        .await
        .is(404, "RoleDefinitionDoesNotExist");
}

#[tokio::test]
async fn a_role_is_listed_where_it_can_be_given_and_from_above_when_that_is_asked_for() {
    let client = owner(&ideal());
    let body = wanted("Gardener", &[APP], &["*/read"]);
    put(&client, APP, ROLE, &body).await.expect(201);
    assert_eq!(listed(&client, VAULT, "").await, [SEEDED, ROLE]);
    assert_eq!(listed(&client, PAYMENTS, "").await, [SEEDED]);
    let below = " and atScopeAndBelow()";
    assert_eq!(listed(&client, PAYMENTS, below).await, [SEEDED, ROLE]);
    assert_eq!(listed(&client, SANDBOX, below).await, Vec::<String>::new());
    assert_eq!(listed(&client, "", "").await, Vec::<String>::new());
    ask(&client, Method::GET, &definition(SANDBOX, ROLE), None)
        .await
        .is(404, "RoleDefinitionDoesNotExist");
}

#[tokio::test]
async fn names_are_unique_in_the_tenant_and_no_built_in_role_is_written() {
    let client = owner(&ideal());
    let body = |name| wanted(name, &[SANDBOX], &["*/read"]);
    for taken in ["payments operations", "Reader"] {
        put(&client, SANDBOX, ROLE, &body(taken))
            .await
            .is(409, "RoleDefinitionWithSameNameExists");
    }
    put(&client, SANDBOX, READER, &body("Another reader"))
        .await
        .is(409, "RoleDefinitionExists");
    let built_in = definition(SANDBOX, READER);
    let refused = ask(&client, Method::DELETE, &built_in, None).await;
    assert_eq!(refused.status, 400);
    put(&client, SANDBOX, ROLE, &body("Gardener"))
        .await
        .expect(201);
    put(&client, SANDBOX, OTHER, &body("GARDENER"))
        .await
        .is(409, "RoleDefinitionWithSameNameExists");
}

#[tokio::test]
async fn what_can_be_no_role_is_refused_with_its_own_code() {
    let client = owner(&ideal());
    let body = |name, scopes: &[&str]| wanted(name, scopes, &["*/read"]);
    let mut data = body("Data above", &[ABOVE]);
    data["properties"]["permissions"][0]["dataActions"] = json!(["Microsoft.KeyVault/vaults/*"]);
    let mut built_in = body("Own", &[PAYMENTS]);
    built_in["properties"]["type"] = json!("BuiltInRole");
    let above = "/providers/Microsoft.Management/managementGroups/contoso";
    for (body, code) in [
        (json!({}), "InvalidRequestContent"),
        (body("", &[PAYMENTS]), "RoleDefinitionNameNullOrEmpty"),
        (body("Nowhere", &[]), "MissingAssignableScopes"),
        (body("Anywhere", &["/"]), "LinkedInvalidPropertyId"),
        (body("Somewhere", &["nonsense"]), "LinkedInvalidPropertyId"),
        (body("Two groups", &[ABOVE, above]), "BadRequestFormat"),
        (data, "BadRequestFormat"),
        (built_in, "InvalidRoleDefinitionType"),
        (
            wanted("Nothing", &[PAYMENTS], &["everything"]),
            "InvalidActionOrNotAction",
        ),
    ] {
        put(&client, PAYMENTS, ROLE, &body).await.is(400, code);
    }
    put(&client, PAYMENTS, "no-guid", &body("Gardener", &[PAYMENTS]))
        .await
        .is(400, "InvalidRoleDefinitionId");
}

#[tokio::test]
async fn who_writes_a_role_may_do_so_wherever_it_can_be_given() {
    let client = azure(&ideal());
    let body = |scopes: &[&str]| wanted("Gardener", scopes, &["*/read"]);
    let refused = put(&client, PAYMENTS, ROLE, &body(&[PAYMENTS])).await;
    refused.is(403, "AuthorizationFailed");
    let action = "Microsoft.Authorization/roleDefinitions/write";
    assert!(refused.message().contains(action), "{}", refused.message());
    put(&client, DATA, ROLE, &body(&[DATA, APP]))
        .await
        .is(403, "LinkedAuthorizationFailed");
    put(&client, DATA, ROLE, &body(&[DATA])).await.expect(201);
    put(&owner(&client), DATA, ROLE, &body(&[DATA, APP]))
        .await
        .expect(201);
    put(&client, DATA, ROLE, &body(&[DATA]))
        .await
        .is(403, "LinkedAuthorizationFailed");
    ask(&client, Method::DELETE, &definition(DATA, ROLE), None)
        .await
        .is(403, "LinkedAuthorizationFailed");
}

#[tokio::test]
async fn a_role_is_given_inside_its_scopes_only_and_stays_while_it_is_held() {
    let graph = ideal();
    let (chidi, client) = (graph.user("chidi").await, owner(&graph));
    let body = wanted("Gardener", &[APP], &["*/read"]);
    put(&client, APP, ROLE, &body).await.expect(201);
    give(&client, DATA, ONE, ROLE, &chidi)
        .await
        .is(400, "InvalidRoleDefinitionId");
    let foreign = json!({"properties": {
        "roleDefinitionId": definition(SANDBOX, ROLE), "principalId": chidi, "principalType": "User",
    }});
    ask(
        &client,
        Method::PUT,
        &assignment(VAULT, ONE),
        Some(&foreign),
    )
    .await
    .is(403, "LinkedAuthorizationFailed");
    give(&client, VAULT, ONE, ROLE, &chidi).await.expect(201);
    let path = definition(APP, ROLE);
    ask(&client, Method::DELETE, &path, None)
        .await
        .is(400, "RoleDefinitionHasAssignments");
    ask(&client, Method::DELETE, &assignment(VAULT, ONE), None)
        .await
        .expect(200);
    ask(&client, Method::DELETE, &path, None).await.expect(200);
}

#[tokio::test]
async fn a_role_that_may_write_assignments_lets_its_holder_do_that_and_no_more() {
    let graph = ideal();
    let (chidi, dana) = (graph.user("chidi").await, graph.user("dana").await);
    let client = owner(&graph);
    let write = "microsoft.authorization/ROLEASSIGNMENTS/write";
    let body = wanted("Giver", &[PAYMENTS], &["*/read", write]);
    put(&client, PAYMENTS, ROLE, &body).await.expect(201);
    give(&client, PAYMENTS, ONE, ROLE, &chidi).await.expect(201);
    let giver = person(&graph, "chidi");
    give(&giver, VAULT, TWO, READER, &dana).await.expect(201);
    let refused = ask(&giver, Method::DELETE, &assignment(VAULT, TWO), None).await;
    refused.is(403, "AuthorizationFailed");
    let action = "Microsoft.Authorization/roleAssignments/delete";
    assert!(refused.message().contains(action), "{}", refused.message());
    assert!(
        refused.message().contains(&assignment(VAULT, TWO)),
        "{}",
        refused.message()
    );
}

#[tokio::test]
async fn a_role_that_may_ask_pim_lets_its_holder_make_others_eligible_for_custom_roles_as_well() {
    let graph = ideal();
    let (chidi, group) = (graph.user("chidi").await, graph.group("Data").await);
    let client = owner(&graph);
    let write = "Microsoft.Authorization/roleEligibilityScheduleRequests/write";
    let body = wanted("Asker", &[PAYMENTS], &["*/read", write]);
    put(&client, PAYMENTS, ROLE, &body).await.expect(201);
    give(&client, PAYMENTS, ONE, ROLE, &chidi).await.expect(201);
    let delegate = person(&graph, "chidi");
    let asked = json!({"properties": {
        "principalId": group, "roleDefinitionId": definition(PAYMENTS, SEEDED), "requestType": "AdminAssign",
        "justification": "by test", "scheduleInfo": {"expiration": {"type": "AfterDuration", "duration": "P30D"}},
    }});
    let path = |kind: &str| {
        format!("{DATA}/providers/Microsoft.Authorization/role{kind}ScheduleRequests/{TWO}")
    };
    let version = "2020-10-01";
    let refused = ask_in(
        &delegate,
        Method::PUT,
        &path("Assignment"),
        Some(&asked),
        version,
    )
    .await;
    refused.is(403, "AuthorizationFailed");
    let made = ask_in(
        &delegate,
        Method::PUT,
        &path("Eligibility"),
        Some(&asked),
        version,
    )
    .await;
    let made = made.expect(201).body;
    let role = &made["properties"]["expandedProperties"]["roleDefinition"];
    assert_eq!(
        (&role["displayName"], &role["type"]),
        (&json!("Payments Operations"), &json!("CustomRole"))
    );
    ask(&client, Method::DELETE, &definition(PAYMENTS, SEEDED), None)
        .await
        .is(400, "RoleDefinitionHasAssignments");
}
