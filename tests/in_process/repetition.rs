//! A tenant that takes a change and shows it late: the change is not sent again and again.

use std::time::Duration;

use entra_sim::faults::{FaultEffect, Rule};
use jiff::SignedDuration;
use serde_json::json;

use super::harness::{NAMESPACE, World, always, operation};
use super::story::{self, GROUP, ROLE};

/// For how long nothing of a change is shown.
const LAG: Duration = Duration::from_mins(5);

/// The tries of a growing wait in that time, and some more.
const TRIES: u64 = 12;

/// Changes something of a story that stands, in a tenant that takes the change and shows it late.
async fn is_sent_a_few_times(name: &str, change: impl FnOnce(&World)) -> World {
    let world = story::standing().await;
    // Active access may be taken away when it is five minutes old.
    world.pass(Duration::from_mins(6)).await;
    world.tenant.reset_journal();
    world.tenant.faults().add(Rule {
        count: Some(1),
        ..always(
            operation(name),
            FaultEffect::Lag {
                duration: SignedDuration::try_from(LAG).unwrap(),
                reads: None,
            },
        )
    });
    change(&world);
    world.pass(LAG * 2).await;
    let sent = world.tenant.operations().get(name).copied();
    let sent = sent.unwrap_or_default();
    assert!((1..=TRIES).contains(&sent), "{name}: sent {sent} times");
    world.until_ready(NAMESPACE).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_new_name_that_shows_late_is_sent_a_few_times() {
    is_sent_a_few_times("groups.update", |world| {
        world.edit("PrivilegedGroup", GROUP, |manifest| {
            manifest["spec"]["displayName"] = json!("PAG-Exchange-Operators");
        });
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_shows_late_is_sent_a_few_times() {
    is_sent_a_few_times("policies.update", |world| {
        world.edit("PrivilegedGroup", GROUP, |manifest| {
            manifest["spec"]["policy"]["member"]["activation"]["maximumDuration"] = json!("PT4H");
        });
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_shows_late_is_sent_a_few_times_and_told_once() {
    let world = is_sent_a_few_times("pimGroups.eligibilityRequests.create", |world| {
        story::edit_people(world, |people| {
            people.retain(|one| one["name"] != "farid@contoso.com");
        });
    })
    .await;
    assert_eq!(world.notes("EligibilityRevoked", GROUP).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_removal_shows_late_is_taken_away_a_few_times() {
    is_sent_a_few_times("roleAssignmentRequests.create", |world| {
        world.delete("RoleBinding", ROLE);
    })
    .await;
}
