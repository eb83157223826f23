//! A tenant with `managementPolicy: Observe`: everything is compared and told, and nothing is written, whatever anybody asks for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{NAMESPACE, World};
use crate::hazards::holds;
use crate::preflight::{READ, sign_in_anew};
use crate::story::{self, BREAK_GLASS, GROUP};

fn set(world: &World, policy: &str) {
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["managementPolicy"] = json!(policy);
    });
}

fn tenant(world: &World) -> Value {
    world.object("EntraTenant", "contoso").unwrap()
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
    let permissions = &tenant(&world)["status"]["permissions"];
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
    let group = world.group_id(GROUP).await;
    let rule = "Enablement_EndUser_Assignment";
    world
        .external_actor()
        .edit_rule(&group, "member", rule, |rule| {
            rule["enabledRules"] = json!([]);
        })
        .await;
    let before = world.held();
    let jose = world.external_actor().user("jose@contoso.com").await;
    world.edit("EntraTenant", "contoso", |manifest| {
        manifest["spec"]["deniedPrincipals"] = json!([jose]);
    });
    assert_eq!(world.writes_within(Duration::from_hours(3)).await, 0);
    assert_eq!(world.held(), before, "not even the emergency stop");
    for (kind, name, words) in [
        ("PrivilegedGroup", GROUP, "Enablement_EndUser_Assignment"),
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
