//! Plans the directory roles of a group. A role is bound only after both policies were read in this look and equal the
//! declared ones: whoever becomes a member or an owner gets what the group holds.

use std::collections::BTreeMap;

use super::context::{Context, Footing, Guard, denied};
use super::{Draft, Need, StageKind};
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::{Assignability, Binding, Lifecycle, Role, Settlement};
use crate::ids::{GroupId, ObjectName, RoleDefinitionId};
use crate::observed::{Nature, PlainRole, PlainRoles, Presence, RoleSchedule};
use crate::reason::Reason;
use crate::schedule::Access;
use crate::verdict::{Authorization, BindingVerdict, PolicyState, State};

/// Plans all bindings.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> BTreeMap<ObjectName, BindingVerdict> {
    let bindings = context.desired.bindings.iter();
    bindings.map(|binding| (binding.name.clone(), one(context, binding, draft))).collect()
}

fn one(context: &Context<'_>, binding: &Binding, draft: &mut Draft) -> BindingVerdict {
    match binding.lifecycle {
        Lifecycle::Living => living(context, binding, draft),
        Lifecycle::Deleting => BindingVerdict {
            state: unbind(context, binding, draft),
            authorization: Authorization::Unjudged,
            role: binding.bound,
            drift: Vec::new(),
        },
    }
}

/// Which of several objects binds a role: the one that bound it before, else the older one.
fn holder<'a>(context: &'a Context<'_>, binding: &Binding, role: RoleDefinitionId) -> Option<&'a Binding> {
    let rivals = context.desired.bindings.iter().filter(|other| {
        other.lifecycle == Lifecycle::Living && other.role == Role::Found(role) && other.scope == binding.scope
    });
    rivals.min_by_key(|other| (other.bound != Some(role), other.created, &other.name))
}

fn living(context: &Context<'_>, binding: &Binding, draft: &mut Draft) -> BindingVerdict {
    let mut verdict =
        BindingVerdict { state: State::Ready, authorization: Authorization::Unjudged, role: binding.bound, drift: Vec::new() };
    verdict.authorization = context.authorization.clone();
    if let Authorization::Denied(denial) = &context.authorization {
        verdict.state = denied(denial, binding.standing);
        return verdict;
    }
    let role = match &binding.role {
        Role::Found(role) => *role,
        Role::NotFound => {
            let message = format!("no directory role is named {:?}; correct spec.directoryRole.role", binding.role_name);
            verdict.state = State::stuck(Reason::RoleNotFound, message);
            return verdict;
        }
        Role::Ambiguous(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} directory roles are named {:?}: {}; delete this object and recreate it with an id in spec.directoryRole.role",
                ids.len(),
                binding.role_name,
                ids.join(", ")
            );
            verdict.state = State::stuck(Reason::AmbiguousName, message);
            return verdict;
        }
    };
    if let Some(denial) = context.desired.boundary.as_ref().and_then(|boundary| boundary.judge_binding(binding).err()) {
        verdict.state = denied(&denial, binding.standing);
        verdict.authorization = Authorization::Denied(denial);
        return verdict;
    }
    if let Some(other) = holder(context, binding, role).filter(|other| other.name != binding.name) {
        let message = format!("{} already binds this role at this scope; delete one of them", other.object());
        verdict.state = State::stuck(Reason::Conflict, message);
        return verdict;
    }
    bind(context, binding, role, verdict, draft)
}

fn bind(context: &Context<'_>, binding: &Binding, role: RoleDefinitionId, mut verdict: BindingVerdict, draft: &mut Draft) -> BindingVerdict {
    if context.desired.group.assignability == Assignability::Ordinary {
        let message = format!(
            "PrivilegedGroup {} has roleAssignable: false, so it cannot hold a directory role; delete and recreate it with true",
            context.desired.group.name
        );
        verdict.state = State::stuck(Reason::InvalidSpec, message);
        return verdict;
    }
    let group = match &context.footing {
        Footing::Firm(group) => *group,
        Footing::None(state) => {
            verdict.state = state.clone();
            return verdict;
        }
    };
    if schedule(context, binding, role).is_some() {
        verdict.role = Some(role);
        return verdict;
    }
    match &context.observed.plain_roles {
        // A plain assignment that stands already counts.
        PlainRoles::Fresh(rows) if plain(rows, binding, role).is_some() => {
            verdict.role = Some(role);
            return verdict;
        }
        PlainRoles::Fresh(_) => {}
        PlainRoles::Unread => draft.needs.plain_roles = Need::Now,
    }
    verdict.role = Some(role);
    if let Some(state) = guard(context, draft) {
        verdict.state = state;
        return verdict;
    }
    let cause = cause(binding, role);
    if let Cause::Drift(differences) = &cause {
        verdict.drift.clone_from(differences);
    }
    let justification = binding.justification.clone().unwrap_or_else(|| format!("declared by {}", binding.object()));
    let write = Write::BindRole { group, role, scope: binding.scope.clone(), justification };
    if matches!(context.observed.plain_roles, PlainRoles::Fresh(_)) {
        draft.add(StageKind::Grant, Action { object: binding.object(), cause, write });
    }
    verdict.state = State::waiting(Reason::Progressing, "the role is being bound");
    verdict
}

