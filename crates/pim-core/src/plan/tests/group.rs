//! The group itself.

use super::fixture::*;
use crate::action::{Cause, Write};
use crate::desired::{Settlement, Standing};
use crate::observed::{Management, Presence};
use crate::plan::StageKind;
use crate::schedule::Kind;
use crate::verdict::State;

fn absent(since: i64) -> World {
    let mut world = World::new();
    world.observed.group = Presence::Absent { since: at(since) };
    world.desired.group.last_seen = None;
    world
}

#[test]
fn a_group_that_nobody_ever_saw_is_made_at_once() {
    let plan = absent(0).plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Group,
            vec!["create group \"PAG-payments\" (epim-abc)".to_owned()]
        )]
    );
}

#[test]
fn a_lost_answer_is_settled_by_a_minute_of_looking() {
    let mut world = absent(-30);
    world.desired.group.pending = Some(creation(-40, None));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "it may have been made");
    assert_eq!(plan.wake_at, Some(at(2)), "and may be shown any moment");
    world.observed.now = at(29);
    assert_eq!(world.plan().wake_at, Some(at(30)));
    world.observed.now = at(30);
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_look_from_before_the_creation_proves_nothing() {
    let mut world = absent(-10 * MINUTE);
    world.desired.group.pending = Some(creation(-10, None));
    world.observed.now = at(49);
    assert_eq!(world.plan().wake_at, Some(at(50)));
}

#[test]
fn people_are_told_a_time_in_whole_seconds() {
    let mut world = absent(-30);
    world.observed.group = Presence::Absent {
        since: "2026-11-21T12:00:00.123456Z".parse().unwrap(),
    };
    world.observed.now = "2026-11-21T12:00:10Z".parse().unwrap();
    world.desired.group.last_seen = Some(group_id());
    let State::Waiting { message, .. } = world.plan().group.state else {
        panic!("{:?}", world.plan().group.state)
    };
    assert!(message.ends_with("until 2026-11-21T12:01:01Z"), "{message}");
}

#[test]
fn a_creation_noted_in_the_future_blocks_nothing() {
    let mut world = absent(-10 * MINUTE);
    world.desired.group.pending = Some(creation(DAY, None));
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_group_that_vanished_is_made_again_after_a_minute_and_reported() {
    let mut world = absent(-2 * MINUTE);
    world.desired.group.last_seen = Some(group_id());
    let plan = world.plan();
    assert!(matches!(plan.stages[0].actions[0].cause, Cause::Drift(_)));
    assert_eq!(plan.group.drift[0].stands, "nothing");
}

#[test]
fn a_deleted_group_is_restored() {
    let mut world = World::new();
    world.desired.group.settlement = Settlement::Settled;
    world.observed.group = Presence::Deleted(living());
    let plan = world.plan();
    assert!(matches!(
        plan.stages[0].actions[0].write,
        Write::RestoreGroup(_)
    ));
    assert_eq!(plan.group.drift[0].stands, "deleted");
}

#[test]
fn a_group_that_is_not_admitted_is_not_made() {
    let mut world = absent(0);
    world.desired.group.standing = Standing::New;
    world.desired.group.display_name = "Domain Admins".to_owned();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&plan.group.state), "BoundaryDenied");
}

#[test]
fn a_group_without_a_boundary_is_not_made() {
    let mut world = absent(0);
    world.desired.boundary = None;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.is_empty());
}

#[test]
fn twins_strangers_and_locked_groups_stop_with_a_reason() {
    let locked = crate::observed::Group {
        management: Management::Restricted,
        ..living()
    };
    let presences = [
        (Presence::Living(locked), "ManagementRestricted"),
        (Presence::Twins(vec![group_id()]), "AdoptionConflict"),
        (Presence::Stranger(group_id()), "AdoptionConflict"),
    ];
    for (presence, expected) in presences {
        let mut world = World::new();
        world.eligible("team", &["ann"]);
        world.bind("role", 1);
        world.observed.group = presence;
        let plan = world.plan();
        assert!(plan.stages.is_empty());
        assert_eq!(reason(&plan.group.state), expected);
        assert_eq!(reason(&assignment(&plan, "team").state), expected);
        assert_eq!(reason(&binding(&plan, "role").state), expected);
    }
}

#[test]
fn a_rename_comes_last_so_that_nothing_waits_for_it() {
    let mut world = World::new();
    world.desired.group.display_name = "PAG-payments-new".to_owned();
    world.desired.group.settlement = Settlement::Settled;
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::Grant, StageKind::Rename]);
    assert_eq!(plan.group.drift[0].field, "spec.displayName");
}

#[test]
fn a_description_can_be_taken_away() {
    let mut world = World::new();
    let described = crate::observed::Group {
        description: Some("old".to_owned()),
        ..living()
    };
    world.observed.group = Presence::Living(described);
    let plan = world.plan();
    assert!(matches!(
        plan.stages[0].actions[0].write,
        Write::UpdateGroup {
            description: None,
            ..
        }
    ));
}

#[test]
fn the_group_counts_those_who_stand_as_declared() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.settled(Kind::Active, "always", &["cid"]);
    world.eligible("more", &["dan"]);
    let plan = world.plan();
    assert_eq!((plan.group.eligible, plan.group.active), (2, 1));
}
