//! A tenant with `managementPolicy: Observe`: everything is compared and told, and nothing is written, whatever anybody asks for.

use std::time::Duration;

use entra_sim::faults::Rule;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{NAMESPACE, World, always, operation, refuse};
use crate::hazards::holds;
use crate::preflight::{READ, sign_in_anew, status};
use crate::story::{self, BREAK_GLASS, GROUP};

/// Sets whether the operator may write to the tenant.
pub fn set(world: &World, policy: &str) {
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["managementPolicy"] = json!(policy);
    });
}

#[tokio::test(start_paused = true)]
async fn permissions_to_read_are_enough_to_be_told_what_would_be_done() {
    let world = World::new();
    world.permit_only(&READ);
    set(&world, "Observe");
    story::apply(&world);
    world.start();
    story::until_group(&world, "Paused").await;
    let message = world.message("PrivilegedGroup", GROUP);
    assert!(message.contains("it would create"), "{message}");
    assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
    world.until_tenant_ready().await;
    let permissions = &status(&world)["permissions"];
    assert_eq!(permissions["profile"], "Observe");
    assert_eq!(permissions["missing"], json!([]), "no more is needed");
    world.permit(&[], &[]);
    sign_in_anew(&world);
    set(&world, "Manage");
    world.until_ready(NAMESPACE).await;
}

#[tokio::test(start_paused = true)]
async fn what_changes_on_either_side_is_told_and_left_until_the_tenant_is_managed_again() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(10)).await;
    set(&world, "Observe");
    story::look_every(&world, "PT10M");
    world.pass(Duration::from_mins(1)).await;
    let (gone, new) = ("amira@contoso.com", "chidi@contoso.com");
    story::remove_person(&world, gone);
    story::add_person(&world, new);
    world.delete("ActiveAssignment", BREAK_GLASS);
    let rule = story::lets_anybody_activate(&world).await;
    let before = world.held();
    let jose = world.external_actor().user("jose@contoso.com").await;
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["deniedPrincipals"] = json!([jose]);
    });
    assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
    assert_eq!(world.held(), before, "not even the emergency stop");
    for (kind, name, words) in [
        ("PrivilegedGroup", GROUP, rule),
        ("EligibleAssignment", GROUP, gone),
        ("ActiveAssignment", BREAK_GLASS, "it would"),
    ] {
        let message = world.message(kind, name);
        assert!(
            message.contains("Observe") && message.contains(words),
            "{kind} {name}: {message}"
        );
    }
    set(&world, "Manage");
    world
        .until("everything is made true", |world| {
            holds(world, new) && !holds(world, gone) && !holds(world, "jose@contoso.com")
        })
        .await;
    world.pass(Duration::from_mins(20)).await;
    assert!(world.object("ActiveAssignment", BREAK_GLASS).is_none());
}

/// What status remembers of the first grant of somebody; nothing if they were never granted anything.
fn first_granted(world: &World, who: &str) -> Value {
    let object = world.object("EligibleAssignment", GROUP).unwrap();
    let subjects = object["status"]["subjects"].as_array().unwrap();
    let row = subjects.iter().find(|one| one["name"] == who);
    row.map_or(Value::Null, |row| row["firstGranted"].clone())
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_still_waits_for_its_turn_is_forgotten_and_begins_when_it_is_really_made() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(10)).await;
    let new = "chidi@contoso.com";
    let wait = Some(SignedDuration::from_secs(50));
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(operation("pimGroups.*.create"), refuse(429, wait))
    });
    story::add_person(&world, new);
    let noted = |world: &World| !first_granted(world, new).is_null();
    world.until("the grant is noted", noted).await;
    set(&world, "Observe");
    assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
    assert_eq!(first_granted(&world, new), Value::Null);
    set(&world, "Manage");
    world
        .until("it is granted", |world| holds(world, new))
        .await;
}