/// Why the guard does not let a role be bound, if it does not.
fn guard(context: &Context<'_>, draft: &mut Draft) -> Option<State> {
    for access in Access::ALL {
        match (context.guard_holds(access), context.policy_state(access)) {
            (Guard::Holds, _) => {}
            (_, PolicyState::Unmanaged(rules)) => {
                let message = format!("the {access} policy holds rules that are not known and not switched off: {}; switch them off in the portal", rules.join(", "));
                return Some(State::stuck(Reason::UnmanagedRule, message));
            }
            (held, _) => {
                if held == Guard::Unread {
                    draft.needs.policies = Need::Now;
                }
                let message = format!("the {access} policy does not read back as declared yet, so no role is bound");
                return Some(State::waiting(Reason::GuardMissing, message));
            }
        }
    }
    None
}

fn cause(binding: &Binding, role: RoleDefinitionId) -> Cause {
    if binding.settlement == Settlement::Unsettled || binding.bound != Some(role) {
        return Cause::Declared;
    }
    Cause::Drift(vec![Difference {
        field: "spec.directoryRole".to_owned(),
        declared: format!("{} at {}", binding.role_name, binding.scope),
        stands: "nothing".to_owned(),
    }])
}

fn schedule<'a>(context: &'a Context<'_>, binding: &Binding, role: RoleDefinitionId) -> Option<&'a RoleSchedule> {
    let mut assigned = context.observed.roles.iter().filter(|row| row.nature == Nature::Assigned);
    assigned.find(|row| row.role == role && row.scope == binding.scope)
}

fn plain<'a>(rows: &'a [PlainRole], binding: &Binding, role: RoleDefinitionId) -> Option<&'a PlainRole> {
    rows.iter().find(|row| row.role == role && row.scope == binding.scope)
}

/// Takes the role of a deleted binding away.
fn unbind(context: &Context<'_>, binding: &Binding, draft: &mut Draft) -> State {
    let Some(role) = binding.bound else { return State::Gone };
    if holder(context, binding, role).is_some() {
        // Another object declares the same; it goes on holding it.
        return State::Gone;
    }
    match (&context.observed.group, context.group_id()) {
        (_, Some(group)) => unbind_from(context, binding, role, group, draft),
        (Presence::Absent { .. } | Presence::Deleted(_), None) if context.desired.group.lifecycle == Lifecycle::Deleting => State::Gone,
        (Presence::Absent { .. }, None) if context.desired.group.last_seen.is_none() => State::Gone,
        _ => State::waiting(Reason::WaitingForDependency, "the group cannot be looked at"),
    }
}

fn unbind_from(context: &Context<'_>, binding: &Binding, role: RoleDefinitionId, group: GroupId, draft: &mut Draft) -> State {
    let object = binding.object();
    if let Some(row) = schedule(context, binding, role) {
        if let Some(until) = context.too_young_until(row.created) {
            draft.wake(Some(until));
            let message = format!("the role was bound less than five minutes ago; the service lets it be taken away at {until}");
            return State::waiting(Reason::TooYoung, message);
        }
        let write = Write::UnbindRole { group, role, scope: binding.scope.clone() };
        draft.add(StageKind::Unbind, Action { object, cause: Cause::Declared, write });
        return State::waiting(Reason::DeletionInProgress, "the role is being taken away");
    }
    match &context.observed.plain_roles {
        PlainRoles::Unread => {
            draft.needs.plain_roles = Need::Now;
            State::waiting(Reason::DeletionInProgress, "looks whether the role is still held")
        }
        PlainRoles::Fresh(rows) => match plain(rows, binding, role) {
            None => State::Gone,
            Some(row) => {
                let write = Write::DeletePlainRole { group, role, assignment: row.id.clone() };
                draft.add(StageKind::Unbind, Action { object, cause: Cause::Declared, write });
                State::waiting(Reason::DeletionInProgress, "the role is being taken away")
            }
        },
    }
}
