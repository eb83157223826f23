//! Requests that the service took and carries out later: whatever is given or taken away by hand meanwhile, what comes of
//! them is not forgotten.

use super::fixture::*;
use crate::desired::{Lifecycle, Pause};
use crate::knowledge::{Pending, Progress, Sent};
use crate::memory::Answer;
use crate::plan::StageKind;
use crate::principal::Resolution;
use crate::schedule::{End, Kind, ScheduleExpiration};
use crate::verdict::State;

/// The service says that it has carried the request out.
fn comes_through(sent: Option<&mut Sent>, seconds: i64) {
    let status = "Provisioned".to_owned();
    let progress = Progress::Finished;
    let found = Pending::Known { status, progress };
    sent.unwrap().heard(found, at(seconds));
}

/// An object that goes, while the service has been at its only grant for ten minutes.
fn taken_back() -> World {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), -10 * MINUTE);
    let team = world.assignment("team");
    team.memory[0].sent = Some(requested(-10 * MINUTE, Progress::Underway));
    team.lifecycle = Lifecycle::Deleting;
    world
}

/// Ann has by hand what a living object of the same name as before declares, and its request is under way.
fn given_by_hand_too() -> World {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.assignment("team").memory[0].sent = Some(requested(0, Progress::Underway));
    world
}

/// Two objects that declare the same access, the first of which goes while its request is under way.
fn handed_over() -> World {
    let mut world = given_by_hand_too();
    world.eligible("other", &["ann"]);
    world.assignment("team").lifecycle = Lifecycle::Deleting;
    world
}

/// Two bindings of the same role, the first of which goes while its request is under way.
fn role_handed_over() -> World {
    let mut world = World::new();
    world.holds(1);
    let first = world.bind("first", 1);
    first.bound = Some(role_target(1));
    first.sent = Some(requested(0, Progress::Underway));
    first.lifecycle = Lifecycle::Deleting;
    world.bind("second", 1).bound = Some(role_target(1));
    world
}

#[test]
fn a_request_that_the_service_is_at_keeps_its_object() {
    let mut world = taken_back();
    for seconds in [5, 200] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        let state = &assignment(&plan, "team").state;
        assert_eq!(reason(state), "WaitingForReplication");
        assert!(message(state).contains("request-7"), "{state:?}");
    }
    let plan = world.plan_at(20 * MINUTE);
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "RequestUnfinished"
    );
    comes_through(
        world.assignment("team").memory[0].sent.as_mut(),
        21 * MINUTE,
    );
    assert_eq!(
        first(&world.plan_at(21 * MINUTE)),
        ["end ann as eligible member of group"],
        "it was carried out and no list shows it yet"
    );
}

#[test]
fn what_somebody_gave_by_hand_does_not_hide_that_the_same_is_still_to_come() {
    let mut world = taken_back();
    world.stands(key("ann", Kind::Eligible), End::Never);
    let plan = world.plan_at(0);
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
    assert_eq!(
        row(&plan, "team", "ann").sent,
        Some(requested(-10 * MINUTE, Progress::Underway))
    );
    world.all_tried(&plan, &Answer::Taken);
    world.observed.eligible.known().clear();
    for seconds in [5, 70, 200] {
        let state = assignment(&world.plan_at(seconds), "team").state.clone();
        assert_eq!(reason(&state), "WaitingForReplication", "{seconds}");
    }
    comes_through(world.assignment("team").memory[0].sent.as_mut(), 201);
    assert_eq!(
        first(&world.plan_at(201)),
        ["end ann as eligible member of group"],
        "it was carried out after the removal, and no list shows it yet"
    );
    assert_ne!(assignment(&world.plan_at(262), "team").state, State::Gone);
}

#[test]
fn a_list_that_lags_does_not_hide_that_a_request_was_carried_out_after_the_removal() {
    let mut world = taken_back();
    world.stands(key("ann", Kind::Eligible), End::Never);
    let plan = world.plan_at(0);
    world.all_tried(&plan, &Answer::Taken);
    // The request comes through; the list still shows what somebody gave by hand, and then nothing.
    comes_through(world.assignment("team").memory[0].sent.as_mut(), 5);
    let plan = world.plan_at(5);
    assert_eq!(
        row(&plan, "team", "ann").sent.as_ref().map(|sent| sent.at),
        Some(at(5))
    );
    world.observed.eligible.known().clear();
    let plan = world.plan_at(90);
    assert_ne!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(assignment(&world.plan_at(95), "team").state, State::Gone);
}

