//! A group that stands or was deleted under the key of an object: what it holds is judged before it is taken up.

use std::time::Duration;

use entra_pim_operator::resolve::identity::group_key;
use pim_core::ids::ObjectName;
use serde_json::{Value, json};

use super::{eligible, group, holds};
use crate::harness::{NAMESPACE, World, text};
use crate::intune::EMPLOYEES;
use crate::story;

/// Ids of roles (learn.microsoft.com: "Microsoft Entra built-in roles").
const HELPDESK_ADMINISTRATOR: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

const ROLES: &str = "/roleManagement/directory";

/// The name of the object, which the boundary allows.
const NAME: &str = "Night";

fn key() -> String {
    group_key(
        "demo",
        &ObjectName::new(NAMESPACE, NAME.to_lowercase().as_str()),
    )
    .as_str()
    .to_owned()
}

/// A world with a boundary, and a group that somebody made under the key of an object that is applied later.
async fn with_group(more: Value) -> (World, String) {
    let world = World::new();
    story::apply_boundary(&world);
    let mut body = json!({
        "displayName": "old", "mailEnabled": false, "mailNickname": key(), "securityEnabled": true,
    });
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    let made = world
        .external_actor()
        .ask("POST", "/groups", Some(body))
        .await;
    (world, text(&made["id"]))
}

/// Asks for a role of a group.
async fn ask_for_role(world: &World, kind: &str, group: &str, role: &str, expiration: Value) {
    let body = json!({
        "action": "adminAssign", "principalId": group, "roleDefinitionId": role, "directoryScopeId": "/",
        "justification": "by hand", "scheduleInfo": {"startDateTime": null, "expiration": expiration},
    });
    let path = format!("{ROLES}/{kind}ScheduleRequests");
    world.external_actor().ask("POST", &path, Some(body)).await;
}

/// Applies the object with somebody who may activate, and starts the operator.
async fn declare(world: &World, role_assignable: bool) {
    let name = NAME.to_lowercase();
    let mut manifest = group(&name);
    manifest["spec"]["roleAssignable"] = json!(role_assignable);
    world.apply(&manifest);
    world.apply(&eligible(&name, &["jose@contoso.com"]));
    world.start();
    world.pass(Duration::from_mins(30)).await;
}

fn assert_is_not_taken_up(world: &World) {
    let reason = world.reason("PrivilegedGroup", &NAME.to_lowercase());
    assert_eq!(reason, "AdoptionRequired", "{}", world.summary());
    assert!(!holds(world, "jose@contoso.com"), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_that_anybody_could_have_made_is_not_taken_up() {
    let (world, id) = with_group(json!({})).await;
    let chidi = world.external_actor().user("chidi@contoso.com").await;
    for list in ["owners", "members"] {
        world.external_actor().join(&id, list, &chidi).await;
    }
    let actor = world.external_actor();
    actor.ask("DELETE", &format!("/groups/{id}"), None).await;
    declare(&world, false).await;
    assert_is_not_taken_up(&world);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_with_a_role_that_the_boundary_does_not_list_is_not_taken_up() {
    let (world, id) = with_group(json!({"isAssignableToRole": true})).await;
    let never = json!({"type": "noExpiration"});
    ask_for_role(&world, "roleAssignment", &id, HELPDESK_ADMINISTRATOR, never).await;
    world.pass(Duration::from_mins(6)).await;
    let path = format!("/groups/{id}");
    world.external_actor().ask("DELETE", &path, None).await;
    world.pass(Duration::from_hours(24)).await;
    declare(&world, true).await;
    assert_is_not_taken_up(&world);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_eligible_for_a_role_that_the_boundary_does_not_list_is_not_taken_up() {
    let (world, id) = with_group(json!({"isAssignableToRole": true})).await;
    let month = json!({"type": "afterDuration", "duration": "P30D"});
    ask_for_role(&world, "roleEligibility", &id, GLOBAL_ADMINISTRATOR, month).await;
    let before = world.tenant.counters().writes;
    declare(&world, true).await;
    assert_is_not_taken_up(&world);
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert_eq!(world.tenant.counters().writes, before, "it is not ours");
    assert_eq!(world.external_actor().group(&key()).await, id);
}

#[tokio::test(start_paused = true)]
async fn a_group_with_a_role_of_intune_that_the_boundary_does_not_list_is_not_taken_up() {
    let (world, id) = with_group(json!({"isAssignableToRole": true})).await;
    let role = "https://graph.microsoft.com/v1.0/deviceManagement/roleDefinitions('fb2603eb-3c87-4be3-8b5b-d58a5b4a0bc0')";
    let body = json!({
        "displayName": "by hand", "members": [id], "resourceScopes": [EMPLOYEES], "roleDefinition@odata.bind": role,
    });
    let actor = world.external_actor();
    actor
        .ask("POST", "/deviceManagement/roleAssignments", Some(body))
        .await;
    declare(&world, true).await;
    assert_is_not_taken_up(&world);
}
