//! Plans the directory roles of a group. A role is bound only after both policies were read in this look and equal the
//! declared ones: whoever becomes a member or an owner gets what the group holds.

mod bind;
mod unbind;

use std::collections::BTreeMap;

use super::context::{Context, denied};
use super::draft::Draft;
use crate::action::Write;
use crate::desired::{Binding, Lifecycle, Readability, Role};
use crate::ids::{ObjectName, RoleDefinitionId};
use crate::knowledge::Sent;
use crate::observed::{Nature, PlainRole, RoleSchedule};
use crate::reason::Reason;
use crate::verdict::{Authorization, BindingVerdict, State};

/// Plans all bindings.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> BTreeMap<ObjectName, BindingVerdict> {
    let bindings = context.desired.bindings.iter();
    bindings
        .map(|binding| (binding.name.clone(), one(context, binding, draft)))
        .collect()
}

fn one(context: &Context<'_>, binding: &Binding, draft: &mut Draft) -> BindingVerdict {
    let verdict = BindingVerdict {
        state: State::Ready,
        authorization: Authorization::Unjudged,
        role: binding.bound,
        sent: binding.sent.clone(),
        drift: Vec::new(),
    };
    match (binding.lifecycle, &binding.readability) {
        (Lifecycle::Deleting, _) => BindingVerdict {
            state: unbind::plan(context, binding, draft),
            ..verdict
        },
        (Lifecycle::Living, Readability::Unreadable(reason)) => BindingVerdict {
            state: State::stuck(
                Reason::InvalidSpec,
                format!(
                    "the object cannot be read: {reason}; correct it, nothing is changed for it until then"
                ),
            ),
            ..verdict
        },
        (Lifecycle::Living, Readability::Readable) => living(context, binding, verdict, draft),
    }
}

/// Records what is bound next: it must be known should the process end before the answer.
pub fn record(
    next: Option<&super::Stage>,
    now: jiff::Timestamp,
    verdicts: &mut BTreeMap<ObjectName, BindingVerdict>,
) {
    for action in next
        .map(|stage| stage.actions.as_slice())
        .unwrap_or_default()
    {
        let Write::BindRole { role, .. } = &action.write else {
            continue;
        };
        if let Some(verdict) = verdicts.get_mut(&action.object.name) {
            verdict.role = Some(role.role);
            // What the service is still at gives the role once more, whatever is changed meanwhile.
            if verdict.sent.as_ref().is_some_and(Sent::is_underway) {
                continue;
            }
            verdict.sent = Some(Sent {
                at: now,
                request: None,
            });
        }
    }
}

fn living(
    context: &Context<'_>,
    binding: &Binding,
    mut verdict: BindingVerdict,
    draft: &mut Draft,
) -> BindingVerdict {
    verdict.authorization = judge(context, binding);
    if let Authorization::Denied(denial) = &verdict.authorization {
        verdict.state = denied(denial, binding.standing);
        return verdict;
    }
    match role(binding) {
        Err(state) => {
            verdict.state = state;
            verdict
        }
        Ok(role) => match holder(context, binding, role).filter(|other| other.name != binding.name)
        {
            Some(other) => {
                let message = format!(
                    "{} already binds this role at this scope; delete one of them",
                    other.object()
                );
                verdict.state = State::stuck(Reason::Conflict, message);
                verdict
            }
            None => bind::plan(context, binding, role, verdict, draft),
        },
    }
}

fn judge(context: &Context<'_>, binding: &Binding) -> Authorization {
    let boundary = context.desired.boundary.as_ref();
    match (
        &context.authorization,
        boundary.map(|boundary| boundary.judge_binding(binding)),
    ) {
        (Authorization::Admitted, Some(Err(denial))) => Authorization::Denied(denial),
        (of_group, _) => of_group.clone(),
    }
}

/// The role that is meant, if that is certain and no other than the one that was bound.
fn role(binding: &Binding) -> Result<RoleDefinitionId, State> {
    let name = &binding.role_name;
    match (&binding.role, binding.bound) {
        (Role::Found(role), Some(bound)) if *role != bound => Err(State::stuck(
            Reason::AmbiguousName,
            format!(
                "the name {name:?} now leads to role {role}, not to {bound} that is bound; delete and recreate this object"
            ),
        )),
        (Role::Found(role), _) => Ok(*role),
        (Role::NotFound, _) => {
            let message = format!(
                "no directory role is named {name:?}; delete this object and recreate it with another name"
            );
            Err(State::stuck(Reason::RoleNotFound, message))
        }
        (Role::Ambiguous(ids), _) => {
            let shown: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} directory roles are named {name:?}: {}; delete this object and recreate it with an id in spec.directoryRole.role",
                ids.len(),
                shown.join(", ")
            );
            Err(State::stuck(Reason::AmbiguousName, message))
        }
    }
}

/// Which of several objects binds a role: the one that bound it before, else the older one. One that the boundary does
/// not admit claims only what it bound before.
fn holder<'a>(
    context: &'a Context<'_>,
    binding: &Binding,
    role: RoleDefinitionId,
) -> Option<&'a Binding> {
    let rivals = context.desired.bindings.iter().filter(|other| {
        other.lifecycle == Lifecycle::Living
            && other.scope == binding.scope
            && (other.bound == Some(role)
                || (other.role == Role::Found(role)
                    && judge(context, other) == Authorization::Admitted))
    });
    rivals.min_by_key(|other| (other.bound != Some(role), other.created, &other.name))
}

/// The schedule by which the group holds a role. The service goes on listing what has ended for a while.
fn schedule<'a>(
    context: &'a Context<'_>,
    binding: &Binding,
    role: RoleDefinitionId,
) -> Option<&'a RoleSchedule> {
    let mut assigned = context
        .observed
        .roles
        .rows()
        .iter()
        .filter(|row| row.nature == Nature::Assigned);
    assigned.find(|row| {
        row.role == role && row.scope == binding.scope && !row.window.end.is_over(context.now())
    })
}

fn plain<'a>(
    rows: &'a [PlainRole],
    binding: &Binding,
    role: RoleDefinitionId,
) -> Option<&'a PlainRole> {
    rows.iter()
        .find(|row| row.role == role && row.scope == binding.scope)
}
