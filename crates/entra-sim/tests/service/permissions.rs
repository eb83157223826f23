//! Which application permission each operation asks for.

use serde_json::json;

use crate::client::{Answer, group, ideal};

fn denied(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (403, "Authorization_RequestDenied"),
        "{answer:?}"
    );
    assert_eq!(
        answer.message(),
        "Insufficient privileges to complete the operation."
    );
}

#[tokio::test]
async fn each_operation_asks_for_its_permission() {
    let client = ideal();
    let id = client.group("Ops").await;
    let jose = client.user("jose").await;
    let none = client.permitted(&[]);
    for path in [
        "/groups",
        "/users",
        "/servicePrincipals",
        "/organization",
        "/subscribedSkus",
        "/groups/delta",
    ] {
        denied(&none.get(path).await);
    }
    denied(&none.post("/groups", group("X")).await);
    let reader = client.permitted(&["Group.Read.All"]);
    assert_eq!(reader.get(&format!("/groups/{id}")).await.status, 200);
    denied(
        &reader
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await,
    );
    denied(&reader.add(&id, "members", &jose).await);
    let members = client.permitted(&["GroupMember.ReadWrite.All"]);
    assert_eq!(members.add(&id, "members", &jose).await.status, 204);
    denied(&members.add(&id, "owners", &jose).await);
    denied(
        &members
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await,
    );
    denied(&members.delete(&format!("/groups/{id}")).await);
}

#[tokio::test]
async fn who_may_only_create_must_be_able_to_read_what_he_binds() {
    let client = ideal();
    let boss = client.user("boss").await;
    let creator = client.permitted(&["Group.Create"]);
    let mut body = group("Bound");
    body["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{boss}")]);
    denied(&creator.post("/groups", body.clone()).await);
    let creator = client.permitted(&["Group.Create", "User.Read.All"]);
    let created = creator.post("/groups", body).await;
    assert_eq!(created.status, 201, "{created:?}");
    denied(
        &creator
            .patch(
                &format!("/groups/{}", created.id()),
                json!({"description": "x"}),
            )
            .await,
    );
}

#[tokio::test]
async fn role_assignable_groups_ask_for_a_second_permission() {
    let client = ideal();
    let id = client.role_assignable("Admins").await;
    let jose = client.user("jose").await;
    client.add(&id, "owners", &jose).await;
    let half = client.permitted(&["Group.ReadWrite.All", "User.Read.All"]);
    let mut body = group("Admins");
    body["isAssignableToRole"] = json!(true);
    denied(&half.post("/groups", body).await);
    denied(
        &half
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await,
    );
    denied(&half.add(&id, "members", &jose).await);
    denied(&half.remove(&id, "owners", &jose).await);
    denied(&half.delete(&format!("/groups/{id}")).await);
    let whole = client.permitted(&[
        "Group.ReadWrite.All",
        "User.Read.All",
        "RoleManagement.ReadWrite.Directory",
    ]);
    assert_eq!(whole.delete(&format!("/groups/{id}")).await.status, 204);
    denied(
        &half
            .post(&format!("/directory/deletedItems/{id}/restore"), json!({}))
            .await,
    );
}

#[tokio::test]
async fn an_owner_may_delete_his_role_assignable_group() {
    let client = ideal();
    let id = client.role_assignable("Admins").await;
    client
        .add(&id, "owners", crate::client::OPERATOR_OBJECT)
        .await;
    let half = client.permitted(&["Group.ReadWrite.All"]);
    assert_eq!(half.delete(&format!("/groups/{id}")).await.status, 204);
}

#[tokio::test]
async fn a_privileged_role_administrator_may_delete_a_role_assignable_group() {
    let client = ideal();
    let id = client.role_assignable("Admins").await;
    let grant = json!({
        "roleDefinitionId": "e8611ab8-c189-46e8-94e1-60213ab1f814", "directoryScopeId": "/",
        "principalId": crate::client::OPERATOR_OBJECT,
    });
    let role = client
        .post("/roleManagement/directory/roleAssignments", grant)
        .await;
    assert_eq!(role.status, 201, "{role:?}");
    let half = client.permitted(&["Group.ReadWrite.All"]);
    assert_eq!(half.delete(&format!("/groups/{id}")).await.status, 204);
}

#[tokio::test]
async fn references_ask_for_no_permission_to_read_what_they_name() {
    let client = ideal();
    let id = client.group("Ops").await;
    let jose = client.user("jose").await;
    let writer = client.permitted(&["Group.ReadWrite.All"]);
    assert_eq!(writer.add(&id, "members", &jose).await.status, 204);
    assert_eq!(writer.add(&id, "owners", &jose).await.status, 204);
    let mut body = group("Bound");
    body["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{jose}")]);
    assert_eq!(writer.post("/groups", body).await.status, 201);
}

#[tokio::test]
async fn a_deleted_object_is_read_with_the_permission_of_its_kind() {
    let client = ideal();
    let group = client.group("Gone").await;
    client.delete(&format!("/groups/{group}")).await;
    let item = format!("/directory/deletedItems/{group}");
    let list = "/directory/deletedItems/microsoft.graph.group";
    let others = client.permitted(&[
        "User.Read.All",
        "Directory.Read.All",
        "GroupMember.Read.All",
    ]);
    denied(&others.get(&item).await);
    denied(&others.get(list).await);
    let reader = client.permitted(&["Group.Read.All"]);
    assert_eq!(reader.get(&item).await.status, 200);
    assert_eq!(reader.get(list).await.status, 200);
}

#[tokio::test]
async fn a_permission_granted_later_is_in_later_tokens_only() {
    let client = ideal().permitted(&[]);
    let old = client.clone();
    let new = client.permitted(&["Group.Read.All"]);
    denied(&old.get("/groups").await);
    assert_eq!(new.get("/groups").await.status, 200);
}
