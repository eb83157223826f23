//! Roles of applications given to groups and service principals.

use serde_json::json;

use crate::client::{OPERATOR_OBJECT, ideal};

const ROLE: &str = "66666666-6666-4666-8666-666666666666";

#[tokio::test]
async fn a_group_gets_a_role_of_an_application_once() {
    let client = ideal();
    let group = client.group("Desk").await;
    let desk = client
        .get("/servicePrincipals(appId='55555555-5555-4555-8555-555555555555')")
        .await
        .id();
    let body = json!({"principalId": group, "resourceId": desk, "appRoleId": ROLE});
    let path = format!("/servicePrincipals/{desk}/appRoleAssignedTo");
    let created = client.post(&path, body.clone()).await.expect(201);
    assert_eq!(created.body["principalType"], "Group");
    let again = client
        .post(&format!("/groups/{group}/appRoleAssignments"), body.clone())
        .await;
    assert_eq!(
        again.message(),
        "Permission being assigned already exists on the object"
    );
    let listed = client
        .get(&format!(
            "/groups/{group}/appRoleAssignments?$filter=resourceId eq {desk}"
        ))
        .await;
    assert_eq!(listed.column("id"), [created.id()]);
    assert_eq!(
        client.column(&path, "principalId").await,
        std::slice::from_ref(&group)
    );
    assert_eq!(
        client
            .get(&format!("{path}?$filter=principalId eq {group}"))
            .await
            .status,
        400,
        "no such filter"
    );
    let mut wrong = body;
    wrong["appRoleId"] = json!("99999999-9999-4999-8999-999999999999");
    assert_eq!(
        client.post(&path, wrong).await.message(),
        "Permission being assigned was not found on application."
    );
    client
        .delete(&format!("{path}/{}", created.id()))
        .await
        .expect(204);
    client
        .delete(&format!("{path}/{}", created.id()))
        .await
        .expect(404);
    client.assert_shapes();
}

#[tokio::test]
async fn the_zero_role_is_for_applications_without_roles() {
    let client = ideal();
    let group = client.group("Desk").await;
    let zero = "00000000-0000-0000-0000-000000000000";
    for (app, status) in [
        ("55555555-5555-4555-8555-555555555555", 400),
        ("77777777-7777-4777-8777-777777777777", 201),
    ] {
        let resource = client
            .get(&format!("/servicePrincipals(appId='{app}')"))
            .await
            .id();
        let body = json!({"principalId": group, "resourceId": resource, "appRoleId": zero});
        let answer = client
            .post(&format!("/groups/{group}/appRoleAssignments"), body)
            .await;
        assert_eq!(answer.status, status, "{app}");
    }
}

#[tokio::test]
async fn permissions_of_an_application_are_app_roles_of_graph() {
    let client = ideal().permitted(&["Application.Read.All", "Group.Create"]);
    let listed = client
        .get(&format!(
            "/servicePrincipals/{OPERATOR_OBJECT}/appRoleAssignments?$top=999"
        ))
        .await;
    let mut roles = listed.column("appRoleId");
    roles.sort();
    assert_eq!(
        roles,
        [
            "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
            "bf7b1a76-6e77-406b-b258-bf5c7720e98f"
        ]
    );
    assert_eq!(listed.header("x-ms-resource-unit"), "2");
}
