//! Who claims a role, and where it is looked for. Decides no write.

use jiff::{SignedDuration, Timestamp};

use crate::desired::{Binding, Lifecycle, Readability};
use crate::knowledge::Part;
use crate::observed::{Nature, PlainOrigin, PlainRole, RoleSchedule, ScopeFault};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::facts::window::{self, Wanted};
use crate::reason::Reason;
use crate::role::{BoundRole, KeptAs, RoleTarget};
use crate::schedule::Kind;
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
/// not admit claims only what it bound before; one whose window has ended, or whose role the boundary takes away, claims nothing.
pub fn holder<'a>(context: &'a PlanContext<'_>, key: &BoundRole) -> Option<&'a Binding> {
    let bound = |other: &Binding| other.bound().as_ref() == Some(key);
    let rivals = context.desired.bindings.iter().filter(|other| {
        let is_found = other.kind == key.kind && other.role.found() == Some(&key.target);
        other.lifecycle == Lifecycle::Living
            && context.violations.of_binding(&other.object()).is_none()
            && (bound(other) || is_found && judge(context, other) == Authorization::Admitted)
            && !is_over(context, other, key)
    });
    rivals.min_by_key(|other| (!bound(other), other.created, &other.name))
}

/// Which other binding goes on holding the role of one in the same way.
pub fn heir<'a>(
    context: &'a PlanContext<'_>,
    binding: &Binding,
    key: &BoundRole,
) -> Option<&'a Binding> {
    holder(context, key).filter(|other| other.kept_as() == binding.kept_as())
}

/// Whether the window of a binding has ended. Nobody can say when one ends that cannot be read.
pub fn is_over(context: &PlanContext<'_>, binding: &Binding, key: &BoundRole) -> bool {
    let end = wanted(context, binding, key).window.end;
    binding.readability == Readability::Readable && end.is_over(context.now())
}

/// The window in which a binding wants a role to be held.
pub fn wanted(context: &PlanContext<'_>, binding: &Binding, key: &BoundRole) -> Wanted {
    let stands = schedule(context, binding, key).map(|row| &row.window);
    window::of(
        &binding.schedule,
        binding.first_bound,
        stands,
        context.now(),
        SignedDuration::ZERO,
    )
}

/// The schedule by which the group holds the role of a binding. The service goes on listing what has ended for a while. One that
/// may be of a plain assignment is the binding's own only if the binding was seen before.
pub fn schedule<'a>(
    context: &PlanContext<'a>,
    binding: &Binding,
    key: &BoundRole,
) -> Option<&'a RoleSchedule> {
    if binding.kept_as() == KeptAs::Assignment {
        return None;
    }
    let was_seen = binding.bound().as_ref() == Some(key) && binding.sent.is_none();
    let mut rows = context.observed.role_list(key.kind).rows().iter();
    rows.find(|row| {
        row.nature == Nature::Assigned
            && row.target == key.target
            && !row.window.end.is_over(context.now())
            && (was_seen || !row.may_be_of_assignment(key.kind, context.now()))
    })
}

/// The plain assignment by which the group holds a role, among rows: rather our own than one of somebody else.
pub fn plain<'a>(rows: &'a [PlainRole], target: &RoleTarget) -> Option<&'a PlainRole> {
    let of_target = rows.iter().filter(|row| row.target == *target);
    of_target.min_by_key(|row| row.origin == PlainOrigin::Another)
}

/// Why nothing is known of the roles at the scope of one, if so.
pub fn fault<'a>(context: &'a PlanContext<'_>, key: &BoundRole) -> Option<&'a ScopeFault> {
    let BoundRole { target, kind } = key;
    let faults = &context.observed.scope_faults;
    let mut of_scope = lists(*kind)
        .iter()
        .filter_map(|part| faults.get(&(*part, target.system, target.scope.clone())));
    of_scope.next()
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

/// The lists that tell whether a role is held.
fn lists(kind: Kind) -> &'static [Part] {
    match kind {
        Kind::Eligible => &[Part::EligibleRoles],
        Kind::Active => &[Part::Roles, Part::PlainRoles],
    }
}

/// Whether all lists that tell whether a role is held were read in this pass; else they are asked for.
pub fn is_read(context: &PlanContext<'_>, kind: Kind, draft: &mut Draft) -> bool {
    let is_read = lists(kind)
        .iter()
        .all(|part| context.observed.is_fresh(*part));
    if !is_read {
        for part in lists(kind) {
            draft.need(*part);
        }
    }
    is_read
}

/// When the lists were read, in this pass, in which a role shows that was bound.
pub fn looked(context: &PlanContext<'_>, key: &BoundRole) -> Option<Timestamp> {
    let parts = Part::showing(key).iter();
    let read: Option<Vec<Timestamp>> = parts.map(|part| context.observed.fresh_at(*part)).collect();
    read?.into_iter().min()
}
