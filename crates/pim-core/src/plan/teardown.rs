//! Plans the end of a group: nothing while objects still refer to it; then everything out, declared or not, because a
//! restore would bring back what it held; then the group, with its last owner.

use super::context::{Context, YOUNGEST};
use super::ground::Ground;
use super::{Draft, Need, StageKind, group, owner};
use crate::action::{Action, Cause, Write};
use crate::ids::GroupId;
use crate::observed::{Nature, PlainRoles, Schedule};
use crate::reason::Reason;
use crate::schedule::Kind;
use crate::verdict::{GroupVerdict, State};

/// Plans a group that is being deleted.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> GroupVerdict {
    let mut verdict = group::verdict(context);
    let referrers: Vec<String> = context
        .desired
        .referrers()
        .map(|object| object.to_string())
        .collect();
    verdict.state = if referrers.is_empty() {
        match &context.ground {
            Ground::Gone => State::Gone,
            Ground::Open(group) => empty(context, *group, draft),
            Ground::Closed(state) => state.clone(),
        }
    } else {
        let message = format!(
            "waits until these are deleted, which refer to it: {}",
            referrers.join(", ")
        );
        State::waiting(Reason::DeletionBlocked, message)
    };
    verdict
}

fn empty(context: &Context<'_>, group: GroupId, draft: &mut Draft) -> State {
    let hidden = context
        .departures
        .iter()
        .filter(|one| one.hidden_until(context.observed).is_some())
        .count();
    let left = hidden + revoke(context, group, draft) + unbind(context, group, draft);
    if left > 0 {
        let message = format!(
            "{left} schedules and roles are being taken away before the group goes; active ones only once they are {} minutes old",
            YOUNGEST.as_mins()
        );
        return State::waiting(Reason::DeletionInProgress, message);
    }
    if matches!(context.observed.plain_roles, PlainRoles::Unread) {
        draft.needs.plain_roles = Need::Now;
        return State::waiting(
            Reason::DeletionInProgress,
            "looks whether the group still holds roles",
        );
    }
    draft.add(
        StageKind::Delete,
        action(context, Write::DeleteGroup(group)),
    );
    State::waiting(Reason::DeletionInProgress, "the group is being deleted")
}

fn action(context: &Context<'_>, write: Write) -> Action {
    Action {
        object: context.desired.group.object(),
        cause: Cause::Declared,
        write,
    }
}

fn all_schedules<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (Kind, &'a Schedule)> {
    let eligible = context
        .observed
        .eligible
        .iter()
        .map(|schedule| (Kind::Eligible, schedule));
    eligible.chain(
        context
            .observed
            .active
            .iter()
            .map(|schedule| (Kind::Active, schedule)),
    )
}

/// Takes everybody out but the last owner, declared or not, and says how many are left.
fn revoke(context: &Context<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let mut left = 0_usize;
    for (kind, schedule) in all_schedules(context) {
        let key = schedule.key(kind);
        if context
            .spared
            .is_some_and(|spared| key == owner::key(spared))
        {
            continue;
        }
        left += 1;
        let young = match kind {
            Kind::Eligible => None,
            Kind::Active => context.too_young_until(schedule.created, &schedule.window),
        };
        draft.wake(young);
        if young.is_none() {
            draft.add(
                StageKind::Revoke,
                action(context, Write::Revoke { group, key }),
            );
        }
    }
    left
}

/// Takes every role away, declared or not, and says how many are left.
fn unbind(context: &Context<'_>, group: GroupId, draft: &mut Draft) -> usize {
    let mut left = 0_usize;
    let scheduled: Vec<_> = context
        .observed
        .roles
        .iter()
        .filter(|row| row.nature == Nature::Assigned)
        .collect();
    for row in &scheduled {
        left += 1;
        let young = context.too_young_until(row.created, &row.window);
        draft.wake(young);
        if young.is_none() {
            let write = Write::UnbindRole {
                group,
                role: row.role,
                scope: row.scope.clone(),
            };
            draft.add(StageKind::Unbind, action(context, write));
        }
    }
    let PlainRoles::Fresh(plain) = &context.observed.plain_roles else {
        return left;
    };
    for row in plain {
        // A row that a schedule shows goes with the schedule.
        if scheduled
            .iter()
            .any(|schedule| schedule.role == row.role && schedule.scope == row.scope)
        {
            continue;
        }
        left += 1;
        let write = Write::DeletePlainRole {
            group,
            role: row.role,
            assignment: row.id.clone(),
        };
        draft.add(StageKind::Unbind, action(context, write));
    }
    left
}
