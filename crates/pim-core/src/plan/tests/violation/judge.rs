//! What holds for every plan: nothing that is admitted is taken away for the boundary, nothing before its time, and nothing
//! without a boundary that says so; and in the end nothing is left of what it does not admit.

use crate::action::{Action, Cause, Write};
use crate::boundary::Boundary;
use crate::desired::{self, Assignment, Binding, GrantRecord, Lifecycle, Readability};
use crate::knowledge::Held;
use crate::memory::Memory;
use crate::observed::{self, Presence};
use crate::plan::facts::admission::window_within;
use crate::plan::tests::fixture::*;
use crate::plan::tests::judge::is_open;
use crate::plan::tests::model::Model;
use crate::plan::{Plan, StageKind};
use crate::principal::{Principal, Resolution};
use crate::role::BoundRole;
use crate::schedule::{Key, Kind};
use crate::verdict::{Authorization, State, SubjectState};
use jiff::Timestamp;

/// Holds a plan against the boundary.
pub fn judge(desired: &desired::Unit, observed: &observed::Unit, memory: &Memory, made: &Plan) {
    for stage in &made.stages {
        for action in &stage.actions {
            let is_violation = stage.kind == StageKind::Violation;
            assert_eq!(is_violation, action.cause == Cause::Violation, "{action:?}");
            if is_violation {
                judge_action(desired, observed, memory, made, action);
            }
        }
    }
}

fn judge_action(
    desired: &desired::Unit,
    observed: &observed::Unit,
    memory: &Memory,
    made: &Plan,
    action: &Action,
) {
    let boundary = desired.boundary.as_ref().expect("a boundary asks for it");
    assert!(boundary.revokes());
    let has_dwelt = |held: &Held| {
        let since = memory.violations.get(held);
        since.is_some_and(|since| later(*since, 5 * MINUTE) <= observed.now)
    };
    match &action.write {
        Write::Revoke { key, .. } => {
            let eligible = Key {
                kind: Kind::Eligible,
                ..*key
            };
            let kinds = [*key, eligible];
            assert!(
                kinds.iter().any(|key| has_dwelt(&Held::Access(*key))),
                "{action:?}"
            );
            let is_activation = observed.assigned(*key).is_none();
            let kinds = kinds.iter().filter(|one| *one == key || is_activation);
            for key in kinds {
                assert!(
                    !is_admitted(desired, boundary, made, *key, observed.now),
                    "{action:?}"
                );
            }
        }
        Write::UnbindRole { role, .. } => {
            assert!(has_dwelt(&Held::Role(role.clone())), "{action:?}");
            assert!(
                !is_role_admitted(desired, boundary, made, role),
                "{action:?}"
            );
        }
        Write::DeletePlainRole { role, .. } => {
            let role = BoundRole {
                target: role.clone(),
                kind: Kind::Active,
            };
            assert!(has_dwelt(&Held::Role(role.clone())), "{action:?}");
            assert!(
                !is_role_admitted(desired, boundary, made, &role),
                "{action:?}"
            );
        }
        write => panic!("{write:?} takes nothing away"),
    }
}

/// Whether an object declares some access that the boundary admits in every respect, and for a time that has not ended.
fn is_admitted(
    desired: &desired::Unit,
    boundary: &Boundary,
    made: &Plan,
    key: Key,
    now: Timestamp,
) -> bool {
    let is_group_admitted =
        made.verdicts[&desired.group.object()].authorization == Authorization::Admitted;
    let of_key = desired.assignments.iter().filter(|one| {
        one.lifecycle == Lifecycle::Living
            && one.readability == Readability::Readable
            && one.kind == key.kind
            && one.access == key.access
    });
    is_group_admitted
        && of_key
            .filter(|one| window_within(boundary, one, now).is_ok())
            .any(|one| {
                let mut subjects = one.subjects.iter();
                subjects.any(|subject| {
                    means(desired, one, subject, key)
                        && !is_over(made, one, subject)
                        && !is_subject_denied(desired, boundary, subject)
                })
            })
}

fn means(desired: &desired::Unit, one: &Assignment, subject: &Principal, key: Key) -> bool {
    let remembered = one.record(subject).map(|record| record.principal);
    let named = desired.names.identity(subject).map(|identity| identity.id);
    remembered.or(named) == Some(key.principal)
}

