//! Plans the end of a group: nothing while objects still refer to it; then everything out, declared or not, because a
//! restore would bring back what it held; then the group, with its last owner.

use super::context::{Context, YOUNGEST};
use super::{Draft, Need, StageKind, group};
use crate::action::{Action, Cause, Write};
use crate::desired::{Lifecycle, Object};
use crate::ids::GroupId;
use crate::observed::{Management, Nature, PlainRoles, Presence, Schedule};
use crate::reason::Reason;
use crate::schedule::{Access, End, Key, Kind};
use crate::verdict::{GroupVerdict, State};

/// Plans a group that is being deleted.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> GroupVerdict {
    let mut verdict = group::verdict(context);
    let referrers = referrers(context);
    verdict.state = if referrers.is_empty() {
        match &context.observed.group {
            Presence::Absent { since } => absent(context, *since, draft),
            Presence::Deleted(_) => State::Gone,
            Presence::Living(group) if group.management == Management::Restricted => State::stuck(
                Reason::ManagementRestricted,
                format!("group {} is in a restricted management unit, where the service refuses its deletion; take it out of the unit", group.id),
            ),
            Presence::Living(group) => empty(context, group.id, draft),
            Presence::Twins(_) | Presence::Stranger(_) => State::stuck(
                Reason::AdoptionConflict,
                format!("which group bears the key {} is not certain, so none is deleted", context.desired.group.key),
            ),
        }
    } else {
        let names: Vec<String> = referrers.iter().map(ToString::to_string).collect();
        let message = format!("still referred to by {}; delete them, or they will wait for ever", names.join(", "));
        State::waiting(Reason::DeletionBlocked, message)
    };
    verdict
}

/// Objects that name the group and are not being deleted.
fn referrers(context: &Context<'_>) -> Vec<Object> {
    let bindings = context.desired.bindings.iter().filter(|binding| binding.lifecycle == Lifecycle::Living);
    let assignments = context.desired.assignments.iter().filter(|assignment| assignment.lifecycle == Lifecycle::Living);
    bindings.map(crate::desired::Binding::object).chain(assignments.map(crate::desired::Assignment::object)).collect()
}

fn absent(context: &Context<'_>, since: jiff::Timestamp, draft: &mut Draft) -> State {
    match group::doubtful_until(context, since) {
        None => State::Gone,
        Some(until) => {
            draft.wake(Some(until));
            let message = format!("the group cannot be read; it counts as gone if that stays so until {until}");
            State::waiting(Reason::DeletionInProgress, message)
        }
    }
}

fn empty(context: &Context<'_>, group: GroupId, draft: &mut Draft) -> State {
    let spared = last_owner(context);
    let mut left = 0_usize;
    for (kind, schedule) in all_schedules(context) {
        let key = Key { access: schedule.access, principal: schedule.principal, kind };
        if kind == Kind::Active && schedule.nature == Nature::Assigned && Some(key.principal) == spared && key.access == Access::Owner {
            continue;
        }
        left += 1;
        let age = if kind == Kind::Active { schedule.created } else { None };
        match context.too_young_until(age) {
            Some(until) => draft.wake(Some(until)),
            None => draft.add(StageKind::Revoke, action(context, Write::Revoke { group, key })),
        }
    }
    left += unbind(context, group, draft);
    if left > 0 {
        let message = format!(
            "{left} schedules and roles are being taken away before the group goes; active ones only once they are {} minutes old",
            YOUNGEST.as_mins()
        );
        return State::waiting(Reason::DeletionInProgress, message);
    }
    if matches!(context.observed.plain_roles, PlainRoles::Unread) {
        draft.needs.plain_roles = Need::Now;
        return State::waiting(Reason::DeletionInProgress, "looks whether the group still holds roles");
    }
    draft.add(StageKind::Delete, action(context, Write::DeleteGroup(group)));
    State::waiting(Reason::DeletionInProgress, "the group is being deleted")
}

fn action(context: &Context<'_>, write: Write) -> Action {
    Action { object: context.desired.group.object(), cause: Cause::Declared, write }
}

fn all_schedules<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (Kind, &'a Schedule)> {
    let eligible = context.observed.eligible.iter().map(|schedule| (Kind::Eligible, schedule));
    eligible.chain(context.observed.active.iter().map(|schedule| (Kind::Active, schedule)))
}

/// The owner whom the service would not let go: a permanent one, if there is one.
fn last_owner(context: &Context<'_>) -> Option<crate::ids::PrincipalId> {
    let owners = context.observed.active.iter().filter(|schedule| {
        schedule.access == Access::Owner && schedule.nature == Nature::Assigned && !schedule.window.is_future(context.now())
    });
    owners.min_by_key(|owner| (owner.window.end != End::Never, owner.principal)).map(|owner| owner.principal)
}

/// Takes away every role, declared or not, and says how many still stand.
fn unbind(context: &Context<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let mut left = 0_usize;
    let scheduled: Vec<_> = context.observed.roles.iter().filter(|row| row.nature == Nature::Assigned).collect();
    for row in &scheduled {
        left += 1;
        match context.too_young_until(row.created) {
            Some(until) => draft.wake(Some(until)),
            None => {
                let write = Write::UnbindRole { group, role: row.role, scope: row.scope.clone() };
                draft.add(StageKind::Unbind, action(context, write));
            }
        }
    }
    let PlainRoles::Fresh(plain) = &context.observed.plain_roles else { return left };
    for row in plain {
        // A row that a schedule shows goes with the schedule.
        if scheduled.iter().any(|schedule| schedule.role == row.role && schedule.scope == row.scope) {
            continue;
        }
        left += 1;
        let write = Write::DeletePlainRole { group, role: row.role, assignment: row.id.clone() };
        draft.add(StageKind::Unbind, action(context, write));
    }
    left
}
