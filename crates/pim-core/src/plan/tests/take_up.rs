//! Groups that bear our key and are not known.

use super::fixture::*;
use crate::desired::{Assignability, Lifecycle};
use crate::observed::{PlainRoles, Presence};
use crate::plan::{Need, StageKind};
use crate::schedule::{End, Kind};
use crate::verdict::State;

fn unknown() -> World {
    let mut world = World::new();
    world.desired.group.last_seen = None;
    world
}

#[test]
fn a_rebuilt_cluster_finds_its_group_with_no_write() {
    let mut world = unknown();
    world.eligible("team", &["ann"]);
    world.stands(key("ann", Kind::Eligible), End::At(at(90 * DAY)));
    world.bind("role", 1);
    world.holds(1);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.group.state, State::Ready);
    assert_eq!(plan.group.id, Some(group_id()));
}

#[test]
fn roles_are_looked_at_before_a_group_is_taken_up() {
    let mut world = unknown();
    world.eligible("team", &["ann"]);
    world.observed.plain_roles = PlainRoles::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.needs.plain_roles, Need::Now);
}

#[test]
fn a_group_that_holds_more_than_is_admitted_is_given_nobody() {
    for plainly in [false, true] {
        let mut world = unknown();
        world.eligible("team", &["ann"]);
        world.bind("role", 1);
        world.desired.group.display_name = "PAG-payments-new".to_owned();
        if plainly {
            world.holds_plainly(9);
        } else {
            world.holds(9);
        }
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&plan.group.state), "AdoptionRequired");
        assert_eq!(
            plan.group.id, None,
            "remembered, it would count as taken up"
        );
        assert_eq!(reason(&assignment(&plan, "team").state), "AdoptionRequired");
        assert_eq!(reason(&binding(&plan, "role").state), "AdoptionRequired");
    }
}

#[test]
fn a_deleted_group_is_judged_before_it_is_restored() {
    let mut world = unknown();
    world.observed.group = Presence::Deleted(living());
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
    world.holds(9);
    assert_eq!(reason(&world.plan().group.state), "AdoptionRequired");
}

#[test]
fn a_group_that_anybody_could_have_made_is_taken_up_only_without_strangers() {
    let mut world = unknown();
    world.desired.group.assignability = Assignability::Ordinary;
    world.eligible("team", &["ann"]);
    world.active("always", &["bob"]);
    world.stands(key("bob", Kind::Active), End::Never);
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
    world.stands(owner_key("eve"), End::Never);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&plan.group.state), "AdoptionRequired");
}

#[test]
fn what_is_known_is_not_judged_again() {
    let mut world = World::new();
    world.observed.plain_roles = PlainRoles::Unread;
    world.holds(9);
    let plan = world.plan();
    assert!(plan.needs.are_met());
    assert_eq!(plan.group.state, State::Ready);
}

#[test]
fn an_unknown_group_can_still_be_deleted() {
    let mut world = unknown();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.holds(9);
    assert_eq!(first(&world.plan()), ["unbind role 9 at / from group"]);
}

#[test]
fn nothing_is_taken_away_from_a_group_that_was_not_taken_up() {
    let mut world = unknown();
    world.settled(Kind::Eligible, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.holds(9);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "AdoptionRequired");
}
