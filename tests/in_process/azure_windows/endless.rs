//! What never ends, beside what does: plain assignments, windows that somebody made endless, one binding in the place of another.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::{BINDING, CONTRIBUTOR, STORAGE, binding, by_hand, end, held, standing, until_bound};
use crate::azure::{GROUP, SUBSCRIPTION};
use crate::harness::{World, days, text};

/// Lets the settings of the role at the storage account allow what never ends.
async fn allow_for_ever(world: &World) {
    let actor = world.external_actor();
    let policies = format!("{STORAGE}/providers/Microsoft.Authorization/roleManagementPolicies");
    let definition =
        format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}");
    let of_role = format!("{policies}?$filter=roleDefinitionId%20eq%20'{definition}'");
    let listed = actor.ask_azure_pim("GET", &of_role, None).await;
    let policy = &listed["value"][0];
    let rules = policy["properties"]["rules"].as_array().unwrap();
    let rule = rules
        .iter()
        .find(|rule| rule["id"] == "Expiration_Admin_Assignment");
    let mut rule = rule.unwrap().clone();
    rule["isExpirationRequired"] = json!(false);
    let path = format!("{policies}/{}", text(&policy["name"]));
    let body = json!({"properties": {"rules": [rule]}});
    actor.ask_azure_pim("PATCH", &path, Some(body)).await;
}

#[tokio::test(start_paused = true)]
async fn a_window_that_somebody_made_endless_ends_again_and_goes_with_the_object() {
    let world = standing(World::new()).await;
    allow_for_ever(&world).await;
    world.apply(&binding("Active", STORAGE, &days(30)));
    until_bound(&world).await;
    let declared = end(&world, "Active").await;
    world.pass(Duration::from_mins(6)).await;
    by_hand(
        &world,
        "Active",
        "AdminUpdate",
        json!({"type": "NoExpiration"}),
    )
    .await;
    world
        .until("told", |world| {
            !world.notes("DriftCorrected", BINDING).is_empty()
        })
        .await;
    world.pass(Duration::from_mins(6)).await;
    assert_eq!(end(&world, "Active").await, declared);
    by_hand(
        &world,
        "Active",
        "AdminUpdate",
        json!({"type": "NoExpiration"}),
    )
    .await;
    world.delete("RoleBinding", BINDING);
    world.until_gone("RoleBinding", BINDING).await;
    assert!(!held(&world, "Active"), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_lasting_binding_takes_the_place_of_one_that_ends() {
    for is_allowed_for_ever in [false, true] {
        let world = standing(World::new()).await;
        if is_allowed_for_ever {
            allow_for_ever(&world).await;
        }
        world.apply(&binding("Active", STORAGE, &world.hours(3)));
        until_bound(&world).await;
        world.pass(Duration::from_mins(6)).await;
        let mut lasting = binding("Active", STORAGE, &json!({"expiration": {"never": {}}}));
        lasting["metadata"]["name"] = json!("lasting");
        world.apply(&lasting);
        world.delete("RoleBinding", BINDING);
        world.until_gone("RoleBinding", BINDING).await;
        world
            .until("it is an assignment now", |world| {
                held(world, "Active") && world.is_ready("RoleBinding", "lasting")
            })
            .await;
        world.pass(Duration::from_hours(4)).await;
        assert!(held(&world, "Active"), "{:?}", world.held());
        world.delete("RoleBinding", "lasting");
        world.until_gone("RoleBinding", "lasting").await;
        assert!(!held(&world, "Active"), "{:?}", world.held());
    }
}

/// Somebody assigns the role for ever, and returns where the assignment is.
async fn assign_by_hand(world: &World) -> String {
    let group = world.group_id(GROUP).await;
    let path = format!(
        "{STORAGE}/providers/Microsoft.Authorization/roleAssignments/{}",
        Uuid::new_v4()
    );
    let role =
        format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}");
    let body = json!({"properties": {
        "principalId": group, "roleDefinitionId": role, "principalType": "Group",
    }});
    let actor = world.external_actor();
    actor.ask_azure("PUT", &path, Some(body)).await;
    path
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_lasting_assignment_is_not_shortened() {
    let world = standing(World::new()).await;
    let path = assign_by_hand(&world).await;
    world.apply(&binding("Active", STORAGE, &days(30)));
    world.until_reason("RoleBinding", BINDING, "Conflict").await;
    let message = world.message("RoleBinding", BINDING);
    assert!(message.contains("for ever"), "{message}");
    assert_eq!(world.writes_within(Duration::from_hours(1)).await, 0);
    world
        .external_actor()
        .ask_azure("DELETE", &path, None)
        .await;
    world
        .until("bound", |world| world.is_ready("RoleBinding", BINDING))
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_assigns_in_the_same_moment_is_not_taken_for_ours() {
    let world = standing(World::behaving(&[("azureGrantLag", "60s")])).await;
    let path = assign_by_hand(&world).await;
    world.apply(&binding("Active", STORAGE, &days(30)));
    world.until_reason("RoleBinding", BINDING, "Conflict").await;
    assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
    world.delete("RoleBinding", BINDING);
    world.until_gone("RoleBinding", BINDING).await;
    assert!(held(&world, "Active"), "{:?}", world.held());
    world.external_actor().ask_azure("GET", &path, None).await;
}
