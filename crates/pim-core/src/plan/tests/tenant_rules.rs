//! From whom the tenant lets nothing be taken, and what it does with what somebody else took away.

use super::fixture::*;
use crate::audit_log::{AccessChange, AuditLog, Author, AuthorKind, Deed, Matter};
use crate::desired::{HeldRemoval, Lifecycle, RemovedByOthers, Remover, Undeclared};
use crate::plan::StageKind;
use crate::schedule::{End, Kind, ScheduleExpiration};
use crate::verdict::SubjectState;

fn protecting(name: &str) -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["eve"]);
    world.desired.rules.protected = [id(name)].into();
    world
}

#[test]
fn whoever_is_protected_stays_when_taken_out_and_when_the_object_goes() {
    for lifecycle in [Lifecycle::Living, Lifecycle::Deleting] {
        let mut world = protecting("ann");
        world.settled(Kind::Eligible, "team", &["ann", "bob"]);
        world.assignment("team").subjects.clear();
        world.assignment("team").lifecycle = lifecycle;
        let plan = world.plan();
        assert_eq!(first(&plan), ["end bob as eligible member of group"]);
        let state = &assignment(&plan, "team").state;
        assert_eq!(reason(state), "PrincipalProtected");
        assert!(message(state).contains("remove their id there"));
        assert_eq!(row(&plan, "team", "ann").state, SubjectState::Revoking);
        world.desired.rules.protected.clear();
        assert_eq!(first(&world.plan()).len(), 2);
    }
}

#[test]
fn a_window_gets_no_smaller_for_whoever_is_protected_and_may_get_larger() {
    let mut world = protecting("ann");
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.assignment("team").schedule.expiration = ScheduleExpiration::EndTime(at(30 * DAY));
    let plan = world.plan();
    let shortened = first(&plan);
    assert_eq!(plan.stages[0].kind, StageKind::Revoke);
    assert!(
        matches!(shortened.as_slice(), [one] if one.starts_with("change bob")),
        "{shortened:?}"
    );
    let kept = row(&plan, "team", "ann");
    assert_eq!(
        (kept.state, kept.end),
        (SubjectState::Eligible, Some(End::At(at(179 * DAY))))
    );
    assert_eq!(problems(&plan, "team").len(), 1);
    world.assignment("team").schedule.expiration = ScheduleExpiration::EndTime(at(300 * DAY));
    let plan = world.plan();
    assert_eq!(first(&plan).len(), 2, "{:?}", writes(&plan));
}

#[test]
fn whoever_is_undeclared_and_protected_stays_and_so_does_a_group_that_goes() {
    let mut world = protecting("ann");
    world.stands(key("ann", Kind::Eligible), End::Never);
    world.stands(key("bob", Kind::Eligible), End::Never);
    world.desired.group.undeclared.eligible = Undeclared::Remove;
    world.plan_at(0);
    let plan = world.plan_at(6 * MINUTE);
    assert_eq!(first(&plan), ["end bob as eligible member of group"]);
    assert_eq!(reason(&of_group(&plan).state), "PrincipalProtected");
    world.desired.assignments.clear();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan_at(7 * MINUTE);
    assert_eq!(reason(&of_group(&plan).state), "PrincipalProtected");
    let writes = writes(&plan);
    let is_about_ann = |write: &String| write.contains(" ann ");
    assert!(!writes.iter().any(|(_, all)| all.iter().any(is_about_ann)));
    assert!(writes.iter().all(|(kind, _)| *kind != StageKind::Delete));
}

/// Somebody took Ann's eligibility away by hand.
fn removed(wish: RemovedByOthers) -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["eve"]);
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.desired.rules.removed_by_others = wish;
    let of_ann = id("ann");
    world
        .observed
        .eligible
        .known()
        .retain(|row| row.principal != of_ann);
    world
}

#[test]
fn what_others_took_away_is_given_again_where_the_tenant_says_restore() {
    let mut world = removed(RemovedByOthers::Restore);
    let plan = world.plan_at(0);
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}

