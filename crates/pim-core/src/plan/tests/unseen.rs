//! Access that was sent, or stood, and that no list shows.

use super::fixture::*;
use crate::desired::Lifecycle;
use crate::memory::{Answer, Memory};
use crate::plan::StageKind;
use crate::schedule::{Access, Kind};
use crate::verdict::State;

/// An object that goes, and that sent its only grant a moment ago.
fn taken_back(kind: Kind, seconds: i64) -> World {
    let mut world = World::new();
    remember(world.assign(kind, "team", &["ann"]), seconds);
    let team = world.assignment("team");
    team.memory[0].sent = Some(sent(seconds));
    team.lifecycle = Lifecycle::Deleting;
    world
}

#[test]
fn what_was_sent_a_moment_ago_is_taken_away_although_no_list_shows_it() {
    let mut world = taken_back(Kind::Eligible, -2);
    let plan = world.plan();
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
    assert_ne!(assignment(&plan, "team").state, State::Gone);
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(
        assignment(&world.plan(), "team").state,
        State::Gone,
        "the service has taken it away and no list shows it"
    );
}

#[test]
fn where_there_was_nothing_to_take_away_two_looks_long_after_the_grant_must_say_so() {
    let mut world = taken_back(Kind::Eligible, -2);
    let plan = world.plan_at(0);
    world.all_tried(&plan, &Answer::WasGone);
    let plan = world.plan_at(10);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForReplication"
    );
    assert_ne!(assignment(&world.plan_at(57), "team").state, State::Gone);
    assert_ne!(assignment(&world.plan_at(60), "team").state, State::Gone);
    assert_ne!(assignment(&world.plan_at(119), "team").state, State::Gone);
    assert_eq!(assignment(&world.plan_at(120), "team").state, State::Gone);
}

#[test]
fn a_group_does_not_go_before_what_was_sent_a_moment_ago() {
    let mut world = taken_back(Kind::Eligible, -2);
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(plan.stages.len(), 1, "{:?}", writes(&plan));
    world.all_tried(&plan, &Answer::WasGone);
    assert!(world.plan().stages.is_empty());
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(first(&world.plan()), ["delete group"]);
}

#[test]
fn unseen_active_access_is_not_forgotten_before_the_service_lets_it_be_ended() {
    let mut world = taken_back(Kind::Active, -2);
    for seconds in [0, 70, 140, 290] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
        assert_eq!(reason(&assignment(&plan, "team").state), "TooYoung");
    }
    assert_eq!(
        first(&world.plan_at(298)),
        ["end ann as active member of group"]
    );
}

#[test]
fn access_that_was_given_again_a_moment_ago_is_not_believed_to_be_gone() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.ended(key("ann", Kind::Eligible));
    let plan = world.plan_at(10);
    assert_eq!(plan.stages[0].kind, StageKind::Grant, "drift: given again");
    let plan = world.begun(plan);
    assert_eq!(row(&plan, "team", "ann").first_granted, Some(at(-DAY)));
    world.all_tried(&plan, &Answer::Taken);
    let memory = row(&plan, "team", "ann").record();
    let team = world.assignment("team");
    team.memory = memory.into_iter().collect();
    team.lifecycle = Lifecycle::Deleting;
    let plan = world.plan_at(12);
    assert_eq!(
        first(&plan),
        ["end ann as eligible member of group"],
        "that it was taken away before says nothing any more"
    );
    assert_ne!(assignment(&plan, "team").state, State::Gone);
}

#[test]
fn a_first_grant_that_came_through_late_is_not_believed_to_be_gone() {
    let mut world = World::new();
    let team = world.eligible("team", &["ann"]);
    remember(team, -2 * MINUTE);
    team.memory[0].sent = Some(sent(-2 * MINUTE));
    let plan = world.plan_at(0);
    assert_eq!(plan.stages[0].kind, StageKind::Grant, "nobody heard of it");
    let plan = world.begun(plan);
    let again = row(&plan, "team", "ann").sent.clone();
    assert_eq!(again, Some(sent(0)));
    let team = world.assignment("team");
    team.memory[0].sent = again;
    team.lifecycle = Lifecycle::Deleting;
    let plan = world.plan_at(2);
    assert_ne!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
}

#[test]
fn one_list_that_lacks_what_stood_does_not_end_a_clean_up() {
    let mut world = World::new();
    world.settled(Kind::Active, "team", &["ann"]);
    world.observed.active.known().clear();
    world.assignment("team").lifecycle = Lifecycle::Deleting;
    let plan = world.plan_at(0);
    assert_ne!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(plan.wake_at, Some(at(60)));
    world.memory = Memory::default();
    assert_ne!(
        assignment(&world.plan_at(59), "team").state,
        State::Gone,
        "who remembers nothing begins to look anew"
    );
    assert_eq!(assignment(&world.plan_at(119), "team").state, State::Gone);
}

#[test]
fn an_application_that_pim_says_is_there_and_does_not_list_is_made_one_of_its_own() {
    let mut world = World::new();
    world.active("team", &["robot"]);
    world.plan_at(0);
    world.is_plainly(Access::Member, "robot");
    let mut minute = 0;
    for _ in 0..2 {
        minute = next_write(&mut world, minute);
        let plan = world.plan_at(minute * MINUTE);
        assert_eq!(verb(&plan), "make");
        let plan = world.begun(plan);
        world.remember_rows(&plan, "team");
        world.all_tried(&plan, &Answer::Taken);
    }
    minute = next_write(&mut world, minute);
    assert_eq!(verb(&world.plan_at(minute * MINUTE)), "change");
    world.observed.applications = world.observed.applications.clone().demoted();
    let plan = world.plan();
    assert!(plan.needs.contains(&Part::Applications), "{:?}", plan.needs);
    // Whom the directory does not list either has just not come through yet.
    world.observed.applications.known().clear();
    assert_eq!(verb(&world.plan_at(minute * MINUTE)), "make");
}

/// The first minute from this one on in which something is written.
fn next_write(world: &mut World, from: i64) -> i64 {
    let mut minutes = from..from + 240;
    let found = minutes.find(|minute| !world.plan_at(minute * MINUTE).stages.is_empty());
    found.unwrap()
}

/// What is done to the one access that the object declares.
fn verb(plan: &crate::plan::Plan) -> String {
    let written = first(plan)[0].clone();
    let (verb, rest) = written.split_once(' ').unwrap();
    assert!(rest.starts_with("robot as active member"), "{rest}");
    verb.to_owned()
}
