//! Who claims a role, and how the group holds it. Decides no write.

use crate::desired::{Binding, Lifecycle};
use crate::observed::{Nature, PlainRole, RoleSchedule};
use crate::plan::context::PlanContext;
use crate::role::RoleTarget;
use crate::verdict::Authorization;

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