#[test]
fn where_it_says_hold_nothing_is_given_before_the_object_is_edited() {
    let mut world = removed(RemovedByOthers::Hold);
    let plan = world.plan_at(0);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let doubtful = &assignment(&plan, "team").state;
    assert_eq!(reason(doubtful), "WaitingForReplication");
    world.remember_rows(&plan, "team");
    let plan = world.plan_at(2 * MINUTE);
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "RemovedByOthers");
    let held = row(&plan, "team", "ann");
    assert_eq!(
        (held.state, held.removed.map(|removal| removal.generation)),
        (SubjectState::Refused, Some(1))
    );
    assert_eq!(assignment(&plan, "team").drift.len(), 1);
    world.remember_rows(&plan, "team");
    // Nothing but what the status says is remembered.
    world.memory = crate::memory::Memory::default();
    let plan = world.plan_at(3 * MINUTE);
    assert_eq!(reason(&assignment(&plan, "team").state), "RemovedByOthers");
    world.assignment("team").generation = 2;
    let plan = world.plan_at(4 * MINUTE);
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}

#[test]
fn an_edit_counts_although_nothing_can_be_given_at_once() {
    let mut world = removed(RemovedByOthers::Hold);
    let held = &mut world.assignment("team").memory[0];
    let removal = HeldRemoval {
        generation: 1,
        by: Remover::Other,
    };
    (held.state, held.removed) = (SubjectState::Refused, Some(removal));
    world.assignment("team").generation = 2;
    world.forget_policies();
    world.observed.policies = crate::knowledge::Read::Unread;
    let plan = world.plan();
    world.remember_rows(&plan, "team");
    world.obey();
    let plan = world.plan();
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}

/// A log that was read at a moment, and what it tells of who took Ann's access away.
fn log(read: i64, deed: Option<AuthorKind>) -> AuditLog {
    let deed = deed.map(|kind| Deed {
        at: at(read - MINUTE),
        author: Author {
            id: None,
            name: Some("Access Reviews".to_owned()),
            kind,
        },
        about: Matter::Access {
            principal: id("ann"),
            access: None,
            change: AccessChange::Taken,
        },
    });
    AuditLog {
        read: Some(at(read)),
        deeds: deed.into_iter().collect(),
    }
}

#[test]
fn what_an_access_review_took_away_is_held_whatever_the_tenant_says() {
    let mut world = removed(RemovedByOthers::Restore);
    world.desired.audit = log(0, None);
    let plan = world.plan_at(0);
    assert!(
        plan.stages.is_empty(),
        "the log may yet tell: {:?}",
        writes(&plan)
    );
    world.desired.audit = log(3 * MINUTE, Some(AuthorKind::AccessReview));
    let plan = world.plan_at(3 * MINUTE);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&assignment(&plan, "team").state), "RemovedByReview");
    world.remember_rows(&plan, "team");
    // The log forgets, and so does the process.
    world.desired.audit = AuditLog::default();
    world.memory = crate::memory::Memory::default();
    let plan = world.plan_at(3 * DAY);
    assert_eq!(reason(&assignment(&plan, "team").state), "RemovedByReview");
    world.assignment("team").generation = 2;
    let plan = world.plan_at(3 * DAY);
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}

#[test]
fn what_anybody_else_took_away_is_given_again_once_the_log_would_have_told_of_a_review() {
    let mut world = removed(RemovedByOthers::Restore);
    for (now, read) in [(0, 0), (2, 2), (5, 4)] {
        world.desired.audit = log(read * MINUTE, Some(AuthorKind::Principal));
        let plan = world.plan_at(now * MINUTE);
        assert!(plan.stages.is_empty(), "{now}: {:?}", writes(&plan));
        assert!(
            plan.wake_at.is_some_and(|at| at > world.observed.now),
            "{now}"
        );
    }
    world.desired.audit = log(5 * MINUTE, Some(AuthorKind::Principal));
    let plan = world.plan_at(6 * MINUTE);
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}

#[test]
fn a_log_that_is_not_read_any_more_is_not_waited_for() {
    let mut world = removed(RemovedByOthers::Restore);
    world.desired.audit = log(-11 * MINUTE, None);
    let plan = world.plan_at(0);
    assert!(
        first(&plan)[0].starts_with("make ann"),
        "{:?}",
        writes(&plan)
    );
}
