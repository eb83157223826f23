//! Which application permission each operation asks for.

use serde_json::json;

use crate::client::{Answer, Client, OPERATOR_OBJECT, group, group_and_user, ideal, seeded};

fn denied(answer: &Answer) {
    answer.is(403, "Authorization_RequestDenied");
    assert_eq!(
        answer.message(),
        "Insufficient privileges to complete the operation."
    );
}

#[tokio::test]
async fn each_operation_asks_for_its_permission() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
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
    reader.get(&format!("/groups/{id}")).await.expect(200);
    denied(
        &reader
            .patch(&format!("/groups/{id}"), json!({"description": "x"}))
            .await,
    );
    denied(&reader.add(&id, "members", &jose).await);
    let members = client.permitted(&["GroupMember.ReadWrite.All"]);
    members.add(&id, "members", &jose).await.expect(204);
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
    let created = creator.post("/groups", body).await.expect(201);
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
    whole.delete(&format!("/groups/{id}")).await.expect(204);
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
    client.add(&id, "owners", OPERATOR_OBJECT).await;
    let half = client.permitted(&["Group.ReadWrite.All"]);
    half.delete(&format!("/groups/{id}")).await.expect(204);
}

#[tokio::test]
async fn a_privileged_role_administrator_may_delete_a_role_assignable_group() {
    let client = ideal();
    let id = client.role_assignable("Admins").await;
    let grant = json!({
        "roleDefinitionId": "e8611ab8-c189-46e8-94e1-60213ab1f814", "directoryScopeId": "/",
        "principalId": OPERATOR_OBJECT,
    });
    client
        .post("/roleManagement/directory/roleAssignments", grant)
        .await
        .expect(201);
    let half = client.permitted(&["Group.ReadWrite.All"]);
    half.delete(&format!("/groups/{id}")).await.expect(204);
}

#[tokio::test]
async fn references_ask_for_no_permission_to_read_what_they_name() {
    let (client, id, jose) = group_and_user("Ops", "jose").await;
    let writer = client.permitted(&["Group.ReadWrite.All"]);
    writer.add(&id, "members", &jose).await.expect(204);
    writer.add(&id, "owners", &jose).await.expect(204);
    let mut body = group("Bound");
    body["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{jose}")]);
    writer.post("/groups", body).await.expect(201);
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
    reader.get(&item).await.expect(200);
    reader.get(list).await.expect(200);
}

#[tokio::test]
async fn a_permission_granted_later_is_in_later_tokens_only() {
    let client = ideal().permitted(&[]);
    let old = client.clone();
    let new = client.permitted(&["Group.Read.All"]);
    denied(&old.get("/groups").await);
    new.get("/groups").await.expect(200);
}

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const HELPDESK_ADMINISTRATOR: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

async fn give(client: &Client, principal: &str, role: &str) {
    let body = json!({"roleDefinitionId": role, "directoryScopeId": "/", "principalId": principal});
    client
        .post("/roleManagement/directory/roleAssignments", body)
        .await
        .expect(201);
}

#[tokio::test]
async fn the_operator_of_the_demo_changes_no_user() {
    let client = seeded(entra_sim::seed::BUILT_IN);
    let jose = client.user("jose").await;
    let at = format!("/users/{jose}");
    denied(&client.patch(&at, json!({"accountEnabled": false})).await);
    denied(&client.patch(&at, json!({"jobTitle": "x"})).await);
    denied(&client.delete(&at).await);
    denied(&client.post("/users", json!({"displayName": "x"})).await);
    client.get(&at).await.expect(200);
}

#[tokio::test]
async fn each_change_of_a_user_has_its_least_permission() {
    let client = ideal();
    let jose = format!("/users/{}", client.user("jose").await);
    let (off, title) = (json!({"accountEnabled": false}), json!({"jobTitle": "x"}));
    let enabler = client.permitted(&["User.EnableDisableAccount.All", "User.Read.All"]);
    enabler.patch(&jose, off.clone()).await.expect(204);
    denied(&enabler.patch(&jose, title.clone()).await);
    denied(&enabler.delete(&jose).await);
    let half = client.permitted(&["User.EnableDisableAccount.All"]);
    denied(&half.patch(&jose, off).await);
    let directory = client.permitted(&["Directory.ReadWrite.All"]);
    directory.patch(&jose, title).await.expect(204);
    denied(&directory.delete(&jose).await);
    let remover = client.permitted(&["User.DeleteRestore.All"]);
    denied(&remover.patch(&jose, json!({"jobTitle": "y"})).await);
    remover.delete(&jose).await.expect(204);
}

#[tokio::test]
async fn against_administrators_an_application_needs_a_role_itself() {
    let client = ideal();
    let (boss, grace, jose) = (
        client.user("boss").await,
        client.user("grace").await,
        client.user("jose").await,
    );
    let admins = client.role_assignable("Admins").await;
    client.add(&admins, "members", &boss).await;
    give(&client, &grace, HELPDESK_ADMINISTRATOR).await;
    let off = json!({"accountEnabled": false});
    let at = |id: &str| format!("/users/{id}");
    client.patch(&at(&jose), off.clone()).await.expect(204);
    for id in [&boss, &grace] {
        denied(&client.patch(&at(id), off.clone()).await);
        denied(
            &client
                .patch(&at(id), json!({"userPrincipalName": "x@contoso.com"}))
                .await,
        );
        denied(&client.delete(&at(id)).await);
        client
            .patch(&at(id), json!({"jobTitle": "x"}))
            .await
            .expect(204);
    }
    give(&client, OPERATOR_OBJECT, USER_ADMINISTRATOR).await;
    client.patch(&at(&grace), off.clone()).await.expect(204);
    denied(&client.patch(&at(&boss), off.clone()).await);
    give(&client, OPERATOR_OBJECT, GLOBAL_ADMINISTRATOR).await;
    client.patch(&at(&boss), off).await.expect(204);
    client.delete(&at(&boss)).await.expect(204);
}
