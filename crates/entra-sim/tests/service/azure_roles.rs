//! Azure roles at the Resource Manager.

use entra_sim::Profile;
use entra_sim::ids::AppId;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::client::{Answer, Client, OPERATOR, OPERATOR_OBJECT, ideal, tenant};

pub const PAYMENTS: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111";
pub const VAULT: &str = "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-app/providers/Microsoft.KeyVault/vaults/kv-payments";
const SANDBOX: &str = "/subscriptions/5ab52222-2222-4222-8222-222222222222";
pub const VAULT_ADMINISTRATOR: &str = "00482a5a-887f-4fb3-b363-3b7fe8e74483";
pub const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const ONE: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const TWO: &str = "aaaaaaaa-0000-4000-8000-000000000002";

/// The operator, with a token for the Resource Manager.
pub fn azure(client: &Client) -> Client {
    let app: AppId = OPERATOR.parse().unwrap();
    let token = client
        .simulator
        .token(app, "https://management.azure.com")
        .unwrap();
    client.bearing(&token)
}

/// Who is Owner of everything, with a token for the Resource Manager.
pub fn owner(client: &Client) -> Client {
    let app: AppId = "88888888-8888-4888-8888-888888888888".parse().unwrap();
    let audience = "https://management.azure.com";
    client.bearing(&client.simulator.token(app, audience).unwrap())
}

/// A person, signed in at the Resource Manager.
pub fn person(client: &Client, name: &str) -> Client {
    azure(client).with("x-entra-sim-user", &format!("{name}@contoso.com"))
}

pub async fn ask(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    ask_in(client, method, path, body, "2022-04-01").await
}

/// Asks in a version of the interface.
pub async fn ask_in(
    client: &Client,
    method: Method,
    path: &str,
    body: Option<&Value>,
    version: &str,
) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let path = path.replace(' ', "%20");
    let url = format!("https://management.azure.com{path}{mark}api-version={version}");
    client.send(method, &url, body).await.unwrap()
}

pub fn assignment(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}")
}

