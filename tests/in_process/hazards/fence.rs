//! Manifests that change while a pass waits for the tenant: the pass does nothing that they do not say any more.

use std::time::Duration;

use entra_sim::faults::FaultEffect;
use jiff::SignedDuration;
use tokio::time::{Instant, sleep};

use super::{holds, time_until};
use crate::harness::{FaultPoint, Mode, World, operation};
use crate::story::{self, GROUP};

/// Policies are read before anybody is granted anything; this is how long that takes.
const READS_TAKE: SignedDuration = SignedDuration::from_secs(40);

/// Every pass that was under way has ended by then.
const LONG_AFTER: Duration = Duration::from_mins(6);

const AMIRA: &str = "amira@contoso.com";
const CHIDI: &str = "chidi@contoso.com";

fn slow_policies(world: &World) {
    for name in [
        "policies.*",
        "policyAssignments.*",
        "roleManagementPolicyAssignments.*",
    ] {
        let effect = FaultEffect::Delay {
            duration: READS_TAKE,
        };
        world.fault(operation(name), effect);
    }
}

async fn halfway() {
    sleep(Duration::from_secs(20)).await;
}

async fn assert_is_never_granted(world: &World, who: &str) {
    let granted = time_until(world, LONG_AFTER, |world| holds(world, who)).await;
    assert_eq!(granted, None, "{}", world.summary());
}

/// A world whose operator died between the note of its first grant and the grant.
async fn killed_before_the_first_grant() -> World {
    for at in 1..80 {
        let world = story::applied();
        let mode = Mode::KilledBefore;
        world.line.arm([FaultPoint { at, mode }]);
        world.start();
        let begun = Instant::now();
        while !world.line.was_killed() && begun.elapsed() < Duration::from_mins(1) {
            sleep(Duration::from_millis(20)).await;
        }
        let struck = world.line.struck().concat();
        world.kill();
        if struck.contains("eligibilityScheduleRequests") {
            world.line.arm([]);
            return world;
        }
    }
    panic!("nobody was granted anything");
}

async fn taken_out_in_mid_pass(world: &World) {
    slow_policies(world);
    world.start();
    halfway().await;
    assert!(!holds(world, AMIRA), "the pass is slow");
    story::edit_people(world, |people| people.retain(|one| one["name"] != AMIRA));
    assert_is_never_granted(world, AMIRA).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_granted_who_was_taken_out_before_the_write() {
    let world = story::applied();
    taken_out_in_mid_pass(&world).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_granted_who_was_taken_out_before_a_write_that_a_restart_repeats() {
    let world = killed_before_the_first_grant().await;
    taken_out_in_mid_pass(&world).await;
}

/// Somebody is added, and half a pass later something else happens.
async fn added_and_then(change: impl FnOnce(&World)) {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    slow_policies(&world);
    story::add_person(&world, CHIDI);
    halfway().await;
    assert!(!holds(&world, CHIDI), "the pass is slow");
    change(&world);
    assert_is_never_granted(&world, CHIDI).await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_in_the_middle_of_a_pass_is_a_pause() {
    added_and_then(|world| {
        world.annotate("EligibleAssignment", GROUP, "entra-pim.dev/paused", "true");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_only_observed_from_the_middle_of_a_pass_on_is_written_nothing() {
    added_and_then(|world| crate::observe::set(world, "Observe")).await;
}

#[tokio::test(start_paused = true)]
async fn who_comes_and_goes_within_a_pass_is_not_granted() {
    added_and_then(|world| {
        story::edit_people(world, |people| people.retain(|one| one["name"] != CHIDI));
    })
    .await;
}
