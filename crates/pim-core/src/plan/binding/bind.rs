//! Binds one role, or says why not.

use super::{plain, schedule};
use crate::action::{Action, Cause, Difference, GrantVerb, Write};
use crate::desired::{Assignability, Binding, Settlement};
use crate::ids::RoleDefinitionId;
use crate::observed::PlainRoles;
use crate::plan::context::{Context, Footing, Ground};
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
    if context.desired.group.assignability == Assignability::Ordinary {
        let message = format!(
            "PrivilegedGroup {} has roleAssignable: false, so it cannot hold a directory role; delete and recreate it with true",
            context.desired.group.name
        );
        verdict.state = State::stuck(Reason::InvalidSpec, message);
        return verdict;
    }
    let held = held(context, binding, role);
    if matches!(
        (&held, &context.ground),
        (Held::AsDeclared | Held::Otherwise(_), Ground::Open(_))
    ) {
        // What stands goes with this object from now on, whoever bound it.
        verdict.role = Some(role);
    }
    let group = match &context.footing {
        Footing::Firm(group) => *group,
        Footing::None(state) => {
            verdict.state = state.clone();
            return verdict;
        }
    };
    let (verb, stands) = match held {
        Held::AsDeclared => return verdict,
        Held::Otherwise(window) => (GrantVerb::Update, window.to_string()),
        Held::Not => (GrantVerb::Assign, "nothing".to_owned()),
        Held::Unknown => {
            draft.needs.plain_roles = Need::Now;
            verdict.state = State::waiting(
                Reason::Progressing,
                "looks whether the role is held already",
            );
            return verdict;
        }
    };
    if let Some(state) = Access::ALL
        .into_iter()
        .find_map(|access| policy::guard(context, access, draft).err())
    {
        verdict.state = state;
        return verdict;
    }
    let cause = cause(binding, role, stands);
    if let Cause::Drift(differences) = &cause {
        verdict.drift.clone_from(differences);
    }
    let justification = binding
        .justification
        .clone()
        .unwrap_or_else(|| format!("declared by {}", binding.object()));
    let write = Write::BindRole {
        group,
        role,
        scope: binding.scope.clone(),
        verb,
        justification,
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
    verdict
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

fn cause(binding: &Binding, role: RoleDefinitionId, stands: String) -> Cause {
    if binding.settlement == Settlement::Unsettled || binding.bound != Some(role) {
        return Cause::Declared;
    }
    Cause::Drift(vec![Difference {
        field: "spec.directoryRole".to_owned(),
        declared: format!("{} at {}", binding.role_name, binding.scope),
        stands,
    }])
}
