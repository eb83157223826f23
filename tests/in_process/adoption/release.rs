//! Objects that go and leave in the tenant what they declared: an adopted group as it was, and anything else where the
//! boundary admits it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{GROUP, OLD_ENOUGH, adopted, held};
use crate::harness::{NAMESPACE, World};
use crate::story;

#[tokio::test(start_paused = true)]
async fn an_adopted_group_that_is_let_go_is_left_without_a_write() {
    let (world, id) = adopted().await;
    let before = held(&world, &id);
    let writes = world.tenant.counters().writes;
    world.delete_ours();
    world.until_nothing_is_left().await;
    world.pass(OLD_ENOUGH).await;
    assert_eq!(world.tenant.counters().writes, writes);
    assert_eq!(held(&world, &id), before);
    let told = world.notes("LeftBehind", GROUP);
    assert!(told.len() == 1 && told[0].contains(&id), "{told:?}");
    let told = world.notes("LeftBehind", "people");
    assert!(
        told.len() == 1 && told[0].contains("eligible member jose@contoso.com"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_taken_away_goes_first_and_the_group_stays() {
    let (world, id) = adopted().await;
    for (kind, name) in [
        ("EligibleAssignment", "people"),
        ("ActiveAssignment", "owner"),
        ("RoleBinding", "exchange"),
    ] {
        set_policy(&world, kind, name, "Delete");
    }
    world.delete_ours();
    world.until_nothing_is_left().await;
    let after = held(&world, &id);
    assert!(
        !after.contains("eligible member jose@contoso.com"),
        "{after:?}"
    );
    assert!(
        !after.iter().any(|what| what.starts_with("role ")),
        "{after:?}"
    );
    assert!(
        after.contains("active owner boss@contoso.com"),
        "the service keeps the last owner: {after:?}"
    );
    assert_eq!(after.len(), 5, "{after:?}");
}

fn set_policy(world: &World, kind: &str, name: &str, policy: &str) {
    world.edit(kind, name, |manifest| {
        manifest["spec"]["deletionPolicy"] = json!(policy);
    });
}

fn allow(world: &World, leave_behind: &str) {
    world.edit("AccessBoundary", "exchange", |manifest| {
        manifest["spec"]["groups"]["leaveBehind"] = json!(leave_behind);
    });
}

/// The members of the story, each with what it declares.
const MEMBERS: [(&str, &str, &str); 3] = [
    ("RoleBinding", story::ROLE, "role "),
    ("EligibleAssignment", story::GROUP, "eligible member "),
    ("ActiveAssignment", story::BREAK_GLASS, "active member "),
];

fn count(world: &World, what: &str) -> usize {
    let held = world.held();
    held.iter().filter(|one| one.starts_with(what)).count()
}

#[tokio::test(start_paused = true)]
async fn what_an_object_retains_stays_where_the_boundary_admits_it() {
    for (kind, name, what) in MEMBERS {
        let world = story::standing().await;
        allow(&world, "Allowed");
        set_policy(&world, kind, name, "Retain");
        world.until_ready(NAMESPACE).await;
        let before = world.held();
        let writes = world.tenant.counters().writes;
        world.delete(kind, name);
        world.until_gone(kind, name).await;
        world.pass(OLD_ENOUGH).await;
        assert_eq!(world.tenant.counters().writes, writes, "{kind}");
        assert_eq!(world.held(), before, "{kind}: {what}");
        assert_eq!(world.notes("LeftBehind", name).len(), 1, "{kind}");
        let undeclared = world.condition("PrivilegedGroup", story::GROUP, "UndeclaredAccess");
        assert_eq!(
            undeclared.unwrap().status,
            "True",
            "{kind}: nobody declares it any more"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_object_may_not_retain_it_holds_on_to_until_somebody_decides() {
    for (kind, name, what) in MEMBERS {
        for decision in ["boundary", "object"] {
            let world = story::standing().await;
            set_policy(&world, kind, name, "Retain");
            world.pass(OLD_ENOUGH).await;
            let before = world.held();
            world.delete(kind, name);
            world.until_reason(kind, name, "BoundaryDenied").await;
            let message = world.message(kind, name);
            assert!(message.contains("spec.groups.leaveBehind"), "{message}");
            assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
            assert_eq!(world.held(), before, "{kind}");
            if decision == "boundary" {
                allow(&world, "Allowed");
            } else {
                set_policy(&world, kind, name, "Delete");
            }
            world.until_gone(kind, name).await;
            let stays = count(&world, what) > 0;
            assert_eq!(stays, decision == "boundary", "{kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_was_taken_out_before_goes_although_the_rest_stays() {
    let world = story::standing().await;
    allow(&world, "Allowed");
    set_policy(&world, "EligibleAssignment", story::GROUP, "Retain");
    world.kill();
    story::remove_person(&world, "amira@contoso.com");
    world.delete("EligibleAssignment", story::GROUP);
    world.start();
    world.until_gone("EligibleAssignment", story::GROUP).await;
    let held = world.held();
    assert!(
        !held.contains("eligible member amira@contoso.com"),
        "{held:?}"
    );
    assert!(
        held.contains("eligible member jose@contoso.com"),
        "{held:?}"
    );
}

/// Everything of the story is to stay.
fn retain_everything(world: &World) {
    for (kind, name) in world.ours(NAMESPACE) {
        set_policy(world, &kind, &name, "Retain");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_the_operator_made_stays_where_the_boundary_admits_it_and_is_found_again() {
    let world = story::standing().await;
    retain_everything(&world);
    allow(&world, "Allowed");
    world.until_ready(NAMESPACE).await;
    let (before, writes) = (world.held(), world.tenant.counters().writes);
    world.delete_ours();
    world.until_nothing_is_left().await;
    assert_eq!(world.held(), before);
    story::apply(&world);
    world.until_ready(NAMESPACE).await;
    assert_eq!(
        world.tenant.counters().writes,
        writes,
        "it is taken up again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_may_not_be_left_waits_with_everything_in_it() {
    let world = story::standing().await;
    retain_everything(&world);
    world.pass(OLD_ENOUGH).await;
    let before = world.held();
    world.delete_ours();
    world
        .until_reason("PrivilegedGroup", story::GROUP, "BoundaryDenied")
        .await;
    assert_eq!(world.writes_within(Duration::from_mins(30)).await, 0);
    assert_eq!(world.held(), before);
    let all: Vec<(String, String)> = world.ours(NAMESPACE);
    assert_eq!(all.len(), 5);
    for (kind, name) in all {
        set_policy(&world, &kind, &name, "Delete");
    }
    world.until_nothing_is_left().await;
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_api_server_takes_no_group_that_is_adopted_and_would_be_deleted() {
    let (world, _) = adopted().await;
    let mut manifest: Value = world.object("PrivilegedGroup", GROUP).unwrap();
    let spec = manifest["spec"].take();
    let mut manifest = crate::harness::manifest("PrivilegedGroup", GROUP, &spec);
    manifest["spec"]["deletionPolicy"] = json!("Delete");
    let refusal = world.cluster.apply(manifest).unwrap_err().to_string();
    assert!(refusal.contains("never deleted"), "{refusal}");
}