fn is_over(made: &Plan, one: &Assignment, subject: &Principal) -> bool {
    let mut rows = made.verdicts[&one.object()].rows().iter();
    rows.any(|row| row.subject == *subject && row.state == SubjectState::Expired)
}

fn is_subject_denied(desired: &desired::Unit, boundary: &Boundary, subject: &Principal) -> bool {
    let identity = desired.names.identity(subject);
    let into = desired.group.assignability;
    identity.is_some_and(|one| boundary.judge_subject(subject, one, into).is_err())
}

fn is_role_admitted(
    desired: &desired::Unit,
    boundary: &Boundary,
    made: &Plan,
    role: &BoundRole,
) -> bool {
    let is_group_admitted =
        made.verdicts[&desired.group.object()].authorization == Authorization::Admitted;
    let is_listed = boundary.judge_role(role, None, "").is_ok();
    let declares = |one: &Binding| {
        one.lifecycle == Lifecycle::Living
            && one.readability == Readability::Readable
            && (one.bound().as_ref() == Some(role)
                || one.kind == role.kind && one.role.found() == Some(&role.target))
            && made.verdicts[&one.object()].state != State::Expired
    };
    is_group_admitted && is_listed && desired.bindings.iter().any(declares)
}

/// In the end nothing is left of what the operator gave and the boundary does not admit, but for what nobody may take.
pub fn judge_rest(model: &Model) {
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    let boundary = desired.boundary.as_ref();
    let Some(boundary) = boundary.filter(|boundary| boundary.revokes()) else {
        return;
    };
    let Presence::Living(group) = &observed.group else {
        return;
    };
    let is_ours = desired.group.last_seen == Some(group.id) && observed.duplicates.is_empty();
    if !is_open(&observed.group) || !is_ours || boundary.judge_adoption(&desired.group).is_err() {
        return;
    }
    let is_whole = boundary.judge_group(&desired.group).is_err();
    let readable = desired
        .assignments
        .iter()
        .filter(|one| one.readability == Readability::Readable);
    for one in readable {
        let is_long = window_within(boundary, one, observed.now).is_err();
        let named = |record: &&GrantRecord| one.subjects.contains(&record.subject);
        for record in one.memory.iter().filter(named) {
            let is_meant = matches!(
                desired.names.resolution(&record.subject),
                Resolution::Found(identity) if identity.id == record.principal
            );
            let is_denied = is_meant && is_subject_denied(desired, boundary, &record.subject);
            let key = Key {
                access: one.access,
                principal: record.principal,
                kind: one.kind,
            };
            let may_stay = desired.rules.protects(record.principal)
                || key == Key::owner(record.principal)
                || is_declared_by_another(desired, boundary, one, key, observed.now);
            assert!(
                !(is_whole || is_long || is_denied) || may_stay || observed.standing(key).is_none(),
                "{key:?} still stands: {:#?}",
                model.trace
            );
        }
    }
    judge_roles(model, boundary, is_whole);
}

fn is_declared_by_another(
    desired: &desired::Unit,
    boundary: &Boundary,
    own: &Assignment,
    key: Key,
    now: Timestamp,
) -> bool {
    let mut others = desired.assignments.iter();
    others.any(|one| {
        let is_other = one.object() != own.object();
        let mut subjects = one.subjects.iter();
        is_other
            && (one.kind, one.access) == (key.kind, key.access)
            && window_within(boundary, one, now).is_ok()
            && subjects.any(|subject| means(desired, one, subject, key))
    })
}

fn judge_roles(model: &Model, boundary: &Boundary, is_whole: bool) {
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    for one in &desired.bindings {
        let Some(key) = one.bound().filter(|_| one.lifecycle == Lifecycle::Living) else {
            continue;
        };
        let leads_elsewhere = one.role.found().is_some_and(|role| *role != key.target);
        let is_denied = is_whole
            || !leads_elsewhere
                && boundary
                    .judge_role(&key, one.condition.as_deref(), "")
                    .is_err();
        let mut rows = observed.role_list(key.kind).rows().iter();
        let is_held = rows.any(|row| row.target == key.target);
        let is_readable = one.readability == Readability::Readable;
        assert!(
            !(is_denied && is_held && is_readable),
            "{key:?} is still held: {:#?}",
            model.trace
        );
    }
}