#[test]
fn that_nothing_was_there_says_nothing_of_what_came_after_it() {
    let mut world = taken_back();
    world.stands(key("ann", Kind::Eligible), End::Never);
    let plan = world.plan_at(0);
    world.all_tried(&plan, &Answer::WasGone);
    let sent = world.assignment("team").memory[0].sent.as_mut().unwrap();
    sent.heard(Pending::Purged, at(5));
    assert!(!sent.is_underway());
    world.observed.eligible.known().clear();
    assert_ne!(assignment(&world.plan_at(130), "team").state, State::Gone);
    let plan = world.plan_at(200);
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
}

#[test]
fn a_request_that_is_not_found_a_moment_after_it_was_taken_is_not_forgotten() {
    let mut sent = requested(0, Progress::Underway);
    sent.heard(Pending::Purged, at(4 * MINUTE));
    assert_eq!(sent, requested(0, Progress::Underway));
    sent.heard(Pending::Purged, at(6 * MINUTE));
    assert_eq!(sent.request.unwrap().progress, Progress::Forgotten);
    assert_eq!(sent.at, at(6 * MINUTE));
}

#[test]
fn what_comes_through_in_the_second_of_a_removal_came_after_it() {
    let mut sent = requested(0, Progress::Underway);
    let now = at(10)
        .checked_add(jiff::SignedDuration::from_millis(800))
        .unwrap();
    let status = "Provisioned".to_owned();
    let progress = Progress::Finished;
    sent.heard(Pending::Known { status, progress }, now);
    assert_eq!(sent.at, at(11), "status keeps whole seconds");
}

#[test]
fn who_has_what_is_declared_by_hand_still_has_a_request_under_way() {
    let mut world = given_by_hand_too();
    let plan = world.plan_at(5);
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "team").state, State::Ready);
    assert!(row(&plan, "team", "ann").sent.is_some());
    assert!(
        plan.wake_at.is_some_and(|wake| wake < at(MINUTE)),
        "nothing else tells when it comes through: {:?}",
        plan.wake_at
    );
    comes_through(world.assignment("team").memory[0].sent.as_mut(), 6);
    assert_eq!(row(&world.plan_at(6), "team", "ann").sent, None);
}

#[test]
fn nobody_takes_over_what_is_under_way_before_it_has_come_through() {
    let mut world = handed_over();
    let plan = world.plan_at(5);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForReplication"
    );
    assert!(row(&plan, "team", "ann").sent.is_some());
    assert!(plan.wake_at.is_some());
    comes_through(world.assignment("team").memory[0].sent.as_mut(), 60);
    let plan = world.plan_at(60);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(assignment(&plan, "team").state, State::Gone);
}

#[test]
fn no_binding_takes_over_what_is_under_way_before_it_has_come_through() {
    let mut world = role_handed_over();
    let plan = world.plan_at(5);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(
        reason(&binding(&plan, "first").state),
        "WaitingForReplication"
    );
    assert!(plan.wake_at.is_some());
    comes_through(world.binding("first").sent.as_mut(), 60);
    let plan = world.plan_at(60);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(binding(&plan, "first").state, State::Gone);
}

#[test]
fn a_role_whose_window_is_changed_is_still_to_be_bound_by_the_request_under_way() {
    let mut world = World::new();
    world.holds(1).window.end = End::At(at(DAY));
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.sent = Some(requested(0, Progress::Underway));
    let plan = world.plan_at(5);
    assert_eq!(plan.stages[0].kind, StageKind::Grant);
    assert_eq!(
        binding_record(&plan, "role").sent,
        Some(requested(0, Progress::Underway))
    );
}

#[test]
fn whoever_is_paused_or_refused_before_they_are_granted_has_no_end() {
    let mut world = World::new();
    let team = world.eligible("team", &["ann"]);
    team.schedule.expiration = ScheduleExpiration::AfterDuration(days("P30D"));
    team.pause = Pause::Paused;
    assert_eq!(row(&world.plan(), "team", "ann").end, None);
    let team = world.assignment("team");
    team.pause = Pause::Running;
    world.resolve("ann", Resolution::NotFound);
    assert_eq!(row(&world.plan(), "team", "ann").end, None);
}
