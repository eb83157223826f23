//! The group itself.

use super::fixture::*;
use crate::action::{Cause, Write};
use crate::desired::{LastReport, PreviousAdmission};
use crate::memory::Answer;
use crate::observed::{self, Management, Presence};
use crate::plan::StageKind;
use crate::reason::Reason;
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
fn a_creation_whose_answer_was_lost_is_repeated_after_minutes_of_looking() {
    let mut world = absent(-5);
    world.desired.group.pending = Some(creation(-40, None));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "it may have been made");
    assert_eq!(
        plan.wake_at,
        Some(crate::knowledge::later(
            at(0),
            jiff::SignedDuration::from_millis(2_500)
        )),
        "and may be shown any moment"
    );
    // A minute after it was sent, reads begin to count.
    world.observed.now = at(20 + 5 * MINUTE - 1);
    assert!(world.plan().stages.is_empty());
    world.observed.now = at(20 + 5 * MINUTE);
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_creation_whose_answer_named_a_group_is_not_repeated_before_five_minutes() {
    let mut world = absent(-61);
    world.desired.group.last_seen = Some(group_id());
    world.desired.group.pending = Some(creation(-62, Some(group_id())));
    world.observed = observed::Unit::unread(at(0), Presence::Absent { since: at(-61) });
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert!(plan.needs.is_empty(), "nothing can be read of it");
    assert_eq!(reason(&of_group(&plan).state), "WaitingForReplication");
    assert!(message(&of_group(&plan).state).contains(&group_id().to_string()));
    assert_eq!(group_record(&plan).pending, world.desired.group.pending);
    world.observed.now = at(5 * MINUTE - 2);
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_creation_that_was_refused_is_told_at_once_and_tried_again_in_time() {
    let mut world = absent(0);
    let plan = world.plan();
    let refusal = State::stuck(Reason::QuotaExceeded, "500 groups are the most");
    world.all_tried(&plan, &Answer::Refused(refusal.clone()));
    for pending in [group_record(&plan).pending, None] {
        world.desired.group.pending = pending;
        world.observed.now = at(1);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(of_group(&plan).state, refusal);
        assert!(plan.wake_at.is_some_and(|wake| wake <= at(MINUTE + 1)));
        world.observed.now = at(2 * MINUTE);
        assert_eq!(world.plan().stages[0].kind, StageKind::Group);
    }
}

#[test]
fn a_look_from_before_the_creation_proves_nothing() {
    let mut world = absent(-10 * MINUTE);
    world.desired.group.pending = Some(creation(-10, None));
    world.observed.now = at(50 + 5 * MINUTE - 1);
    assert!(world.plan().stages.is_empty());
    world.observed.now = at(50 + 5 * MINUTE);
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn people_are_told_a_time_in_whole_seconds() {
    let mut world = absent(-30);
    world.observed.group = Presence::Absent {
        since: "2026-11-21T12:00:00.123456Z".parse().unwrap(),
    };
    world.observed.now = "2026-11-21T12:00:10Z".parse().unwrap();
    world.desired.group.last_seen = Some(group_id());
    let plan = world.plan();
    let State::Waiting { message, .. } = &of_group(&plan).state else {
        panic!("{:?}", of_group(&plan).state)
    };
    assert!(message.ends_with("until 2026-11-21T12:05:01Z"), "{message}");
}

#[test]
fn a_creation_noted_in_the_future_blocks_nothing() {
    let mut world = absent(-10 * MINUTE);
    world.desired.group.pending = Some(creation(DAY, None));
    assert_eq!(world.plan().stages[0].kind, StageKind::Group);
}

#[test]
fn a_group_that_vanished_is_made_again_after_five_minutes_and_reported() {
    let mut world = absent(-4 * MINUTE);
    world.desired.group.last_seen = Some(group_id());
    assert!(world.plan().stages.is_empty());
    world.observed.now = at(MINUTE);
    let plan = world.plan();
    assert!(matches!(plan.stages[0].actions[0].cause, Cause::Drift(_)));
    assert_eq!(of_group(&plan).drift[0].stands, "nothing");
}

#[test]
fn a_deleted_group_is_restored() {
    let mut world = World::new();
    world.desired.group.last_report = LastReport::Matched;
    world.observed.group = deleted();
    let plan = world.plan();
    assert!(matches!(
        plan.stages[0].actions[0].write,
        Write::RestoreGroup(_)
    ));
    assert_eq!(of_group(&plan).drift[0].stands, "deleted");
}

#[test]
fn a_group_that_is_not_admitted_is_not_made() {
    let mut world = absent(0);
    world.desired.group.previous_admission = PreviousAdmission::None;
    world.desired.group.display_name = "Domain Admins".to_owned();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&of_group(&plan).state), "BoundaryDenied");
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
        (Presence::Duplicates(vec![group_id()]), "AdoptionConflict"),
        (Presence::KeyMismatch(group_id()), "AdoptionConflict"),
    ];
    for (presence, expected) in presences {
        let mut world = World::new();
        world.eligible("team", &["ann"]);
        world.bind("role", 1);
        world.observed.group = presence;
        let plan = world.plan();
        assert!(plan.stages.is_empty());
        assert_eq!(reason(&of_group(&plan).state), expected);
        assert_eq!(reason(&assignment(&plan, "team").state), expected);
        assert_eq!(reason(&binding(&plan, "role").state), expected);
    }
}

#[test]
fn a_rename_comes_last_so_that_nothing_waits_for_it() {
    let mut world = World::new();
    world.desired.group.display_name = "PAG-payments-new".to_owned();
    world.desired.group.last_report = LastReport::Matched;
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::Grant, StageKind::Rename]);
    assert_eq!(of_group(&plan).drift[0].field, "spec.displayName");
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
    assert_eq!(
        (group_record(&plan).eligible, group_record(&plan).active),
        (2, 1)
    );
}
