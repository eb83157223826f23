//! Activations: shown, and never planned against until what they came from is taken away.

use super::fixture::*;
use crate::desired::Lifecycle;
use crate::schedule::{End, Kind, ScheduleExpiration};
use crate::verdict::State;

#[test]
fn an_activation_that_outlives_its_eligibility_is_ended_before_the_revoke_is_done() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.activated("ann");
    world.assignment("team").lifecycle = Lifecycle::Deleting;
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
    world.ended(key("ann", Kind::Eligible));
    let plan = world.plan();
    assert_eq!(first(&plan), ["end ann as active member of group"]);
    assert_eq!(reason(&assignment(&plan, "team").state), "Progressing");
    world.ended(key("ann", Kind::Active));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "team").state, State::Gone);
}

#[test]
fn a_young_activation_is_ended_after_five_minutes() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.ended(key("ann", Kind::Eligible));
    world.activated("ann").window.start = Some(at(-MINUTE));
    world.take_out("team", "ann");
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.wake_at, Some(at(4 * MINUTE)));
}

#[test]
fn an_activation_of_a_declared_eligibility_is_left_alone() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.activated("ann");
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        row(&plan, "team", "ann").activated_until,
        Some(End::At(at(8 * 60 * MINUTE)))
    );
    // They were active all the time as well, and are not to be any more.
    remember(world.active("always", &["ann"]), -DAY);
    world.take_out("always", "ann");
    assert!(
        world.plan().stages.is_empty(),
        "the activation comes from the eligibility that she keeps"
    );
}

#[test]
fn an_activation_is_not_ended_where_that_would_end_what_nobody_declares() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.ended(key("ann", Kind::Eligible));
    world.activated("ann");
    world.stands(key("ann", Kind::Active), End::Never);
    world.take_out("team", "ann");
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForDependency"
    );
    assert_eq!(
        plan.wake_at,
        Some(at(8 * 60 * MINUTE)),
        "the activation ends by itself"
    );
}

#[test]
fn an_activation_is_left_alone_while_its_eligibility_is_about_to_be_put_right() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.observed.eligible.known().clear();
    world.activated("ann");
    remember(world.active("always", &["ann"]), -DAY);
    world.take_out("always", "ann");
    let plan = world.plan();
    assert!(
        first(&plan)[0].starts_with("make ann as eligible member"),
        "{:?}",
        writes(&plan)
    );
}

#[test]
fn an_activation_that_outlives_the_window_of_its_eligibility_is_ended() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(-MINUTE));
    world.activated("ann");
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
    world.ended(key("ann", Kind::Eligible));
    assert_eq!(first(&world.plan()), ["end ann as active member of group"]);
    world.assignment("team").memory.clear();
    assert!(
        world.plan().stages.is_empty(),
        "but only after a grant of ours"
    );
}
