//! Binds one role, changes how it is held, or says why not.

use super::held::{fault, is_read, looked, unreadable};
use super::line::{Holding, RolePlan};
use super::unbind;
use crate::action::{Action, Cause, GrantVerb, Write, WriteKey};
use crate::desired::Binding;
use crate::ids::GroupId;
use crate::knowledge::{Held, later};
use crate::observed::PlainOrigin;
use crate::plan::context::{GrantTarget, PlanContext, YOUNGEST};
use crate::plan::draft::Draft;
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::remembered;
use crate::plan::facts::window::Comparison;
use crate::plan::stage::StageKind;
use crate::plan::{policy, unseen};
use crate::reason::Reason;
use crate::role::RoleTarget;
use crate::schedule::{Access, End};
use crate::verdict::{BindingRecord, State, Verdict};

/// Plans a role that this object holds the claim to. Where the boundary does not admit it, nothing is done but what reduces
/// what the group holds.
pub fn plan(
    context: &PlanContext<'_>,
    binding: &Binding,
    target: &RoleTarget,
    denial: Option<State>,
    mut verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    let line = RolePlan::new(context, binding, target);
    verdict.record.end = line.end(context);
    wake(&line, &verdict.record, draft);
    let comparison = line.compare(context);
    if is_to_be_read(context, &line) && !is_read(context, line.key.kind, draft) {
        verdict.state = denial.unwrap_or_else(reading);
        return verdict;
    }
    if comparison == Comparison::Over {
        verdict.state = denial.unwrap_or(State::Expired);
        return over(context, &line, verdict, draft);
    }
    let is_of_another = matches!(line.held, Holding::OfAnother(_));
    let is_ours = (denial.is_none() || line.is_bound()) && !is_of_another;
    if is_ours && comparison == Comparison::TooMuch {
        // Whoever shortens it waits for nobody: nobody gets anything by it.
        let state = shorten(context, &line, &mut verdict, draft);
        verdict.state = denial.unwrap_or(state);
        return verdict;
    }
    if let Some(denial) = denial {
        verdict.state = denial;
        return verdict;
    }
    note(context, &line, &mut verdict, draft);
    match ready(context, &line, comparison, draft) {
        Err(state) => verdict.state = state,
        Ok(None) => {}
        Ok(Some((group, verb))) => {
            write(&line, group, verb, StageKind::Grant, &mut verdict, draft);
            verdict.state = State::waiting(Reason::Progressing, "the role is being bound");
        }
    }
    verdict
}

/// Whether it has to be known how a role stands that was bound before anything is said of it: it may stand for longer than it
/// should.
fn is_to_be_read(context: &PlanContext<'_>, line: &RolePlan<'_>) -> bool {
    let has_group = matches!(context.cleanup, CleanupTarget::Ready(_));
    has_group && line.is_bound() && line.held == Holding::Unknown
}

/// What begins or ends by itself is reported when it does.
fn wake(line: &RolePlan<'_>, record: &BindingRecord, draft: &mut Draft) {
    draft.wake(line.binding.schedule.start);
    if let Some(End::At(end)) = record.end {
        draft.wake(Some(end));
    }
}

/// What is held goes with this object from now on, whoever bound it.
fn note(
    context: &PlanContext<'_>,
    line: &RolePlan<'_>,
    verdict: &mut Verdict<BindingRecord>,
    draft: &mut Draft,
) {
    let is_held = matches!(
        line.held,
        Holding::Scheduled(_) | Holding::Plainly(_) | Holding::Conditioned(_)
    );
    if !is_held || !matches!(context.cleanup, CleanupTarget::Ready(_)) {
        return;
    }
    verdict.record.role = Some(line.key.target.clone());
    verdict.record.first_bound = Some(line.wanted.first_granted);
    // A plain row is listed before the schedule that it comes from; one of our own is all there is. One of somebody else
    // says nothing of what was sent.
    let is_all = match line.held {
        Holding::Plainly(row) | Holding::Conditioned(row) => row.origin == PlainOrigin::Ours,
        _ => true,
    };
    if is_all {
        verdict.record.sent = unseen::remaining(line.binding.sent.as_ref(), draft).cloned();
    }
    draft.shown(&Held::Role(line.key.clone()));
}

