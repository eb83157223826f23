//! What Azure CLI asks for while it signs in, and what Terraform sends about roles after that.

use http::Method;
use serde_json::{Value, json};

use super::azure_roles::{PAYMENTS, ask_in, azure};
use super::client::{Client, TENANT, ideal};

/// An application that holds nothing in Azure.
const READER_APP: &str = "44444444-4444-4444-8444-444444444444";

async fn list(client: &Client, path: &str) -> Vec<Value> {
    let answer = ask_in(client, Method::GET, path, None, "2022-12-01").await;
    answer.expect(200).body["value"].as_array().unwrap().clone()
}

#[tokio::test]
async fn who_holds_nothing_sees_no_subscription_and_still_the_tenant() {
    let client = ideal();
    let app = READER_APP.parse().unwrap();
    let token = client.simulator.token(app, "https://management.azure.com");
    let reader = client.bearing(&token.unwrap());
    assert_eq!(list(&reader, "/subscriptions").await, Vec::<Value>::new());
    let tenants = list(&reader, "/tenants").await;
    assert_eq!(tenants[0]["tenantId"], TENANT);
    let seen = list(&azure(&client), "/subscriptions").await;
    assert_eq!(seen[0]["id"], PAYMENTS);
}

#[tokio::test]
async fn roles_and_eligibilities_are_given_and_taken_by_the_bodies_of_terraform() {
    let client = ideal();
    let group = client.role_assignable("PAG").await;
    let body = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment", "directoryScopeId": "/", "principalId": group,
        "roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    });
    let path = "/roleManagement/directory/roleAssignments";
    let made = client.post(path, body).await.expect(201);
    let one = format!("{path}/{}", made.id());
    let read = client.get(&one).await.expect(200);
    assert_eq!(read.body["principalId"], group);
    client.delete(&one).await.expect(204);
    let user = client.user("jose").await;
    let request = json!({
        "@odata.type": "#microsoft.graph.privilegedAccessGroupEligibilityScheduleRequest", "accessId": "member",
        "action": "adminAssign", "createdBy": null, "groupId": group, "justification": "first", "principalId": user,
        "scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "P10D"}, "startDateTime": null},
    });
    let path = "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
    client.post(path, request).await.expect(201);
    let removal = json!({
        "@odata.type": "#microsoft.graph.privilegedAccessGroupEligibilityScheduleRequest", "accessId": "member",
        "action": "adminRemove", "createdBy": null, "groupId": group, "principalId": user,
    });
    let removed = client.post(path, removal).await.expect(201);
    assert_eq!(removed.body["status"], "Revoked");
    client.assert_shapes();
}
