//! What the tenant says of a subject before its object has a word: denied people get nothing, protected ones lose nothing.

use super::builder::VerdictBuilder;
use super::subject::SubjectPlan;
use crate::plan::context::PlanContext;
use crate::plan::facts::window::Comparison;
use crate::plan::{emergency_stop, protection};
use crate::reason::Reason;
use crate::verdict::{Row, SubjectState};

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
