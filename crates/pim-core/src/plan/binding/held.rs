//! Who claims a role, and how the group holds it. Decides no write.

use jiff::Timestamp;

use crate::desired::{Binding, Lifecycle};
use crate::knowledge::Part;
use crate::observed::{Nature, PlainRole, RoleSchedule, ScopeFault};
use crate::plan::context::PlanContext;
use crate::reason::Reason;
use crate::role::RoleTarget;
use crate::verdict::{Authorization, State};

/// What the boundary says of a binding.
pub fn judge(context: &PlanContext<'_>, binding: &Binding) -> Authorization {
    let boundary = context.desired.boundary.as_ref();
    match (
        &context.authorization,
        boundary.map(|boundary| boundary.judge_binding(binding)),
    ) {
        (Authorization::Admitted, Some(Err(denial))) => Authorization::Denied(denial),
        (of_group, _) => of_group.clone(),
    }
}

/// Which of several objects binds a role: the one that bound it before, else the older one. One that the boundary does
/// not admit claims only what it bound before.
pub fn holder<'a>(context: &'a PlanContext<'_>, target: &RoleTarget) -> Option<&'a Binding> {
    let rivals = context.desired.bindings.iter().filter(|other| {
        other.lifecycle == Lifecycle::Living
            && (other.bound.as_ref() == Some(target)
                || (other.role.found() == Some(target)
                    && judge(context, other) == Authorization::Admitted))
    });
    rivals.min_by_key(|other| {
        (
            other.bound.as_ref() != Some(target),
            other.created,
            &other.name,
        )
    })
}

/// The schedule by which the group holds a role. The service goes on listing what has ended for a while.
pub fn schedule<'a>(context: &'a PlanContext<'_>, target: &RoleTarget) -> Option<&'a RoleSchedule> {
    let mut assigned = context
        .observed
        .roles
        .rows()
        .iter()
        .filter(|row| row.nature == Nature::Assigned);
    assigned.find(|row| row.target == *target && !row.window.end.is_over(context.now()))
}

/// The plain assignment by which the group holds a role, among rows.
pub fn plain<'a>(rows: &'a [PlainRole], target: &RoleTarget) -> Option<&'a PlainRole> {
    rows.iter().find(|row| row.target == *target)
}

/// Why nothing is known of the roles at the scope of one, if so.
pub fn fault<'a>(context: &'a PlanContext<'_>, target: &RoleTarget) -> Option<&'a ScopeFault> {
    let scope = (target.system, target.scope.clone());
    context.observed.scope_faults.get(&scope)
}

/// How an object stands whose scope could not be read: what somebody has to mend is looked at again with everything else,
/// what passes by itself is tried again soon.
pub fn unreadable(fault: &ScopeFault) -> State {
    match fault {
        ScopeFault::Missing(why) => State::stuck(Reason::ScopeNotFound, why.clone()),
        ScopeFault::Forbidden(why) => State::stuck(Reason::PermissionDenied, why.clone()),
        ScopeFault::Unread(reason, why) => State::waiting(*reason, why.clone()),
    }
}

/// When the list was read, in this pass, in which a role shows that was bound.
pub fn looked(context: &PlanContext<'_>, target: &RoleTarget) -> Option<Timestamp> {
    let part = Part::of_roles(target.system.kept_as);
    context.observed.fresh_at(part)
}
