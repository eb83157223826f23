//! A service that shows late what it has, and whose open behaviours turn out otherwise: the story comes to the same end.

use std::time::Duration;

use entra_sim::Profile;
use tokio::time::Instant;

use super::harness::{NAMESPACE, Setup, World};
use super::story;

#[tokio::test(start_paused = true)]
async fn the_story_comes_true_in_a_tenant_with_all_delays_and_limits() {
    let world = World::with(Setup {
        profile: Some(Profile::Service),
        ..Setup::default()
    });
    story::tell(&world, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_pim_does_not_know_yet_is_waited_for() {
    let world = World::behaving(&[("pimPhase1", "40s"), ("pimPhase2", "40s")]);
    story::tell(&world, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_listed_for_one_access_first_is_never_taken_for_the_other() {
    for first in ["member", "owner"] {
        let world = World::behaving(&[("policyListedFirst", first), ("policyListingDelay", "45s")]);
        story::tell(&world, &[]).await;
    }
}

/// How long the story's beginning takes until everything is ready.
async fn time_until_ready(world: &World) -> Duration {
    let begun = Instant::now();
    story::comes_true(world).await;
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn policies_that_are_listed_late_are_found_when_half_as_long_again_has_passed() {
    for first in ["member", "owner"] {
        let world = World::behaving(&[("policyListedFirst", first), ("policyListingDelay", "45s")]);
        let took = time_until_ready(&world).await;
        assert!(took < Duration::from_secs(70), "{first}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_group_that_is_shown_late_is_found_within_seconds() {
    let world = World::behaving(&[("replicationDelay", "10s"), ("indexDelay", "15s")]);
    let took = time_until_ready(&world).await;
    assert!(took < Duration::from_secs(25), "{took:?}");
    assert_eq!(
        world
            .external_actor()
            .groups(&world.key(story::GROUP))
            .await
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_directory_and_index_show_late_is_made_once() {
    let world = World::behaving(&[("replicationDelay", "30s"), ("indexDelay", "45s")]);
    story::tell(&world, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn grants_that_lists_show_late_are_made_once() {
    let world = World::behaving(&[
        ("pimGrantLag", "30s"),
        ("pimRemovalLag", "30s"),
        ("roleGrantLag", "40s"),
        ("roleRemovalLag", "40s"),
    ]);
    story::tell(&world, &[]).await;
}

/// What is not known of the service for certain, each set to the other answer.
const OTHERWISE: &[(&str, &str)] = &[
    ("rotateOnEveryPatch", "false"),
    ("durationReadback", "as-asked"),
    ("createdByShape", "application"),
    ("removeEndsActivation", "false"),
    ("assignOverPlainMember", "true"),
    ("changePlainMember", "false"),
    ("eligibleFiveMinutes", "true"),
    ("roleFiveMinutes", "principal"),
    ("plainAssignmentInSchedules", "false"),
    ("deletePimOwnedRow", "false"),
    ("duplicateRoleAssignment", "exists"),
    ("unknownRoleStatus", "400"),
    ("roleAssignableUpsert", "refused-403"),
    ("roleAssignableUpsert", "allowed"),
    ("deletedGroupHoldsUniqueName", "false"),
    ("deletedGroupReadsNotSecurityEnabled", "false"),
    ("showsCreatedByApp", "false"),
    ("shuffleBatch", "true"),
    ("latency", "300ms"),
];

#[tokio::test(start_paused = true)]
async fn the_story_comes_true_whatever_the_open_behaviours_turn_out_to_be() {
    for switch in OTHERWISE {
        println!("{switch:?}");
        story::tell(&World::behaving(&[*switch]), &[]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_without_a_licence_for_pim_is_said_to_be_so() {
    let world = World::behaving(&[("licence", "p1")]);
    story::apply(&world);
    world.start();
    story::until_group(&world, "LicenseMissing").await;
    assert!(!world.all_ready(NAMESPACE));
    assert!(world.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_full_is_said_to_be_so() {
    let world = World::behaving(&[("roleAssignableLimit", "1")]);
    story::apply(&world);
    world.start();
    story::until_group(&world, "QuotaExceeded").await;
    assert_eq!(world.held().len(), 0);
}
