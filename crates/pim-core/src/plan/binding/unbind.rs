//! Takes the role of a deleted binding away. Needs neither boundary nor guard: it only reduces what the group holds.

use super::{holder, plain, schedule};
use crate::action::{Action, Cause, Write};
use crate::desired::{Binding, Lifecycle};
use crate::ids::{GroupId, RoleDefinitionId};
use crate::observed::PlainRoles;
use crate::plan::context::Context;
use crate::plan::ground::Ground;
use crate::plan::{Draft, Need, StageKind};
use crate::reason::Reason;
use crate::verdict::State;

/// Plans the end of one binding.
pub fn plan(context: &Context<'_>, binding: &Binding, draft: &mut Draft) -> State {
    let Some(role) = binding.bound else {
        return State::Gone;
    };
    match &context.ground {
        Ground::Gone => State::Gone,
        Ground::Closed(state) => state.clone(),
        Ground::Open(group) => from_group(context, binding, role, *group, draft),
    }
}

fn from_group(
    context: &Context<'_>,
    binding: &Binding,
    role: RoleDefinitionId,
    group: GroupId,
    draft: &mut Draft,
) -> State {
    let plain = match (
        schedule(context, binding, role),
        &context.observed.plain_roles,
    ) {
        (None, PlainRoles::Unread) => {
            draft.needs.plain_roles = Need::Now;
            return State::waiting(
                Reason::DeletionInProgress,
                "looks whether the role is still held",
            );
        }
        (Some(_), PlainRoles::Unread) => None,
        (_, PlainRoles::Fresh(rows)) => plain(rows, binding, role),
    };
    if holder(context, binding, role).is_some() {
        // Another object declares the same. It has seen what stands, and goes on holding it.
        return State::Gone;
    }
    if let Some(row) = schedule(context, binding, role) {
        if let Some(until) = context.too_young_until(row.created, &row.window) {
            draft.wake(Some(until));
            let message = format!(
                "the role was bound less than five minutes ago; the service lets it be taken away at {until}"
            );
            return State::waiting(Reason::TooYoung, message);
        }
        let write = Write::UnbindRole {
            group,
            role,
            scope: binding.scope.clone(),
        };
        return unbind(context, binding, write, draft);
    }
    plain.map_or(State::Gone, |row| {
        let write = Write::DeletePlainRole {
            group,
            role,
            assignment: row.id.clone(),
        };
        unbind(context, binding, write, draft)
    })
}

/// While the group is wanted, a role goes in the same stage as people: both take power away. When the group goes too,
/// its people go first.
fn unbind(context: &Context<'_>, binding: &Binding, write: Write, draft: &mut Draft) -> State {
    let stage = match context.desired.group.lifecycle {
        Lifecycle::Living => StageKind::Revoke,
        Lifecycle::Deleting => StageKind::Unbind,
    };
    draft.add(
        stage,
        Action {
            object: binding.object(),
            cause: Cause::Declared,
            write,
        },
    );
    State::waiting(Reason::DeletionInProgress, "the role is being taken away")
}
