//! What the Resource Manager tells a caller of what they may do.

use entra_sim::Profile;
use http::Method;
use serde_json::{Value, json};

use super::azure_roles::{PAYMENTS, VAULT, ask, azure, owner};
use super::client::{Client, ideal, tenant};

const DATA: &str =
    "/subscriptions/5ab51111-1111-4111-8111-111111111111/resourceGroups/payments-data";
const SANDBOX: &str = "/subscriptions/5ab52222-2222-4222-8222-222222222222";
const ABOVE: &str = "/providers/Microsoft.Management/managementGroups/payments";

fn permissions(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/permissions")
}

async fn told(client: &Client, scope: &str) -> Vec<Value> {
    let answer = ask(client, Method::GET, &permissions(scope), None).await;
    let rows = &answer.expect(200).body["value"];
    rows.as_array().unwrap().clone()
}

#[tokio::test]
async fn every_role_that_reaches_a_scope_is_one_row() {
    let client = azure(&ideal());
    let of_vault = told(&client, VAULT).await;
    assert_eq!(
        of_vault,
        [json!({
            "actions": [
                "Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete",
                "*/read", "Microsoft.Support/*",
            ],
            "notActions": [], "dataActions": [], "notDataActions": [],
        })]
    );
    assert_eq!(told(&client, PAYMENTS).await, of_vault);
    let of_data = told(&client, DATA).await;
    assert_eq!(of_data.len(), 2, "{of_data:?}");
    let may_do_all = |row: &Value| row["actions"] == json!(["*"]);
    assert!(told(&owner(&client), VAULT).await.iter().any(may_do_all));
}

#[tokio::test]
async fn who_holds_nothing_at_a_scope_is_told_nothing_and_a_scope_has_to_be_there() {
    let client = azure(&ideal());
    let refused = ask(&client, Method::GET, &permissions(SANDBOX), None).await;
    refused.is(403, "AuthorizationFailed");
    let nowhere = permissions(&format!("{PAYMENTS}/resourceGroups/nowhere"));
    ask(&client, Method::GET, &nowhere, None)
        .await
        .is(404, "ResourceGroupNotFound");
}

#[tokio::test]
async fn above_subscriptions_it_is_told_where_the_service_does_so() {
    let client = owner(&ideal());
    assert_eq!(told(&client, ABOVE).await.len(), 1);
    let client = owner(&tenant(Profile::Ideal, &[("azurePermissionsAbove", "off")]));
    ask(&client, Method::GET, &permissions(ABOVE), None)
        .await
        .is(404, "InvalidResourceType");
    assert_eq!(told(&client, PAYMENTS).await.len(), 1);
}
