//! A request that the tenant takes and carries out later: it is waited for, and told when it is true.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Rule, Unfinished};
use jiff::SignedDuration;
use serde_json::json;

use super::{holds, time_until};
use crate::harness::{NAMESPACE, World, always, operation, refuse};
use crate::story::{self, GROUP};

const REQUEST: &str = "pimGroups.eligibilityRequests.create";

const READ: &str = "pimGroups.eligibilityRequests.get";

const CHIDI: &str = "chidi@contoso.com";

fn sent(world: &World) -> u64 {
    world
        .tenant
        .operations()
        .get(REQUEST)
        .copied()
        .unwrap_or_default()
}

fn told(world: &World) -> usize {
    let mut notes = world.notes("EligibilityGranted", GROUP);
    notes.retain(|note| note.contains(CHIDI));
    notes.len()
}

/// The next request of the operator is taken and carried out later, or never.
fn takes_for_later(world: &World, status: Unfinished, after: Option<SignedDuration>) {
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(operation(REQUEST), FaultEffect::Accept { status, after })
    });
}

async fn is_waited_for_and_told_once(status: Unfinished, lag: &'static str) {
    let world = World::behaving(&[("pimGrantLag", lag)]);
    story::comes_true(&world).await;
    world.pass(Duration::from_mins(6)).await;
    world.tenant.reset_journal();
    takes_for_later(&world, status, Some(SignedDuration::from_mins(5)));
    story::add_person(&world, CHIDI);
    for _ in 0..9 {
        world.pass(Duration::from_secs(30)).await;
        assert!(!holds(&world, CHIDI));
        assert_eq!((sent(&world), told(&world)), (1, 0), "{}", world.summary());
        assert!(!world.is_ready("EligibleAssignment", GROUP));
    }
    world
        .until("it is carried out", |world| holds(world, CHIDI))
        .await;
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(30)).await;
    assert_eq!((sent(&world), told(&world)), (1, 1), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_granted_for_later_is_waited_for_and_told_once() {
    is_waited_for_and_told_once(Unfinished::Granted, "0s").await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_still_provisioned_is_waited_for_and_told_once() {
    for lag in ["0s", "90s"] {
        is_waited_for_and_told_once(Unfinished::PendingProvisioning, lag).await;
    }
}

#[tokio::test(start_paused = true)]
async fn access_that_begins_later_is_taken_back_before_it_begins() {
    let world = story::standing().await;
    let mut later = super::eligible(GROUP, &[CHIDI]);
    later["metadata"]["name"] = json!("later");
    let start = world.clock.time() + SignedDuration::from_hours(48);
    later["spec"]["schedule"]["startTime"] = json!(start.to_string());
    world.apply(&later);
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(6)).await;
    world.delete("EligibleAssignment", "later");
    world.until_gone("EligibleAssignment", "later").await;
    world.pass(Duration::from_hours(49)).await;
    assert!(!holds(&world, CHIDI), "{}", world.summary());
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_status_cannot_be_read_holds_up_no_revoke() {
    let world = story::standing().await;
    world.pass(Duration::from_mins(6)).await;
    takes_for_later(&world, Unfinished::PendingProvisioning, None);
    let read = operation(READ);
    world.fault(read, refuse(403, None));
    story::add_person(&world, CHIDI);
    world.pass(Duration::from_mins(1)).await;
    let amira = "amira@contoso.com";
    story::remove_person(&world, amira);
    let limit = Duration::from_secs(5);
    let revoked = time_until(&world, limit, |world| !holds(world, amira)).await;
    assert!(revoked.is_some(), "{}", world.summary());
}
