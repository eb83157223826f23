//! Binds one role, or says why not.

use super::{plain, schedule};
use crate::action::{Action, Cause, Difference, GrantVerb, Write};
use crate::desired::{Assignability, Binding, Settlement};
use crate::ids::{GroupId, RoleDefinitionId};
use crate::observed::PlainRoles;
use crate::plan::context::{Context, Footing};
use crate::plan::ground::Ground;
use crate::plan::{Draft, Need, StageKind, policy};
use crate::reason::Reason;
use crate::schedule::{Access, End, Window};
use crate::verdict::{BindingVerdict, State};

/// A role is held from now on and for ever.
const ALWAYS: Window = Window {
    start: None,
    end: End::Never,
};

/// How a role is held.
enum Held {
    /// As declared.
    AsDeclared,
    /// In another window.
    Otherwise(Window),
    /// Not at all.
    Not,
    /// Not known before plain assignments are read.
    Unknown,
}

/// Plans a role that this object holds the claim to.
pub fn plan(
    context: &Context<'_>,
    binding: &Binding,
    role: RoleDefinitionId,
    mut verdict: BindingVerdict,
    draft: &mut Draft,
) -> BindingVerdict {
    let held = held(context, binding, role);
    let is_ours = matches!(context.ground, Ground::Open(_));
    if is_ours && matches!(held, Held::AsDeclared | Held::Otherwise(_)) {
        // What stands goes with this object from now on, whoever bound it.
        verdict.role = Some(role);
    }
    match ready(context, &held, draft) {
        Err(state) => verdict.state = state,
        Ok(None) => {}
        Ok(Some((group, verb))) => {
            let cause = cause(binding, role, &held);
            if let Cause::Drift(differences) = &cause {
                verdict.drift.clone_from(differences);
            }
            let justification = binding.justification.clone();
            let write = Write::BindRole {
                group,
                role,
                scope: binding.scope.clone(),
                verb,
                justification: justification
                    .unwrap_or_else(|| format!("declared by {}", binding.object())),
            };
            draft.add(
                StageKind::Grant,
                Action {
                    object: binding.object(),
                    cause,
                    write,
                },
            );
            verdict.role = Some(role);
            verdict.state = State::waiting(Reason::Progressing, "the role is being bound");
        }
    }
    verdict
}

/// The group to bind the role to and how, if it has to be bound; or why it cannot be bound now.
fn ready(
    context: &Context<'_>,
    held: &Held,
    draft: &mut Draft,
) -> Result<Option<(GroupId, GrantVerb)>, State> {
    let group = &context.desired.group;
    if group.assignability == Assignability::Ordinary {
        let message = format!(
            "PrivilegedGroup {} has roleAssignable: false, so it cannot hold a directory role; delete and recreate it with true",
            group.name
        );
        return Err(State::stuck(Reason::InvalidSpec, message));
    }
    let group = match &context.footing {
        Footing::Firm(group) => *group,
        Footing::None(state) => return Err(state.clone()),
    };
    let verb = match held {
        Held::AsDeclared => return Ok(None),
        Held::Otherwise(_) => GrantVerb::Update,
        Held::Not => GrantVerb::Assign,
        Held::Unknown => {
            draft.needs.plain_roles = Need::Now;
            return Err(State::waiting(
                Reason::Progressing,
                "looks whether the role is held already",
            ));
        }
    };
    for access in Access::ALL {
        policy::guard(context, access, draft)?;
    }
    Ok(Some((group, verb)))
}

fn held(context: &Context<'_>, binding: &Binding, role: RoleDefinitionId) -> Held {
    match (
        schedule(context, binding, role),
        &context.observed.plain_roles,
    ) {
        (Some(row), _) if row.window.matches(&ALWAYS, context.now()) => Held::AsDeclared,
        (Some(row), _) => Held::Otherwise(row.window),
        // A plain assignment that stands already counts.
        (None, PlainRoles::Fresh(rows)) if plain(rows, binding, role).is_some() => Held::AsDeclared,
        (None, PlainRoles::Fresh(_)) => Held::Not,
        (None, PlainRoles::Unread) => Held::Unknown,
    }
}

/// Whether somebody else made the difference: the role was bound, and the manifest is the same as then.
fn cause(binding: &Binding, role: RoleDefinitionId, held: &Held) -> Cause {
    if binding.settlement == Settlement::Unsettled || binding.bound != Some(role) {
        return Cause::Declared;
    }
    Cause::Drift(vec![Difference {
        field: "spec.directoryRole".to_owned(),
        declared: format!("{} at {}", binding.role_name, binding.scope),
        stands: match held {
            Held::Otherwise(window) => window.to_string(),
            Held::AsDeclared | Held::Not | Held::Unknown => "nothing".to_owned(),
        },
    }])
}
