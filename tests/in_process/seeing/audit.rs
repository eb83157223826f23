//! What the audit log tells, where the operator may read it.

use std::time::Duration;

use super::super::emergency_stop::problems;
use super::super::harness::{APPLICATION, NAMESPACE, World, operation, refuse_with};
use super::super::hazards::holds;
use super::super::story::{self, GROUP};
use super::{NOTICED, counted, told_of_undeclared};

const SOURCE: &str = "audit_log";
const JOSE: &str = "jose@contoso.com";

/// A world in which the example stands and the operator may read the log.
async fn reading(overrides: &[(&str, &str)]) -> World {
    let world = super::declared(overrides);
    world.permit(&["AuditLog.Read.All"], &[]);
    super::come_true(&world).await;
    world
}

fn looks(world: &World) -> u64 {
    counted(world, "hint_looks", SOURCE)
}

/// An access review takes somebody's eligibility away.
async fn review(world: &World, who: &str) {
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor.review(&group, who).await;
}

/// The object id of the external actor.
async fn actor_id(world: &World) -> String {
    let path = format!("/servicePrincipals(appId='{APPLICATION}')");
    let found = world.external_actor().ask("GET", &path, None).await;
    found["id"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_eligibility_that_somebody_gave_by_hand_is_noticed_and_the_event_says_who_did() {
    let world = reading(&[]).await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor
        .make_eligible(&group, "dana@contoso.com", "P30D")
        .await;
    world.pass(NOTICED).await;
    let notes = world.notes("UndeclaredAccessFound", GROUP);
    let id = actor_id(&world).await;
    assert!(notes.len() == 1 && notes[0].contains(&id), "{notes:?} {id}");
    world.pass(Duration::from_mins(30)).await;
    assert_eq!(looks(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_was_edited_by_hand_is_put_back_within_a_minute_and_the_event_says_who_did() {
    let world = reading(&[]).await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    let rule = "Expiration_EndUser_Assignment";
    actor.loosen(&group).await;
    world.pass(NOTICED).await;
    let stands = actor.rule(&group, "member", rule).await;
    assert_eq!(stands["maximumDuration"], "PT8H");
    let notes = world.notes("DriftCorrected", GROUP);
    let id = actor_id(&world).await;
    assert!(notes.len() == 1 && notes[0].contains(&id), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn who_changed_what_is_told_later_where_the_log_is_late() {
    let world = reading(&[("auditDelay", "4m")]).await;
    let (actor, group) = (world.external_actor(), world.group_id(GROUP).await);
    actor.loosen(&group).await;
    story::resync(&world);
    world.pass(Duration::from_mins(1)).await;
    let notes = world.notes("DriftCorrected", GROUP);
    assert!(notes[0].starts_with("somebody"), "{notes:?}");
    world.pass(Duration::from_mins(6)).await;
    let notes = world.notes("ChangeAttributed", GROUP);
    let id = actor_id(&world).await;
    assert!(notes.len() == 1 && notes[0].contains(&id), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn what_we_do_ourselves_causes_no_look() {
    let world = reading(&[]).await;
    story::add_person(&world, "chidi@contoso.com");
    world.until_ready(NAMESPACE).await;
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(looks(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn what_an_access_review_took_away_is_not_given_again_before_the_object_is_edited() {
    for delay in ["0s", "3m"] {
        let world = reading(&[("auditDelay", delay)]).await;
        review(&world, JOSE).await;
        story::resync(&world);
        world.pass(Duration::from_mins(15)).await;
        assert!(!holds(&world, JOSE), "{delay}");
        assert_eq!(
            problems(&world, "EligibleAssignment", GROUP, JOSE),
            ["RemovedByReview"]
        );
        world.kill();
        world.start();
        assert_eq!(world.writes_within(Duration::from_hours(2)).await, 0);
        story::add_person(&world, "chidi@contoso.com");
        world.until_ready(NAMESPACE).await;
        assert!(holds(&world, JOSE));
    }
}

#[tokio::test(start_paused = true)]
async fn what_anybody_else_took_away_is_given_again_once_the_log_would_have_told_of_a_review() {
    let world = reading(&[("auditDelay", "3m")]).await;
    world.take_eligibility(GROUP, JOSE).await;
    story::resync(&world);
    world.pass(Duration::from_mins(3)).await;
    assert!(!holds(&world, JOSE));
    world.pass(Duration::from_mins(7)).await;
    assert!(holds(&world, JOSE));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_is_told_of_no_object_and_stops_nothing() {
    let world = reading(&[]).await;
    story::look_every(&world, "PT10M");
    world.fault(
        operation("directoryAudits.list"),
        refuse_with(403, "x", "no"),
    );
    world.pass(Duration::from_mins(20)).await;
    world.take_eligibility(GROUP, JOSE).await;
    world.pass(Duration::from_mins(13)).await;
    assert!(holds(&world, JOSE), "{}", world.summary());
    assert!(counted(&world, "hint_failures", SOURCE) >= 10);
    assert!(world.all_ready(NAMESPACE));
}

#[tokio::test(start_paused = true)]
async fn without_the_permission_the_log_is_not_asked_for() {
    let world = super::standing(&[]).await;
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(world.tenant.operations().get("directoryAudits.list"), None);
    assert_eq!(told_of_undeclared(&world), 0);
}
