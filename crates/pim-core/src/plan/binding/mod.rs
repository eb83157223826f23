//! Plans the directory roles of a group. A role is bound only after both policies were read in this look and equal the
//! declared ones: whoever becomes a member or an owner gets what the group holds.

mod bind;
mod held;
mod unbind;

use std::collections::BTreeMap;

use super::context::{Context, denied};
use super::draft::Draft;
use super::stage::Stage;
use crate::action::Write;
use crate::desired::{Binding, Lifecycle, Readability, Role};
use crate::ids::{ObjectName, RoleDefinitionId};
use crate::knowledge::Sent;
use crate::reason::Reason;
use crate::verdict::{Authorization, BindingVerdict, State};
use held::{holder, judge};

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
    next: Option<&Stage>,
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
