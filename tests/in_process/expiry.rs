//! Windows: when they begin, when they end, and that an end is an end.

use std::time::Duration;

use serde_json::json;

use super::harness::{NAMESPACE, World};
use super::story::{self, GROUP};

const DAY: Duration = Duration::from_hours(24);

/// The example, reconciled once in six hours. No operator runs yet.
fn slow_world() -> World {
    let world = story::applied();
    story::look_every(&world, "PT6H");
    world
}

/// The same with a window of one day, made true.
async fn short_world() -> World {
    let world = slow_world();
    set_schedule(&world, json!({"expiration": {"afterDuration": "P1D"}}));
    world.start();
    world.until_ready(NAMESPACE).await;
    world
}

fn set_schedule(world: &World, schedule: serde_json::Value) {
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["schedule"] = schedule;
    });
}

fn eligible(world: &World) -> usize {
    let held = world.held().into_iter();
    held.filter(|what| what.starts_with("eligible")).count()
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_is_ready_and_never_granted_again() {
    let world = short_world().await;
    assert_eq!(eligible(&world), 3);
    world.pass(DAY + Duration::from_mins(1)).await;
    assert_eq!(eligible(&world), 0);
    assert_eq!(world.reason("EligibleAssignment", GROUP), "Expired");
    assert!(
        world.is_ready("EligibleAssignment", GROUP),
        "{}",
        world.summary()
    );
    let states = world.subjects("EligibleAssignment", GROUP);
    assert!(
        states.iter().all(|(_, state)| state == "Expired"),
        "{states:?}"
    );
    assert_eq!(world.writes_within(3 * DAY).await, 0);
    assert_eq!(eligible(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn an_expired_assignment_stays_expired_over_a_restart_and_an_edit_of_something_else() {
    let world = short_world().await;
    world.pass(DAY + Duration::from_mins(1)).await;
    world.kill();
    world.start();
    world.edit("EligibleAssignment", GROUP, |manifest| {
        manifest["spec"]["justification"] = json!("Still needed");
    });
    assert_eq!(world.writes_within(DAY).await, 0);
    assert_eq!(world.reason("EligibleAssignment", GROUP), "Expired");
}

#[tokio::test(start_paused = true)]
async fn a_longer_schedule_counts_from_the_first_grant() {
    let world = short_world().await;
    world.pass(DAY + Duration::from_mins(1)).await;
    set_schedule(&world, json!({"expiration": {"afterDuration": "P3D"}}));
    world.until_ready(NAMESPACE).await;
    assert_eq!(eligible(&world), 3);
    let group = world.key(GROUP);
    world.pass(Duration::from_secs(5)).await;
    // A day has passed of the three.
    world.pass(DAY + DAY).await;
    assert_eq!(eligible(&world), 0, "{group}");
    assert_eq!(world.reason("EligibleAssignment", GROUP), "Expired");
}

#[tokio::test(start_paused = true)]
async fn a_window_that_begins_later_is_scheduled_and_begins_by_itself() {
    let world = story::applied();
    set_schedule(
        &world,
        json!({"startTime": "2026-11-23T00:00:00Z", "expiration": {"endTime": "2026-12-23T00:00:00Z"}}),
    );
    world.start();
    world.until_ready(NAMESPACE).await;
    let states = |world: &World| {
        let rows = world.subjects("EligibleAssignment", GROUP).into_iter();
        rows.map(|(_, state)| state).collect::<Vec<_>>()
    };
    assert_eq!(states(&world), ["Scheduled"; 3]);
    let now = world.clock.time();
    let begun = |world: &World, now| {
        let holdings = world.tenant.holdings();
        holdings
            .eligible()
            .values()
            .any(|window| window.contains(now))
    };
    assert!(!begun(&world, now));
    assert_eq!(world.writes_within(2 * DAY).await, 0);
    assert!(begun(&world, world.clock.time()));
    assert_eq!(states(&world), ["Eligible"; 3]);
}

#[tokio::test(start_paused = true)]
async fn what_was_paused_before_it_was_granted_counts_from_its_grant() {
    let world = slow_world();
    set_schedule(&world, json!({"expiration": {"afterDuration": "P1D"}}));
    world.annotate("EligibleAssignment", GROUP, "entra-pim.dev/paused", "true");
    world.start();
    story::until_people(&world, "Paused").await;
    world.pass(2 * DAY).await;
    assert_eq!(eligible(&world), 0);
    world.annotate("EligibleAssignment", GROUP, "entra-pim.dev/paused", "false");
    world.until_ready(NAMESPACE).await;
    assert_eq!(eligible(&world), 3, "{}", world.summary());
    world.pass(DAY + Duration::from_mins(1)).await;
    assert_eq!(eligible(&world), 0);
}
