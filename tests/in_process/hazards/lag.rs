//! A tenant that shows late what it took: what is not shown is not believed to be absent.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Rule};
use jiff::SignedDuration;
use serde_json::json;

use super::holds;
use crate::harness::{NAMESPACE, Setup, World, always, answer, operation, refuse};
use crate::story::{self, GROUP, ROLE};

const PAUSED: &str = "entra-pim.dev/paused";

/// By then everything that was ever sent has come to light.
const LONG_AFTER: Duration = Duration::from_hours(2);

fn role_is_held(world: &World) -> bool {
    world.held().iter().any(|held| held.starts_with("role"))
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_binding_goes_right_after_it_was_bound_is_taken_away() {
    let world = World::behaving(&[("roleGrantLag", "25s"), ("roleAssignmentReadDelay", "3s")]);
    story::apply(&world);
    world.start();
    world.until("bound", role_is_held).await;
    world.delete("RoleBinding", ROLE);
    world.until_gone("RoleBinding", ROLE).await;
    assert!(!role_is_held(&world), "{:?}", world.held());
    world.pass(LONG_AFTER).await;
    assert!(!role_is_held(&world), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn an_eligibility_that_goes_right_after_it_was_given_again_is_taken_away() {
    let world = World::behaving(&[("pimGrantLag", "3s")]);
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(6)).await;
    let jose = "jose@contoso.com";
    world.take_eligibility(GROUP, jose).await;
    world.until("removed", |world| !holds(world, jose)).await;
    world.until("given again", |world| holds(world, jose)).await;
    world.delete("EligibleAssignment", GROUP);
    world.until_gone("EligibleAssignment", GROUP).await;
    assert!(!holds(&world, jose), "{:?}", world.held());
    world.pass(LONG_AFTER).await;
    assert!(!holds(&world, jose), "{:?}", world.held());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_shown_after_minutes_is_made_once() {
    let world = World::behaving(&[("replicationDelay", "240s"), ("indexDelay", "300s")]);
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(
        world.external_actor().groups(&world.key(GROUP)).await.len(),
        1
    );
    assert_eq!(
        world.held(),
        story::declared(story::Part::Creation).holdings
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_was_purged_is_made_anew_once() {
    for (replication, index) in [("0s", "0s"), ("10s", "15s")] {
        let world = World::behaving(&[("replicationDelay", replication), ("indexDelay", index)]);
        story::comes_true(&world).await;
        world.pass(Duration::from_mins(6)).await;
        let (actor, key) = (world.external_actor(), world.key(GROUP));
        let purged = actor.group(&key).await;
        for path in ["/groups", "/directory/deletedItems"] {
            actor.ask("DELETE", &format!("{path}/{purged}"), None).await;
        }
        world.pass(Duration::from_mins(40)).await;
        assert_ne!(actor.group(&key).await, purged, "{replication}, {index}");
        assert!(world.all_ready(NAMESPACE), "{}", world.summary());
        assert_eq!(
            world.held(),
            story::declared(story::Part::Creation).holdings
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_answer_was_lost_is_not_forgotten_when_the_next_try_is_refused() {
    let world = World::behaving(&[
        ("roleGrantLag", "300s"),
        ("roleAssignmentReadDelay", "300s"),
    ]);
    story::apply(&world);
    let bind = || operation("roleAssignmentRequests.create");
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(bind(), FaultEffect::DropAfter)
    });
    world.fault(bind(), refuse(403, None));
    world.start();
    world.until("bound", role_is_held).await;
    world.pass(Duration::from_secs(20)).await;
    assert_eq!(world.reason("RoleBinding", ROLE), "PermissionDenied");
    world.tenant.faults().clear();
    world.delete("RoleBinding", ROLE);
    world.until_gone("RoleBinding", ROLE).await;
    assert!(!role_is_held(&world), "{:?}", world.held());
}

/// A world in which another group bore the key of the story's and was deleted by hand, and in which no list shows the one
/// that lives.
async fn with_a_hidden_group_and_a_deleted_one() -> (World, String) {
    let world = story::standing().await;
    let key = world.key(GROUP);
    let path = format!("/groups/{}", world.external_actor().make_twin(&key).await);
    world.external_actor().ask("DELETE", &path, None).await;
    world.pass(Duration::from_mins(6)).await;
    let nothing = answer(200, &json!({"value": []}));
    world.fault(operation("groups.list"), nothing);
    (world, key)
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_is_not_restored_beside_a_known_one_that_lists_hide() {
    let (world, _) = with_a_hidden_group_and_a_deleted_one().await;
    world.pass(Duration::from_mins(30)).await;
    let restored = world
        .tenant
        .operations()
        .get("deletedItems.restore")
        .copied();
    assert_eq!(restored, None, "{}", world.summary());
    assert!(world.all_ready(NAMESPACE), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_stayed_deleted_for_long_is_restored_and_not_made_again() {
    let world = World::with(Setup {
        lag: Some(SignedDuration::from_mins(2)),
        ..Setup::default()
    });
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(6)).await;
    let (actor, key) = (world.external_actor(), world.key(GROUP));
    let id = actor.group(&key).await;
    world.annotate("PrivilegedGroup", GROUP, PAUSED, "true");
    actor.ask("DELETE", &format!("/groups/{id}"), None).await;
    // Longer than a group may be missing before another one is made.
    world.pass(Duration::from_mins(40)).await;
    world.annotate("PrivilegedGroup", GROUP, PAUSED, "false");
    world
        .until("restored", |world| {
            let operations = world.tenant.operations();
            operations.contains_key("deletedItems.restore")
        })
        .await;
    world.pass(Duration::from_mins(20)).await;
    let living = actor.groups(&key).await;
    assert_eq!(living.len(), 1, "{}", world.summary());
    assert_eq!(living[0]["id"], json!(id));
    world.until_ready(NAMESPACE).await;
    let declared = story::declared(story::Part::Creation).holdings;
    assert_eq!(world.held(), declared);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_let_go_because_another_group_under_the_key_was_deleted() {
    let (world, key) = with_a_hidden_group_and_a_deleted_one().await;
    world.delete_ours();
    world.until_nothing_is_left().await;
    world.tenant.faults().clear();
    assert_eq!(world.external_actor().groups(&key).await.len(), 0);
}
