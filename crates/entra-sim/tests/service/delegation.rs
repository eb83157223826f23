//! What a signed-in user may change: what their directory roles or their ownership let them, whatever the application
//! may do.

use serde_json::json;

use crate::client::{Answer, Client, group, ideal, reference};

const PRIVILEGED_ROLE_ADMINISTRATOR: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const GROUPS_ADMINISTRATOR: &str = "fdd7a751-b60b-444a-984c-02652fe8fa1c";
const DIRECTORY_WRITERS: &str = "9360feb5-f418-4baa-8175-e2a00bac4301";
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

fn denied(answer: &Answer) {
    answer.is(403, "Authorization_RequestDenied");
}

fn done(answer: &Answer) {
    assert!((200..300).contains(&answer.status), "{answer:?}");
}

fn signed_in(client: &Client, name: &str) -> Client {
    client.with("x-entra-sim-user", &format!("{name}@contoso.com"))
}

async fn give(client: &Client, name: &str, role: &str) {
    let body = json!({
        "roleDefinitionId": role, "directoryScopeId": "/", "principalId": client.user(name).await,
    });
    done(
        &client
            .post("/roleManagement/directory/roleAssignments", body)
            .await,
    );
}

#[tokio::test]
async fn a_user_without_a_role_changes_nothing_but_what_he_owns() {
    let client = ideal();
    let jose = client.user("jose").await;
    let (plain, admins) = (
        client.group("Ops").await,
        client.role_assignable("Admins").await,
    );
    let user = signed_in(&client, "amira");
    for id in [&plain, &admins] {
        let path = format!("/groups/{id}");
        denied(&user.patch(&path, json!({"description": "x"})).await);
        denied(&user.add(id, "members", &jose).await);
        denied(&user.add(id, "owners", &jose).await);
        denied(&user.delete(&path).await);
        done(&user.get(&path).await);
    }
    denied(&user.delete(&format!("/users/{jose}")).await);
    client.delete(&format!("/users/{jose}")).await;
    let restore = format!("/directory/deletedItems/{jose}/restore");
    denied(&user.post(&restore, json!({})).await);
    done(&client.post(&restore, json!({})).await);
    let amira = client.user("amira").await;
    for id in [&plain, &admins] {
        done(&client.add(id, "owners", &amira).await);
        done(&user.add(id, "members", &jose).await);
        done(&user.delete(&format!("/groups/{id}")).await);
    }
}

#[tokio::test]
async fn every_member_may_create_groups_but_none_that_roles_can_be_assigned_to() {
    let client = ideal();
    let mut admins = group("Admins");
    admins["isAssignableToRole"] = json!(true);
    let user = signed_in(&client, "amira");
    done(&user.post("/groups", group("Friends")).await);
    denied(&user.post("/groups", admins.clone()).await);
    let guest = client.with("x-entra-sim-user", "hal_fabrikam.com#EXT#@contoso.com");
    denied(&guest.post("/groups", group("Friends")).await);
    give(&client, "amira", PRIVILEGED_ROLE_ADMINISTRATOR).await;
    done(&user.post("/groups", admins).await);
}

#[tokio::test]
async fn roles_reach_as_far_as_they_are_meant_to() {
    let client = ideal();
    let (plain, admins) = (
        client.group("Ops").await,
        client.role_assignable("Admins").await,
    );
    let change = json!({"description": "x"});
    give(&client, "amira", GROUPS_ADMINISTRATOR).await;
    give(&client, "chidi", DIRECTORY_WRITERS).await;
    give(&client, "dana", PRIVILEGED_ROLE_ADMINISTRATOR).await;
    give(&client, "emi", USER_ADMINISTRATOR).await;
    let [groups, writer, roles, users] =
        ["amira", "chidi", "dana", "emi"].map(|name| signed_in(&client, name));
    let (at_plain, at_admins) = (format!("/groups/{plain}"), format!("/groups/{admins}"));
    done(&writer.patch(&at_plain, change.clone()).await);
    denied(&writer.delete(&at_plain).await);
    denied(&groups.patch(&at_admins, change.clone()).await);
    denied(&groups.delete(&at_admins).await);
    done(&groups.delete(&at_plain).await);
    denied(
        &roles
            .patch("/users/jose@contoso.com", json!({"jobTitle": "x"}))
            .await,
    );
    done(
        &users
            .patch("/users/jose@contoso.com", json!({"jobTitle": "x"}))
            .await,
    );
    done(&roles.patch(&at_admins, change).await);
    done(&roles.delete(&at_admins).await);
}

#[tokio::test]
async fn units_contexts_and_application_roles_have_administrators_of_their_own() {
    let client = ideal();
    let units = client.get("/directory/administrativeUnits").await;
    let unit = units.column("id")[0].clone();
    let members = format!("/directory/administrativeUnits/{unit}/members/$ref");
    let jose = client.user("jose").await;
    let context = "/identity/conditionalAccess/authenticationContextClassReferences/c9";
    let user = signed_in(&client, "amira");
    denied(&user.post(&members, reference(&jose)).await);
    let refused = user.patch(context, json!({"displayName": "New"})).await;
    refused.is(403, "AccessDenied");
    give(&client, "amira", PRIVILEGED_ROLE_ADMINISTRATOR).await;
    done(&user.post(&members, reference(&jose)).await);
    give(&client, "amira", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9").await;
    done(&user.patch(context, json!({"displayName": "New"})).await);
}

#[tokio::test]
async fn what_does_not_exist_is_said_not_to_exist() {
    let user = signed_in(&ideal(), "amira");
    let unknown = "/groups/99999999-9999-4999-8999-999999999999";
    user.delete(unknown).await.expect(404);
}