/// A role whose window has ended: what outlasts it is taken away.
fn over(
    context: &PlanContext<'_>,
    line: &RolePlan<'_>,
    mut verdict: Verdict<BindingRecord>,
    draft: &mut Draft,
) -> Verdict<BindingRecord> {
    let may_stand = line.binding.sent.is_some()
        || fault(context, &line.key).is_some()
        || outlasts(context, line, draft);
    if !line.is_bound() || !may_stand {
        return verdict;
    }
    match unbind::plan(context, line.binding, draft) {
        State::Gone => verdict.record.sent = None,
        State::Waiting { message, .. } => {
            verdict.state = State::waiting(Reason::Progressing, message);
        }
        state => verdict.state = state,
    }
    verdict
}

/// Whether something stands beyond the window. A plain row is listed for a while after its schedule has ended.
fn outlasts(context: &PlanContext<'_>, line: &RolePlan<'_>, draft: &mut Draft) -> bool {
    match (line.held, line.wanted.window.end) {
        (Holding::Scheduled(_), _) => true,
        (Holding::Plainly(_) | Holding::Conditioned(_), End::At(end)) => {
            let settled = later(end, YOUNGEST);
            draft.wake(Some(settled));
            settled <= context.now()
        }
        _ => false,
    }
}

/// Shortens what stands, and says how the object stands then.
fn shorten(
    context: &PlanContext<'_>,
    line: &RolePlan<'_>,
    verdict: &mut Verdict<BindingRecord>,
    draft: &mut Draft,
) -> State {
    let group = match &context.cleanup {
        CleanupTarget::Ready(group) => *group,
        CleanupTarget::Blocked(state) => return state.clone(),
        CleanupTarget::Nothing => {
            return State::waiting(
                Reason::WaitingForDependency,
                "the group does not exist in the tenant yet",
            );
        }
    };
    note(context, line, verdict, draft);
    if !is_read(context, line.key.kind, draft) {
        return reading();
    }
    write(
        line,
        group,
        GrantVerb::Update,
        StageKind::Revoke,
        verdict,
        draft,
    );
    State::waiting(Reason::Progressing, "the role is being shortened")
}

fn reading() -> State {
    State::waiting(Reason::Progressing, "reading what the group holds now")
}

/// Writes how the role should be held.
fn write(
    line: &RolePlan<'_>,
    group: GroupId,
    verb: GrantVerb,
    stage: StageKind,
    verdict: &mut Verdict<BindingRecord>,
    draft: &mut Draft,
) {
    let cause = line.cause();
    if let Cause::Drift(differences) = &cause {
        verdict.drift.clone_from(differences);
    }
    // Whoever shortens waits for no guard, so nothing may widen with it.
    let condition = match stage {
        StageKind::Revoke => line.condition(),
        _ => line.binding.condition.as_ref(),
    };
    let write =
        room(line, group, draft).unwrap_or_else(|| change(line, group, verb, condition.cloned()));
    let object = line.binding.object();
    draft.add(
        stage,
        Action {
            object,
            cause,
            write,
        },
    );
}

fn change(
    line: &RolePlan<'_>,
    group: GroupId,
    verb: GrantVerb,
    condition: Option<String>,
) -> Write {
    let binding = line.binding;
    let justification = binding.justification.clone();
    Write::BindRole {
        group,
        role: line.key.clone(),
        by: line.by(),
        verb,
        window: line.wanted.window,
        condition,
        justification: justification.unwrap_or_else(|| format!("declared by {}", binding.object())),
        ticket: binding.ticket.clone(),
    }
}

