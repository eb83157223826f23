//! Binds one role, or says why not.

use super::held::{fault, looked, plain, schedule, unreadable};
use crate::action::{Action, Cause, Difference, GrantVerb, Write, WriteKey};
use crate::desired::{Assignability, Binding, LastReport};
use crate::ids::{GroupId, RoleAssignmentId};
use crate::knowledge::{Held, Part};
use crate::observed::PlainOrigin;
use crate::plan::context::{GrantTarget, PlanContext};
use crate::plan::draft::Draft;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::remembered;
use crate::plan::stage::StageKind;
use crate::plan::{policy, unseen};
use crate::reason::Reason;
use crate::role::{Holders, RoleTarget};
use crate::schedule::{Access, Window};
use crate::verdict::{BindingRecord, State, Verdict};

/// How a role is held.
enum Holding {
    AsDeclared,
    /// In another window.
    Otherwise(Window),
    /// Under another condition, or under none.
    Conditioned(Option<String>),
    /// Under another condition, by an assignment that somebody else made.
    OfAnother(RoleAssignmentId),
    Not,
    /// Not known before plain assignments are read.
    Unknown,
}

/// Plans a role that this object holds the claim to.
pub fn plan(
    context: &PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
    mut verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    let held = held(context, binding, target);
    let is_ours = matches!(context.cleanup, CleanupTarget::Ready(_));
    let is_held = matches!(
        held,
        Holding::AsDeclared | Holding::Otherwise(_) | Holding::Conditioned(_)
    );
    if is_ours && is_held {
        // What is held goes with this object from now on, whoever bound it.
        verdict.record.role = Some(target.clone());
        // A plain row is listed before the schedule that it comes from; one of our own is all there is. One of somebody else
        // says nothing of what was sent.
        let is_all = || {
            let rows = context.observed.plain_roles.rows();
            plain(rows, target).is_some_and(|row| row.origin == PlainOrigin::Ours)
        };
        if schedule(context, target).is_some() || is_all() {
            verdict.record.sent = unseen::remaining(binding.sent.as_ref(), draft).cloned();
        }
        draft.shown(&Held::Role(target.clone()));
    }
    match ready(context, binding, target, &held, draft) {
        Err(state) => verdict.state = state,
        Ok(None) => {}
        Ok(Some((group, verb))) => {
            let cause = cause(binding, target, &held);
            if let Cause::Drift(differences) = &cause {
                verdict.drift.clone_from(differences);
            }
            let justification = binding.justification.clone();
            let write = Write::BindRole {
                group,
                role: target.clone(),
                verb,
                condition: binding.condition.clone(),
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
            verdict.state = State::waiting(Reason::Progressing, "the role is being bound");
        }
    }
    verdict
}

/// The group to bind the role to and how, if it has to be bound; or why it cannot be bound now.
fn ready(
    context: &PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
    held: &Holding,
    draft: &mut Draft,
) -> Result<Option<(GroupId, GrantVerb)>, State> {
    let group = &context.desired.group;
    if target.system.holders == Holders::RoleAssignable
        && group.assignability == Assignability::Ordinary
    {
        let message = format!(
            "PrivilegedGroup {} has roleAssignable: false, so it cannot hold a {}; delete and recreate it with true",
            group.name, binding.system.title
        );
        return Err(State::stuck(Reason::InvalidSpec, message));
    }
    if let Some(fault) = fault(context, target) {
        return Err(unreadable(fault));
    }
    let group = match &context.grant_target {
        GrantTarget::Ready(group) => *group,
        GrantTarget::Blocked(state) => return Err(state.clone()),
    };
    let verb = match held {
        Holding::AsDeclared => return Ok(None),
        Holding::Otherwise(_) | Holding::Conditioned(_) => GrantVerb::Update,
        Holding::OfAnother(id) => {
            let message = format!(
                "somebody else has assigned this role under another condition ({id}), and the service takes no second one; \
                 delete that assignment, or declare its condition"
            );
            return Err(State::stuck(Reason::Conflict, message));
        }
        Holding::Not => GrantVerb::Assign,
        Holding::Unknown => {
            draft.need(Part::Roles);
            draft.need(Part::PlainRoles);
            return Err(State::waiting(
                Reason::Progressing,
                "reading whether the role is held already",
            ));
        }
    };
    for access in Access::ALL {
        policy::guard(context, access, draft)?;
    }
    if context.observed.roles.fresh().is_none() || context.observed.plain_roles.fresh().is_none() {
        draft.need(Part::Roles);
        draft.need(Part::PlainRoles);
        return Err(State::waiting(
            Reason::Progressing,
            "reading what the group holds now",
        ));
    }
    if verb == GrantVerb::Assign
        && let Some(state) = awaited(context, binding, target, draft)
    {
        return Err(state);
    }
    Ok(Some((group, verb)))
}

/// How the object stands because the service took the binding and does not show it yet. It is not sent again before its
/// absence is believed, and never while the service is still at the request.
fn awaited(
    context: &PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
    draft: &mut Draft,
) -> Option<State> {
    let key = target.clone();
    let unseen = unseen::Unseen {
        sent: remembered::sent(binding.sent.as_ref(), context.now())?,
        write: WriteKey::Bind(key.clone()),
        held: Held::Role(key),
        looked: looked(context, target)?,
        whom: "",
        done: "bound",
    };
    unseen.awaited(draft)
}

fn held(context: &PlanContext<'_>, binding: &Binding, target: &RoleTarget) -> Holding {
    if let Some(row) = schedule(context, target) {
        return if row.window.matches(&Window::ALWAYS, context.now()) {
            Holding::AsDeclared
        } else {
            Holding::Otherwise(row.window)
        };
    }
    let (Some(rows), schedules) = (
        context.observed.plain_roles.last(),
        context.observed.roles.last(),
    ) else {
        return Holding::Unknown;
    };
    match plain(rows, target) {
        // A plain assignment that exists already counts.
        Some(row) if row.condition == binding.condition => Holding::AsDeclared,
        Some(row) if row.origin == PlainOrigin::Another => Holding::OfAnother(row.id.clone()),
        Some(row) => Holding::Conditioned(row.condition.clone()),
        None if schedules.is_some() => Holding::Not,
        None => Holding::Unknown,
    }
}

/// Whether somebody else made the difference: the role was bound, and the manifest is the same as then.
fn cause(binding: &Binding, target: &RoleTarget, held: &Holding) -> Cause {
    let was_seen = binding.bound.as_ref() == Some(target) && binding.sent.is_none();
    if binding.last_report == LastReport::Differed || !was_seen {
        return Cause::Declared;
    }
    let field = format!("spec.{}", binding.system.field);
    let difference = |stands: String| Difference {
        field: field.clone(),
        declared: format!("{} at {}", binding.role_name, target.scope),
        stands,
    };
    let condition = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    Cause::Drift(vec![match held {
        Holding::Otherwise(window) => difference(window.to_string()),
        Holding::Conditioned(stands) => Difference {
            field: format!("{field}.condition"),
            declared: condition(&binding.condition),
            stands: condition(stands),
        },
        _ => difference("nothing".to_owned()),
    }])
}
