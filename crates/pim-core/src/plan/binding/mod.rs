//! Plans the roles of a group, of whatever system. A role is bound only after both policies were read in this pass and
//! equal the declared ones: whoever becomes a member or an owner gets what the group holds.

mod advice;
mod bind;
mod held;
mod line;
mod unbind;

use super::context::{PlanContext, denied};
use super::draft::Draft;
use super::facts::cleanup::CleanupTarget;
use super::facts::remembered::is_memory;
use super::facts::retention::{self, Retention};
use crate::boundary::Denial;
use crate::desired::{Binding, Lifecycle, Object, PreviousAdmission, Readability, Role};
use crate::knowledge::{APART, Sent, later, whole_second};
use crate::observed::ScopeFault;
use crate::reason::Reason;
use crate::role::{BoundRole, RoleTarget};
use crate::schedule::Window;
use crate::verdict::{Authorization, BindingRecord, State, Verdict};
use held::{holder, is_over, judge, unreadable};

/// Plans all bindings and returns a verdict for each.
pub fn plan(context: &PlanContext<'_>, draft: &mut Draft) -> Vec<(Object, Verdict)> {
    let bindings = context.desired.bindings.iter();
    bindings
        .map(|binding| {
            let verdict = one(context, binding, draft);
            (binding.object(), verdict.of_any_kind())
        })
        .collect()
}

fn one(context: &PlanContext<'_>, binding: &Binding, draft: &mut Draft) -> Verdict<BindingRecord> {
    let verdict = Verdict {
        state: State::Ready,
        authorization: Authorization::Unjudged,
        drift: Vec::new(),
        record: BindingRecord {
            role: binding.bound.clone(),
            first_bound: binding
                .first_bound
                .filter(|noted| is_memory(*noted, context.now())),
            end: None,
            sent: binding.sent.clone(),
            advice: None,
        },
    };
    match (binding.lifecycle, &binding.readability) {
        (Lifecycle::Deleting, _) => Verdict {
            state: goes(context, binding, draft),
            ..verdict
        },
        (Lifecycle::Living, Readability::Unreadable(reason)) => Verdict {
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

/// How an object stands that is being deleted: its role is taken away, or stays and is nobody's any more.
fn goes(context: &PlanContext<'_>, binding: &Binding, draft: &mut Draft) -> State {
    match retention::of_member(context.desired, binding.deletion_policy) {
        Retention::Taken => unbind::plan(context, binding, draft),
        // What the boundary takes away does not stay because nobody admits that it does.
        _ if violation(context, binding).is_some() => unbind::plan(context, binding, draft),
        Retention::Refused(state) if binding.bound.is_some() => state,
        Retention::Left | Retention::Refused(_) => State::Gone,
    }
}

/// Records a role that is about to be bound. A duration counts from the first time, not from the wish.
pub fn begin(record: &mut BindingRecord, role: &BoundRole, window: Window, now: jiff::Timestamp) {
    record.role = Some(role.target.clone());
    record.first_bound.get_or_insert(whole_second(now));
    record.end = Some(window.end);
    // What the service is still at gives the role once more, whatever is changed meanwhile.
    if record.sent.as_ref().is_some_and(Sent::is_underway) {
        return;
    }
    record.sent = Some(Sent {
        at: now,
        request: None,
    });
}

fn living(
    context: &PlanContext<'_>,
    binding: &Binding,
    mut verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    let authorization = judge(context, binding);
    verdict.authorization = context.violations.warned(&binding.object(), authorization);
    if let Some(denial) = violation(context, binding) {
        return taken(context, binding, denial, verdict, draft);
    }
    let denial = match &verdict.authorization {
        Authorization::Denied(denial) => Some(denied(denial, binding.previous_admission)),
        _ => None,
    };
    match role(context, binding, draft) {
        Err(state) => {
            verdict.state = denial.unwrap_or(state);
            verdict
        }
        Ok(target) => match rival(context, binding, target) {
            Some(other) => {
                let message = format!(
                    "{} already binds this role at this scope; delete one of them",
                    other.object()
                );
                verdict.state = denial.unwrap_or(State::stuck(Reason::Conflict, message));
                verdict
            }
            None => advised(context, binding, target, denial, verdict, draft),
        },
    }
}

/// What the boundary has against a role that is to be taken away because of that. Where there is no group there is nothing to
/// be taken away.
fn violation<'a>(context: &'a PlanContext<'_>, binding: &Binding) -> Option<&'a Denial> {
    let violation = context.violations.of_binding(&binding.object());
    violation.filter(|_| context.cleanup != CleanupTarget::Nothing)
}

/// Takes a role away that the boundary does not admit any more, and forgets when it was bound: bound again it is a new wish.
fn taken(
    context: &PlanContext<'_>,
    binding: &Binding,
    denial: &Denial,
    mut verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    verdict.authorization = Authorization::Denied(denial.clone());
    let is_kept = binding
        .bound()
        .is_some_and(|key| holder(context, &key).is_some());
    verdict.state = match unbind::plan(context, binding, draft) {
        State::Gone => {
            verdict.record.role = None;
            verdict.record.first_bound = None;
            verdict.record.sent = None;
            let before = if is_kept {
                binding.previous_admission
            } else {
                PreviousAdmission::Revoked
            };
            denied(denial, before)
        }
        State::Waiting { message, .. } => State::stuck(
            Reason::RevokedByBoundary,
            format!("{}; {message}", denial.message),
        ),
        state => state,
    };
    verdict
}

/// Plans a role, and says what people should know of it once it stands.
fn advised(
    context: &PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
    denial: Option<State>,
    verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    let mut verdict = bind::plan(context, binding, target, denial, verdict, draft);
    if verdict.state == State::Ready {
        verdict.record.advice = advice::of(context.desired, &binding.key(target));
    }
    verdict
}

/// Another object that holds the claim to a role. One whose own window has ended raises none.
fn rival<'a>(
    context: &'a PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
) -> Option<&'a Binding> {
    let key = binding.key(target);
    let other = holder(context, &key).filter(|other| other.name != binding.name)?;
    (!is_over(context, binding, &key)).then_some(other)
}

/// The role that is meant, if that is certain and no other than the one that was bound.
fn role<'a>(
    context: &PlanContext<'_>,
    binding: &'a Binding,
    draft: &mut Draft,
) -> Result<&'a RoleTarget, State> {
    let (name, system) = (&binding.role_name, binding.system);
    match (&binding.role, &binding.bound) {
        (Role::Found(target), Some(bound)) if target != bound => Err(State::stuck(
            Reason::AmbiguousName,
            format!(
                "the name {name:?} now leads to role {}, not to {} that is bound; delete and recreate this object",
                target.role, bound.role
            ),
        )),
        (Role::Found(target), _) => Ok(target),
        (Role::Unread(fault), _) => {
            if matches!(fault, ScopeFault::Unread(..)) {
                draft.wake(Some(later(context.now(), APART)));
            }
            Err(unreadable(fault))
        }
        (Role::NotFound, _) => {
            let message = format!(
                "no {} is named {name:?}; delete this object and recreate it with another name",
                system.title
            );
            Err(State::stuck(Reason::RoleNotFound, message))
        }
        (Role::Ambiguous(ids), _) => {
            let shown: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} {}s are named {name:?}: {}; delete this object and recreate it with an id in spec.{}.role",
                ids.len(),
                system.title,
                shown.join(", "),
                system.field
            );
            Err(State::stuck(Reason::AmbiguousName, message))
        }
    }
}