/// Whether PIM lists a plain assignment, and changes it, is not documented: one of which it has said that it knows nothing
/// makes room for a schedule. Not before it is certain that no schedule of ours is behind it.
fn room(line: &RolePlan<'_>, group: GroupId, draft: &mut Draft) -> Option<Write> {
    let Holding::Plainly(row) = line.held else {
        return None;
    };
    let bind = WriteKey::Bind(line.key.clone());
    let attempt = draft.memory.attempts.get(&bind)?;
    if line.binding.sent.is_some() || !attempt.knows_nothing() {
        return None;
    }
    draft.wanted.insert(bind);
    Some(Write::DeletePlainRole {
        group,
        role: line.key.target.clone(),
        assignment: row.id.clone(),
    })
}

/// The group to bind the role to and how, if it has to be bound; or why it cannot be bound now.
fn ready(
    context: &PlanContext<'_>,
    line: &RolePlan<'_>,
    comparison: Comparison,
    draft: &mut Draft,
) -> Result<Option<(GroupId, GrantVerb)>, State> {
    let (binding, key) = (line.binding, &line.key);
    let group = &context.desired.group;
    if !group.assignability.admits(key.target.system) {
        let message = format!(
            "PrivilegedGroup {} has roleAssignable: false, so it cannot hold a {}; delete and recreate it with true",
            group.name, binding.system.title
        );
        return Err(State::stuck(Reason::InvalidSpec, message));
    }
    if let Some(fault) = fault(context, key) {
        return Err(unreadable(fault));
    }
    let group = match &context.grant_target {
        GrantTarget::Ready(group) => *group,
        GrantTarget::Blocked(state) => return Err(state.clone()),
    };
    let Some(verb) = verb(context, line, comparison, draft)? else {
        return Ok(None);
    };
    for access in Access::ALL {
        policy::guard(context, access, draft)?;
    }
    if !is_read(context, key.kind, draft) {
        return Err(reading());
    }
    if verb == GrantVerb::Assign
        && let Some(state) = awaited(context, line, draft)
    {
        return Err(state);
    }
    Ok(Some((group, verb)))
}

/// How it has to be written, if it has to be.
fn verb(
    context: &PlanContext<'_>,
    line: &RolePlan<'_>,
    comparison: Comparison,
    draft: &mut Draft,
) -> Result<Option<GrantVerb>, State> {
    match (line.held, comparison) {
        (Holding::Unknown, _) => {
            is_read(context, line.key.kind, draft);
            Err(State::waiting(
                Reason::Progressing,
                "reading whether the role is held already",
            ))
        }
        (Holding::OfAnother(row), _) => {
            let how = if row.condition == line.binding.condition {
                "for ever"
            } else {
                "under another condition"
            };
            let message = format!(
                "somebody else has assigned this role {how} ({}), and the service takes no second one; delete that \
                 assignment, or declare it as it is",
                row.id
            );
            Err(State::stuck(Reason::Conflict, message))
        }
        (_, Comparison::EndsSoon) => {
            let message = format!(
                "the role is taken away at {}; the service makes no window that ends so soon",
                line.wanted.window.end
            );
            Err(State::waiting(Reason::Progressing, message))
        }
        (Holding::Conditioned(_), _) => Ok(Some(GrantVerb::Update)),
        (Holding::Scheduled(row), _) if row.condition != line.binding.condition => {
            Ok(Some(GrantVerb::Update))
        }
        (_, Comparison::Differs(verb)) => Ok(Some(verb)),
        _ => Ok(None),
    }
}

/// How the object stands because the service took the binding and does not show it yet. It is not sent again before its
/// absence is believed, and never while the service is still at the request.
fn awaited(context: &PlanContext<'_>, line: &RolePlan<'_>, draft: &mut Draft) -> Option<State> {
    let unseen = unseen::Unseen {
        sent: remembered::sent(line.binding.sent.as_ref(), context.now())?,
        write: WriteKey::Bind(line.key.clone()),
        held: Held::Role(line.key.clone()),
        looked: looked(context, &line.key)?,
        whom: "",
        done: "bound",
    };
    unseen.awaited(draft)
}
