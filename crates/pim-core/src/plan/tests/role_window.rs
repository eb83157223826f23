//! Roles that begin and end, and roles that a group is eligible for.

use jiff::SignedDuration;

use super::fixture::*;
use crate::action::{Cause, Write};
use crate::desired::{LastReport, Lifecycle};
use crate::memory::Answer;
use crate::plan::{Plan, StageKind};
use crate::reason::Reason;
use crate::schedule::{End, Kind, Schedule, ScheduleExpiration};
use crate::verdict::State;

fn after(text: &str) -> Schedule {
    Schedule {
        start: None,
        expiration: ScheduleExpiration::AfterDuration(days(text)),
    }
}

fn ends(second: i64) -> Schedule {
    Schedule {
        start: None,
        expiration: ScheduleExpiration::EndTime(at(second)),
    }
}

fn state(plan: &Plan) -> State {
    binding(plan, "role").state.clone()
}

/// A role that was bound a day ago for thirty days, and is held so.
fn bound_for_a_month(kind: Kind) -> World {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.kind = kind;
    role.schedule = after("P30D");
    role.bound = Some(role_target(1));
    role.first_bound = Some(at(-DAY));
    role.last_report = LastReport::Matched;
    let row = match kind {
        Kind::Active => world.holds(1),
        Kind::Eligible => world.may_hold(1),
    };
    row.window.end = End::At(at(29 * DAY));
    world
}

#[test]
fn a_duration_counts_from_when_the_role_was_first_bound() {
    for kind in [Kind::Active, Kind::Eligible] {
        let mut world = World::new();
        let role = world.bind("role", 1);
        (role.kind, role.schedule) = (kind, after("P30D"));
        let plan = world.begun(world.plan());
        let record = binding_record(&plan, "role");
        assert_eq!(
            record.first_bound,
            Some(at(0)),
            "noted before it is written"
        );
        assert_eq!(record.end, Some(End::At(at(30 * DAY))));
        let settled = bound_for_a_month(kind).plan();
        assert!(settled.stages.is_empty(), "{:?}", writes(&settled));
        assert_eq!(state(&settled), State::Ready);
        assert_eq!(settled.wake_at, Some(at(29 * DAY)), "its end is told");
    }
}

#[test]
fn a_group_is_made_eligible_and_that_ends_at_any_age() {
    let mut world = World::new();
    world.bind("role", 1).kind = Kind::Eligible;
    assert_eq!(first(&world.plan()), ["bind eligible role 1 at / to group"]);
    world.may_hold(1).created = Some(at(-MINUTE));
    let role = world.binding("role");
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    assert_eq!(
        first(&world.plan()),
        ["unbind eligible role 1 at / from group"]
    );
}

#[test]
fn eligible_roles_are_read_before_one_is_bound() {
    let mut world = World::new();
    world.bind("role", 1).kind = Kind::Eligible;
    world.observed.eligible_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(plan.needs, [Part::EligibleRoles].into());
}

#[test]
fn the_same_role_may_be_held_active_and_eligible_by_two_objects() {
    let mut world = World::new();
    world.bind("active", 1);
    world.bind("eligible", 1).kind = Kind::Eligible;
    assert_eq!(
        first(&world.plan()),
        [
            "bind role 1 at / to group",
            "bind eligible role 1 at / to group"
        ]
    );
    world.holds(1);
    let plan = world.plan();
    assert_eq!(first(&plan), ["bind eligible role 1 at / to group"]);
    assert_eq!(binding(&plan, "active").state, State::Ready);
}

#[test]
fn a_longer_window_is_made_in_place_and_behind_the_guard() {
    for kind in [Kind::Active, Kind::Eligible] {
        let mut world = bound_for_a_month(kind);
        world.binding("role").schedule = after("P60D");
        world.binding("role").last_report = LastReport::Differed;
        let plan = world.plan();
        assert_eq!(plan.stages[0].kind, StageKind::Grant);
        assert!(first(&plan)[0].starts_with("change "), "{:?}", first(&plan));
        world.loosen(crate::schedule::Access::Member);
        let plan = world.plan();
        assert_eq!(plan.stages[0].kind, StageKind::Policy);
        assert_eq!(reason(&state(&plan)), "GuardMissing");
    }
}

