//! A year in the life of twenty groups with two hundred assignments, one look a day: renewals and expiries, beginnings that
//! lie ahead, requests that the service purges, a licence that is lost for a week, a person who is deleted, a group that
//! somebody deletes, and an administrator who changes something by hand every day.
//!
//! `manifests` says what is declared and what therefore has to stand on which day, in numbers of its own; `truth` holds
//! everything that happens in the tenant, and everything that is told, against it; `hand` is the administrator.

mod hand;
mod manifests;
mod truth;

use std::time::Duration;

use entra_sim::Profile;

use super::harness::{NAMESPACE, World};
use manifests::{DELETED, GROUPS, LEFT};
use truth::Truth;

/// What is taken away on two looks, or after a while, is gone by then.
const SECOND_LOOK: Duration = Duration::from_mins(9);

/// How long before the look of a day somebody changes something by hand.
const EVENING: Duration = Duration::from_hours(1);

/// When the licence is lost, and when it is back.
const UNLICENSED: std::ops::Range<i64> = 180..187;

/// When somebody deletes a group.
const GROUP_DELETED: i64 = 250;

/// When the person who was deleted is taken out of the manifests.
const TAKEN_OUT: i64 = LEFT + 40;

/// A tenant that lags and purges as the service does. What answers look like is held against the published types elsewhere,
/// and its budgets do not matter to who looks once a day.
const BEHAVIOURS: [(&str, &str); 2] = [("checkAnswers", "off"), ("throttling", "off")];

#[tokio::test(start_paused = true)]
async fn after_a_year_everything_stands_as_declared_nobody_ever_held_more_and_every_change_was_told()
 {
    let world = World::seeded(manifests::seed(), Profile::Service, &BEHAVIOURS);
    manifests::apply(&world);
    let truth = Truth::watch(&world);
    world.start();
    world.until_ready(NAMESPACE).await;
    truth.end_of_day(&world, 0);
    for day in 1..=365 {
        live_through(&world, &truth, day).await;
    }
}

/// What happens on a day, and one look at its end.
async fn live_through(world: &World, truth: &Truth, day: i64) {
    world.clock.skip(truth.until_evening(world, day));
    match day {
        _ if day == UNLICENSED.start => licence(world, "none"),
        _ if day == UNLICENSED.end => licence(world, "p2"),
        LEFT => hand::delete_user(world, DELETED).await,
        TAKEN_OUT => manifests::take_out(world, DELETED),
        GROUP_DELETED => hand::delete_group(world, &truth.group(GROUPS)).await,
        _ => {}
    }
    if !UNLICENSED.contains(&day) {
        hand::edit(world, truth, day).await;
    }
    world.sleep_through(EVENING).await;
    world.pass(SECOND_LOOK).await;
    truth.end_of_day(world, day);
}

fn licence(world: &World, licence: &str) {
    world.tenant.set_behaviour("licence", licence).unwrap();
}