fn body(role: &str, group: &str) -> Value {
    json!({"properties": {
        "roleDefinitionId": format!("{PAYMENTS}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "principalId": group, "principalType": "Group",
    }})
}

async fn put(client: &Client, scope: &str, name: &str, body: &Value) -> Answer {
    ask(client, Method::PUT, &assignment(scope, name), Some(body)).await
}

async fn listed(client: &Client, scope: &str, filter: &str) -> Vec<String> {
    let path =
        format!("{scope}/providers/Microsoft.Authorization/roleAssignments?$filter={filter}");
    let answer = ask(client, Method::GET, &path, None).await.expect(200);
    answer.sorted("name")
}

#[tokio::test]
async fn a_role_is_bound_at_a_vault_once_whatever_its_name_and_repeating_it_changes_nothing() {
    let graph = ideal();
    let (group, client) = (graph.group("Vault").await, azure(&graph));
    let made = put(&client, VAULT, ONE, &body(VAULT_ADMINISTRATOR, &group))
        .await
        .expect(201);
    assert_eq!(made.body["properties"]["scope"], VAULT);
    assert_eq!(made.body["properties"]["createdBy"], Value::Null);
    let before = client.simulator.journal().len();
    let again = put(&client, VAULT, ONE, &body(VAULT_ADMINISTRATOR, &group))
        .await
        .expect(200);
    assert_eq!(again.body["properties"]["createdBy"], OPERATOR_OBJECT);
    assert!(
        client.simulator.journal()[before..]
            .iter()
            .all(|entry| entry.effects.is_empty())
    );

    let twin = put(&client, VAULT, TWO, &body(VAULT_ADMINISTRATOR, &group)).await;
    twin.is(409, "RoleAssignmentExists");
    assert!(
        twin.message().contains(&ONE.replace('-', "")),
        "{}",
        twin.message()
    );
    let other = put(&client, VAULT, ONE, &body(READER, &group)).await;
    other.is(400, "RoleAssignmentUpdateNotPermitted");

    let path = assignment(VAULT, ONE);
    let gone = ask(&client, Method::DELETE, &path, None).await.expect(200);
    assert_eq!(gone.body["name"], ONE);
    ask(&client, Method::DELETE, &path, None).await.expect(204);
    ask(&client, Method::GET, &path, None)
        .await
        .is(404, "RoleAssignmentNotFound");
    let holdings = client.simulator.holdings();
    let of_group = holdings
        .azure_roles()
        .iter()
        .filter(|(_, holder, _)| holder.to_string() == group);
    assert_eq!(of_group.count(), 0);
}

#[tokio::test]
async fn a_list_shows_what_holds_above_and_below_and_filters_tell_which() {
    let graph = ideal();
    let (group, client) = (graph.group("Vault").await, azure(&graph));
    put(&client, VAULT, ONE, &body(VAULT_ADMINISTRATOR, &group))
        .await
        .expect(201);
    put(&client, PAYMENTS, TWO, &body(READER, &group))
        .await
        .expect(201);
    let of_group = format!("principalId eq '{group}'");
    assert_eq!(listed(&client, PAYMENTS, &of_group).await, [ONE, TWO]);
    assert_eq!(listed(&client, VAULT, &of_group).await, [ONE, TWO]);
    let at_scope = format!("atScope() and {of_group}");
    assert_eq!(listed(&client, PAYMENTS, &at_scope).await, [TWO]);
    assert_eq!(
        listed(&client, VAULT, "").await.len(),
        4,
        "with the operator's own, and what the owner of everything inherits"
    );
    let wrong =
        "/providers/Microsoft.Authorization/roleAssignments?$filter=roleDefinitionId eq 'x'";
    ask(&client, Method::GET, &format!("{PAYMENTS}{wrong}"), None)
        .await
        .is(400, "UnsupportedQuery");
    let of_groups = format!("assignedTo('{group}')");
    let path =
        format!("{PAYMENTS}/providers/Microsoft.Authorization/roleAssignments?$filter={of_groups}");
    assert_eq!(
        ask(&client, Method::GET, &path, None).await.status,
        400,
        "groups are not taken"
    );
}

#[tokio::test]
async fn nobody_writes_where_no_role_of_theirs_reaches() {
    let graph = ideal();
    let (group, client) = (graph.group("Vault").await, azure(&graph));
    let mut wanted = body(READER, &group);
    let reader = format!("/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    wanted["properties"]["roleDefinitionId"] = json!(reader);
    let refused = put(&client, SANDBOX, ONE, &wanted).await;
    refused.is(403, "AuthorizationFailed");
    let action = "Microsoft.Authorization/roleAssignments/write";
    assert!(refused.message().contains(action), "{}", refused.message());
    let seen = ask(&client, Method::GET, "/subscriptions", None)
        .await
        .expect(200);
    assert_eq!(seen.column("displayName"), ["Payments production"]);
    let above = "/providers/Microsoft.Management/managementGroups/payments";
    put(&client, above, ONE, &wanted)
        .await
        .is(403, "AuthorizationFailed");
    let nowhere = format!("{PAYMENTS}/resourceGroups/nowhere");
    put(&client, &nowhere, ONE, &body(READER, &group))
        .await
        .is(404, "ResourceGroupNotFound");
    let of_graph = client.bearing(&graph.token);
    put(&of_graph, VAULT, ONE, &wanted)
        .await
        .is(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_new_group_is_not_known_at_once_and_what_it_is_must_be_right() {
    let graph = tenant(Profile::Service, &[]);
    let (group, client) = (graph.group("Vault").await, azure(&graph));
    let early = put(&client, VAULT, ONE, &body(VAULT_ADMINISTRATOR, &group)).await;
    early.is(400, "PrincipalNotFound");
    client.simulator.advance(SignedDuration::from_mins(2));
    let client = azure(&client);
    let mut wrong = body(VAULT_ADMINISTRATOR, &group);
    wrong["properties"]["principalType"] = json!("User");
    put(&client, VAULT, ONE, &wrong)
        .await
        .is(400, "UnmatchedPrincipalType");
    put(&client, VAULT, ONE, &body(VAULT_ADMINISTRATOR, &group))
        .await
        .expect(201);
}

#[tokio::test]
async fn roles_are_found_by_name_and_a_version_is_asked_for() {
    let client = azure(&ideal());
    let path = "/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName eq 'key vault administrator'";
    let found = ask(&client, Method::GET, &format!("{VAULT}{path}"), None)
        .await
        .expect(200);
    assert_eq!(found.column("name"), [VAULT_ADMINISTRATOR]);
    assert_eq!(
        found.column("id"),
        [format!(
            "{PAYMENTS}/providers/Microsoft.Authorization/roleDefinitions/{VAULT_ADMINISTRATOR}"
        )]
    );
    let all = "/providers/Microsoft.Authorization/roleDefinitions";
    let all = ask(&client, Method::GET, all, None).await.expect(200);
    assert!(all.column("name").len() > 900);
    let url = format!("https://management.azure.com{}", assignment(VAULT, ONE));
    client.get(&url).await.is(400, "MissingApiVersionParameter");
    let wrong = client.get(&format!("{url}?api-version=2099-01-01")).await;
    wrong.is(404, "InvalidResourceType");
    let words = "The resource type 'roleAssignments' could not be found in the namespace 'Microsoft.Authorization'";
    assert!(wrong.message().starts_with(words), "{}", wrong.message());
    let own = "https://management.azure.com/subscriptions?api-version=latest";
    client.get(own).await.is(400, "InvalidApiVersionParameter");
}
