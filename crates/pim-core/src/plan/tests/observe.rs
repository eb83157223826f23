//! A tenant that is only observed: everything is told, and nothing is written.

use proptest::prelude::*;

use super::fixture::*;
use super::properties::delete_everything;
use super::strategy;
use crate::desired::{Lifecycle, ManagementPolicy, Pause};
use crate::observed::Presence;
use crate::principal::Resolution;
use crate::schedule::Kind;
use crate::verdict::State;

fn observed() -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["eve"]);
    world.desired.rules.management = ManagementPolicy::Observe;
    world
}

#[test]
fn what_is_as_declared_is_ready_and_what_is_not_says_what_would_be_done() {
    let mut world = observed();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.eligible("more", &["bob"]);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(assignment(&plan, "team").state, State::Ready);
    let state = &assignment(&plan, "more").state;
    assert_eq!(reason(state), "Paused");
    let told = message(state);
    assert!(
        told.contains("Observe") && told.contains("it would"),
        "{told}"
    );
    assert!(told.contains("bob"), "{told}");
    world.desired.rules.management = ManagementPolicy::Manage;
    assert_eq!(writes(&world.plan()).len(), 1);
}

#[test]
fn of_whoever_is_denied_nobody_is_told_that_access_is_being_taken_away() {
    let mut world = observed();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.desired.rules.denied = [id("ann")].into();
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let told = problems(&plan, "team").iter();
    let told = told.map(|one| one.message.as_str());
    let told: Vec<&str> = told
        .chain([message(&assignment(&plan, "team").state)])
        .collect();
    let says = |words: &str| told.iter().any(|one| one.contains(words));
    assert!(says("access would be taken away"), "{told:?}");
    assert!(!says("is being taken away"), "{told:?}");
}

#[test]
fn a_group_that_does_not_exist_is_told_and_not_made() {
    let mut world = observed();
    world.observed.group = Presence::Absent { since: at(-DAY) };
    world.desired.group.last_seen = None;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let told = message(&of_group(&plan).state);
    assert!(told.contains("it would create"), "{told}");
}

#[test]
fn what_is_deleted_waits_while_something_of_it_stands_and_goes_if_nothing_does() {
    let mut world = observed();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.eligible("none", &[]).lifecycle = Lifecycle::Deleting;
    world.assignment("team").lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(assignment(&plan, "none").state, State::Gone);
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "Paused");
    assert!(message(state).contains("ann"), "{}", message(state));
}

#[test]
fn whoever_is_denied_stays_in_until_the_tenant_is_managed() {
    let mut world = observed();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.desired.rules.denied = [id("ann")].into();
    world.desired.group.pause = Pause::Paused;
    assert!(world.plan().stages.is_empty());
    world.desired.rules.management = ManagementPolicy::Manage;
    assert_eq!(first(&world.plan()).len(), 1);
}

#[test]
fn what_could_not_be_made_true_says_why_beside_what_would_be_done() {
    let mut world = observed();
    world.eligible("team", &["ann", "bob"]);
    world.resolve("bob", Resolution::NotFound);
    let plan = world.plan();
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "PrincipalNotFound");
    let told = message(state);
    assert!(told.contains("bob") && told.contains("it would"), "{told}");
}

proptest! {
    #[test]
    fn nothing_is_written_to_a_tenant_that_is_only_observed(world in strategy::world(), goes in any::<bool>()) {
        let mut model = super::model::Model::new(world);
        if goes {
            delete_everything(&mut model);
        }
        let mut world = model.world;
        world.desired.rules.management = ManagementPolicy::Observe;
        let plan = world.plan();
        prop_assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    }
}
