//! What somebody else took away in the tenant: it is given again, or held, as the tenant says; what an access review took
//! away is held whatever the tenant says. What one list does not show is not gone yet, and who lost it with the group gets
//! it again with the group.

use super::builder::VerdictBuilder;
use super::subject::SubjectPlan;
use crate::action::Difference;
use crate::desired::{GrantRecord, HeldRemoval, RemovedByOthers, Remover};
use crate::knowledge::{APART, Held, Part, later, next_whole_second};
use crate::plan::context::{GrantTarget, PlanContext};
use crate::plan::draft::Draft;
use crate::reason::Reason;
use crate::verdict::{Row, State, SubjectState};

/// Whether a removal is held.
enum Judgement {
    /// It is given again.
    Restored,
    /// It is not given before the object is edited.
    HeldFor(Remover),
    /// That is not known yet.
    InDoubt(State),
}

/// Says of a subject that somebody else took its access away and that it is not given again, or not yet, if that is so.
pub fn held(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) -> bool {
    let is_ready = matches!(context.grant_target, GrantTarget::Ready(_));
    let record = line.assignment.record(line.subject);
    let Some(record) = record.filter(|record| is_ready && record.sent.is_none()) else {
        return false;
    };
    let row = line.row(context, record.state);
    let by = match judge(context, line, record, draft) {
        Judgement::Restored => return false,
        Judgement::InDoubt(state) => {
            verdict.raise(state);
            verdict.push(row);
            return true;
        }
        Judgement::HeldFor(by) => by,
    };
    verdict.drifted(&[Difference {
        field: format!("spec.subjects[{}]", line.subject),
        declared: line.wanted.window.to_string(),
        stands: "nothing".to_owned(),
    }]);
    let generation = line.assignment.generation;
    let row = Row {
        state: SubjectState::Refused,
        removed: Some(HeldRemoval { generation, by }),
        ..row
    };
    let (reason, message) = told(context, by);
    verdict.problem(row, reason, message);
    true
}

fn told(context: &PlanContext<'_>, by: Remover) -> (Reason, String) {
    match by {
        Remover::AccessReview => (
            Reason::RemovedByReview,
            "an access review took this away in the tenant; edit this object to have it granted again, or take the subject out"
                .to_owned(),
        ),
        Remover::Other => (
            Reason::RemovedByOthers,
            format!(
                "somebody took this away in the tenant, and removedByOthers of EntraTenant {} says Hold; edit this object to have it granted again",
                context.desired.group.tenant
            ),
        ),
    }
}

fn judge(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    record: &GrantRecord,
    draft: &mut Draft,
) -> Judgement {
    let holds = context.desired.rules.removed_by_others == RemovedByOthers::Hold;
    let audit = &context.desired.audit;
    match record.removed {
        Some(known) if known.generation != line.assignment.generation => {
            return Judgement::Restored;
        }
        Some(known) if known.by == Remover::AccessReview || holds => {
            return Judgement::HeldFor(known.by);
        }
        None if record.state.stands() && (holds || audit.is_current(context.now())) => {}
        _ => return Judgement::Restored,
    }
    if let Some(state) = doubtful(context, line, draft) {
        return Judgement::InDoubt(state);
    }
    let (access, principal) = (line.key.access, line.key.principal);
    if audit
        .review(access, principal, record.first_granted)
        .is_some()
    {
        return Judgement::HeldFor(Remover::AccessReview);
    }
    if holds {
        return Judgement::HeldFor(Remover::Other);
    }
    let since = draft.memory.absent.get(&Held::Access(line.key)).copied();
    match since.and_then(|since| audit.silent_until(since)) {
        None => Judgement::Restored,
        Some(until) => {
            // The log is read once a minute, so what it tells at that time is known a minute later.
            draft.doubt(later(until.max(context.now()), APART));
            let message = format!(
                "{}: somebody took this away in the tenant; it is granted again unless the audit log ascribes that to an access review, which is certain after {}",
                line.subject,
                next_whole_second(until)
            );
            Judgement::InDoubt(State::waiting(Reason::Progressing, message))
        }
    }
}

/// How the object stands while it is not certain that the access is gone.
fn doubtful(context: &PlanContext<'_>, line: &SubjectPlan<'_>, draft: &mut Draft) -> Option<State> {
    let Some(looked) = context.observed.list(line.key.kind).fresh_at() else {
        draft.need(Part::of(line.key.kind));
        let message = "reading what is in the tenant now";
        return Some(State::waiting(Reason::Progressing, message));
    };
    let until = draft.absence(&Held::Access(line.key), looked, None)?;
    let message = format!(
        "{}: the tenant does not show what was granted; it counts as taken away if that stays so until {}",
        line.subject,
        next_whole_second(until)
    );
    Some(State::waiting(Reason::WaitingForReplication, message))
}
