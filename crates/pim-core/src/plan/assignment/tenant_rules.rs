//! What the tenant says of a subject before its object has a word: denied people get nothing, protected ones lose nothing,
//! and what somebody else took away is not given again where the tenant says so.

use super::builder::VerdictBuilder;
use super::subject::SubjectPlan;
use crate::action::Difference;
use crate::desired::RemovedByOthers;
use crate::knowledge::{Held, Part, next_whole_second};
use crate::plan::context::{GrantTarget, PlanContext};
use crate::plan::draft::Draft;
use crate::plan::facts::window::Comparison;
use crate::plan::{emergency_stop, protection};
use crate::reason::Reason;
use crate::verdict::{Row, State, SubjectState};

/// Says of a subject that it is denied, if it is. Its window goes on counting: who comes back gets no longer one.
pub fn denied(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    verdict: &mut VerdictBuilder,
) -> bool {
    let denies = context.desired.rules.denies(line.key.principal);
    if denies {
        let row = Row {
            sent: None,
            ..line.row(context, SubjectState::Refused)
        };
        verdict.problem(row, Reason::PrincipalDenied, emergency_stop::told(context));
    }
    denies
}

/// Says of a subject that its window is not made smaller, because it is protected, if that is so.
pub fn protected(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    comparison: Comparison,
    verdict: &mut VerdictBuilder,
) -> bool {
    let Some(stands) = line.standing.map(|schedule| schedule.window) else {
        return false;
    };
    let is_smaller = comparison != Comparison::Equal
        && protection::reduces(context, &stands, &line.wanted.window);
    let is_kept = is_smaller && context.desired.rules.protects(line.key.principal);
    if is_kept {
        let row = Row {
            end: Some(stands.end),
            ..line.holder_row(context, line.stands(context))
        };
        verdict.problem(row, Reason::PrincipalProtected, protection::told(context));
    }
    is_kept
}

/// Says of a subject that somebody else took its access away and that it is not given again, if that is so. What one list
/// does not show is not gone yet, and who lost it with the group gets it again with the group.
pub fn removed(
    context: &PlanContext<'_>,
    line: &SubjectPlan<'_>,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) -> bool {
    let record = line.assignment.record(line.subject);
    let holds = context.desired.rules.removed_by_others == RemovedByOthers::Hold;
    let is_ready = matches!(context.grant_target, GrantTarget::Ready(_));
    let Some(record) = record.filter(|record| holds && is_ready && record.sent.is_none()) else {
        return false;
    };
    let generation = line.assignment.generation;
    let row = line.row(context, record.state);
    match record.removed_in {
        Some(known) if known == generation => {}
        None if record.state.stands() => {
            if let Some(state) = doubtful(context, line, draft) {
                verdict.raise(state);
                verdict.push(row);
                return true;
            }
        }
        _ => return false,
    }
    verdict.drifted(&[Difference {
        field: format!("spec.subjects[{}]", line.subject),
        declared: line.wanted.window.to_string(),
        stands: "nothing".to_owned(),
    }]);
    let row = Row {
        state: SubjectState::Refused,
        removed_in: Some(generation),
        ..row
    };
    let message = format!(
        "somebody took this away in the tenant, and removedByOthers of EntraTenant {} says Hold; edit this object to have it granted again",
        context.desired.group.tenant
    );
    verdict.problem(row, Reason::RemovedByOthers, message);
    true
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
