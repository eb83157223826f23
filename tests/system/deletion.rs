//! Deleting takes away in the right order, waits for what the service does not allow yet, and leaves nothing behind.

use entra_sim::Simulator;
use entra_sim::ids::{Access, ObjectId};
use entra_sim::journal::{Effect, Target};
use jiff::SignedDuration;

use super::oracle::effects;
use super::place::Place;

/// Where in the teardown an effect stands; others do not count.
fn step(effect: &Effect, wanted: ObjectId) -> Option<&'static str> {
    match effect {
        Effect::EligibilityEnded(_) => Some("people"),
        Effect::ActiveEnded(grant) => match &grant.target {
            Target::Group {
                access: Access::Member,
                ..
            } => Some("people"),
            _ => None,
        },
        Effect::RoleUnassigned { .. } => Some("role"),
        Effect::GroupDeleted { group } if *group == wanted => Some("group"),
        _ => None,
    }
}

#[tokio::test]
async fn people_go_before_the_role_and_the_role_before_the_group() {
    let place = Place::with_story("teardown").await;
    let group = place.group().await;
    place.tenant.simulator.advance(SignedDuration::from_mins(6));
    let before = effects(&place.tenant.simulator).len();
    place
        .kubectl(&["delete", "pgroup,prb,pea,paa", "--all", "--timeout=60s"])
        .await;

    let news = effects(&place.tenant.simulator).split_off(before);
    let mut steps: Vec<&str> = news
        .iter()
        .filter_map(|effect| step(effect, group))
        .collect();
    assert_eq!(
        steps.iter().filter(|step| **step == "people").count(),
        3,
        "{news:?}"
    );
    steps.dedup();
    assert_eq!(steps, ["people", "role", "group"], "{news:?}");
    let holdings = place.tenant.simulator.holdings();
    assert!(holdings.eligible().is_empty() && holdings.active().is_empty());
    assert!(holdings.roles().is_empty() && holdings.groups().all(|id| id != group));
    let left = place.kubectl(&["get", "pgroup,prb,pea,paa"]).await;
    assert_eq!(left, "", "nothing is left in the namespace");
}

#[tokio::test]
async fn a_group_waits_for_the_objects_that_refer_to_it_and_names_them() {
    let place = Place::with_story("blocked").await;
    place
        .kubectl(&["delete", "pgroup", "admins", "--wait=false"])
        .await;
    let (_, message) = place
        .until_reason("PrivilegedGroup", "admins", "Deleting", "DeletionBlocked")
        .await;
    assert!(
        message.contains("team") && message.contains("exchange"),
        "{message}"
    );
    let holdings = place.tenant.simulator.holdings();
    assert_eq!(
        holdings.eligible().len(),
        2,
        "everybody keeps what is declared"
    );
    let events = place.kubectl(&["get", "events"]).await;
    assert!(events.contains("DeletionBlocked"), "{events}");
}

#[tokio::test]
async fn active_access_that_is_too_young_to_be_revoked_waits_and_says_until_when() {
    let place = Place::with_story("too-young").await;
    let delete = ["delete", "paa", "break-glass", "--wait=false"];
    place.kubectl(&delete).await;
    let (status, message) = place
        .until_reason("ActiveAssignment", "break-glass", "Ready", "TooYoung")
        .await;
    assert_eq!(status, "Unknown");
    let now = place.tenant.simulator.clock().now();
    let year = now.to_string()[..5].to_owned();
    assert!(message.contains(&year), "a time is named: {message}");
    let active = |simulator: &Simulator| simulator.holdings().active().len();
    assert_eq!(active(&place.tenant.simulator), 3);

    place.tenant.simulator.advance(SignedDuration::from_mins(6));
    place.resync("older").await;
    let gone = ["wait", "paa/break-glass", "--for=delete", "--timeout=60s"];
    place.kubectl(&gone).await;
    assert_eq!(active(&place.tenant.simulator), 2);
}