#[test]
fn a_shorter_window_waits_for_neither_guard_nor_boundary() {
    let mut world = bound_for_a_month(Kind::Active);
    world.binding("role").schedule = after("P10D");
    world.loosen(crate::schedule::Access::Member);
    let shortened = |plan: &Plan| (plan.stages[0].kind, first(plan)[0].starts_with("change "));
    assert_eq!(shortened(&world.plan()), (StageKind::Revoke, true));
    world.desired.boundary = None;
    let plan = world.plan();
    assert_eq!(shortened(&plan), (StageKind::Revoke, true));
    assert_eq!(reason(&state(&plan)), "BoundaryViolated");
    world.binding("role").bound = None;
    assert!(world.plan().stages.is_empty(), "it is somebody else\'s");
}

#[test]
fn who_changes_the_window_by_hand_is_told_and_it_is_changed_back() {
    let mut world = bound_for_a_month(Kind::Active);
    world.observed.roles.known()[0].window.end = End::At(at(2 * DAY));
    let plan = world.plan();
    let Cause::Drift(differences) = &plan.stages[0].actions[0].cause else {
        panic!("{:?}", writes(&plan));
    };
    assert_eq!(differences[0].field, "spec.schedule");
}

#[test]
fn a_role_whose_window_has_ended_stays_ended_and_what_outlasts_it_goes() {
    for kind in [Kind::Active, Kind::Eligible] {
        let mut world = bound_for_a_month(kind);
        world.pass(29 * DAY + 1);
        let rows = match kind {
            Kind::Active => world.observed.roles.known(),
            Kind::Eligible => world.observed.eligible_roles.known(),
        };
        rows[0].window.end = End::At(at(400 * DAY));
        let plan = world.plan();
        assert_eq!(plan.stages[0].kind, StageKind::Revoke);
        assert!(first(&plan)[0].starts_with("unbind "), "{:?}", first(&plan));
        assert_eq!(reason(&state(&plan)), "Progressing");
        let write = plan.stages[0].actions[0].write.clone();
        world.tried(&write, Answer::Taken);
        world.observed.roles.known().clear();
        world.observed.eligible_roles.known().clear();
        let plan = world.plan();
        assert!(plan.stages.is_empty());
        assert_eq!(state(&plan), State::Expired, "it is not bound again");
        assert_eq!(binding_record(&plan, "role").role, Some(role_target(1)));
    }
}

#[test]
fn a_plain_row_that_is_listed_when_its_schedule_has_just_ended_is_left_alone() {
    let mut world = bound_for_a_month(Kind::Active);
    world.observed.roles.known().clear();
    world.holds_plainly(1);
    world.pass(29 * DAY + MINUTE);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(state(&plan), State::Expired);
    assert_eq!(plan.wake_at, Some(at(29 * DAY + 5 * MINUTE)));
    world.pass(29 * DAY + 5 * MINUTE);
    assert_eq!(
        first(&world.plan()),
        ["delete the plain assignment of role 1 to group"]
    );
}

#[test]
fn another_object_binds_what_an_ended_one_let_go() {
    let mut world = bound_for_a_month(Kind::Active);
    world.observed.roles.known().clear();
    world.bind("next", 1);
    world.pass(30 * DAY);
    let plan = world.plan();
    assert_eq!(first(&plan), ["bind role 1 at / to group"]);
    assert_eq!(state(&plan), State::Expired);
}

#[test]
fn a_window_that_ends_too_soon_to_be_made_ends_when_its_time_comes() {
    let mut world = bound_for_a_month(Kind::Active);
    world.binding("role").schedule = ends(2 * MINUTE);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&state(&plan)), "Progressing");
    assert_eq!(plan.wake_at, Some(at(2 * MINUTE)));
    world.pass(2 * MINUTE);
    assert_eq!(first(&world.plan()), ["unbind role 1 at / from group"]);
}

#[test]
fn a_plain_assignment_that_pim_does_not_know_makes_room_for_a_window() {
    let mut world = World::new();
    let role = world.bind("role", 1);
    role.schedule = after("P30D");
    world.holds_plainly(1);
    let plan = world.plan();
    assert_eq!(plan.stages[0].kind, StageKind::Revoke);
    let write = plan.stages[0].actions[0].write.clone();
    assert!(matches!(write, Write::BindRole { .. }));
    let unknown = State::waiting(Reason::WaitingForReplication, "RoleAssignmentDoesNotExist");
    let (now, wait) = (world.observed.now, SignedDuration::ZERO);
    world
        .memory
        .tried(&write, now, wait, Answer::Refused(unknown));
    assert_eq!(
        first(&world.plan()),
        ["delete the plain assignment of role 1 to group"]
    );
}
