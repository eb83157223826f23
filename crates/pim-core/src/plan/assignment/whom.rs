//! Whom a subject means, and why nothing is granted by it. Makes no write.

use super::builder::VerdictBuilder;
use super::subject::SubjectPlan;
use crate::desired::{Assignment, PreviousAdmission};
use crate::knowledge::{APART, later};
use crate::plan::context::PlanContext;
use crate::plan::draft::Draft;
use crate::plan::facts::window::Comparison;
use crate::plan::facts::{admission, nesting};
use crate::principal::{Identity, Principal, Resolution};
use crate::reason::Reason;
use crate::verdict::{Row, State, SubjectState};

/// How a subject stands who is refused. From whom something was taken away because of that is remembered for as long.
fn refusal(assignment: &Assignment, subject: &Principal) -> SubjectState {
    if assignment.revoked.contains(subject) {
        SubjectState::Revoked
    } else {
        SubjectState::Refused
    }
}

/// A name that leads to nobody, and never led to anybody.
pub fn nobody(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    subject: &Principal,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    let row = Row::bare(subject.clone(), None, refusal(assignment, subject));
    // Whoever is admitted nothing learns nothing of who exists.
    if verdict.is_denied() {
        return verdict.push(row);
    }
    if let Some(row) = refused(context, assignment, subject, row, verdict)
        && let Some(row) = withheld(context, subject, row, verdict, draft)
    {
        let (reason, message) = unknown(context, subject);
        verdict.problem(row, reason, message);
    }
}

fn unknown(context: &PlanContext<'_>, subject: &Principal) -> (Reason, String) {
    match context.desired.names.resolution(subject) {
        Resolution::Ambiguous(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            (
                Reason::AmbiguousName,
                format!("may mean any of {}; use the object id", ids.join(", ")),
            )
        }
        Resolution::Elsewhere(hint) => (Reason::PrincipalNotFound, hint.clone()),
        Resolution::Withheld {
            reason, message, ..
        } => (*reason, message.clone()),
        Resolution::NotFound | Resolution::Found(_) | Resolution::Unread => (
            Reason::PrincipalNotFound,
            "does not exist in the tenant; correct spec.subjects".to_owned(),
        ),
    }
}

/// Says of a subject that the boundary or the service does not admit it, if so; else hands the row back.
fn refused(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    subject: &Principal,
    row: Row,
    verdict: &mut VerdictBuilder,
) -> Option<Row> {
    if let Err(denial) = admission::judge_subject(context.desired, subject) {
        let object = assignment.object();
        let denial = context.violations.warned_of(&object, subject, denial);
        let before = match assignment.previous_admission {
            _ if assignment.revoked.contains(subject) => PreviousAdmission::Revoked,
            // Others had something taken away.
            PreviousAdmission::Revoked => PreviousAdmission::None,
            before => before,
        };
        verdict.denied_subject(row, &denial, before);
        return None;
    }
    if let Some(message) = nesting::unsuitable(context.desired, assignment, subject) {
        verdict.problem(row, Reason::InvalidSpec, message);
        return None;
    }
    Some(row)
}

/// Says of a subject that it waits for the group that it names, if that passes without a change of this object; else hands the
/// row back.
fn withheld(
    context: &PlanContext<'_>,
    subject: &Principal,
    row: Row,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) -> Option<Row> {
    let Resolution::Withheld {
        reason, message, ..
    } = context.desired.names.resolution(subject)
    else {
        return Some(row);
    };
    match reason {
        Reason::WaitingForReplication => draft.wake(Some(later(context.now(), APART))),
        Reason::WaitingForDependency => {}
        _ => return Some(row),
    }
    let state = match row.state {
        SubjectState::Refused | SubjectState::Revoked => SubjectState::Pending,
        stands => stands,
    };
    verdict.raise(State::waiting(*reason, message.clone()));
    verdict.push(Row { state, ..row });
    None
}

/// Whom the line means, if the boundary admits it and the name still leads to whom it was granted.
pub fn admitted<'a>(
    context: &PlanContext<'a>,
    line: &SubjectPlan<'_>,
    comparison: Comparison,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) -> Option<&'a Identity> {
    // Who is refused and never had anything by this object is not counted, whatever somebody else gave them.
    let is_ours = line.assignment.record(line.subject).is_some() || !verdict.is_denied();
    let state = match comparison {
        Comparison::Equal if is_ours => line.stands(context),
        _ => refusal(line.assignment, line.subject),
    };
    let row = line.row(context, state);
    if verdict.is_denied() {
        verdict.push(row);
        return None;
    }
    let row = refused(context, line.assignment, line.subject, row, verdict)?;
    let row = withheld(context, line.subject, row, verdict, draft)?;
    let (reason, message) = match context.desired.names.resolution(line.subject) {
        Resolution::Found(identity) if identity.id == line.key.principal => return Some(identity),
        Resolution::Found(identity) => {
            let message = format!(
                "the name now leads to {}, not to {} that was granted; replace the subject to grant the new one",
                identity.id, line.key.principal
            );
            (Reason::PrincipalChanged, message)
        }
        Resolution::NotFound
        | Resolution::Ambiguous(_)
        | Resolution::Elsewhere(_)
        | Resolution::Withheld { .. }
        | Resolution::Unread => unknown(context, line.subject),
    };
    let is_gone = context.desired.names.is_gone(line.key.principal);
    let row = Row {
        state: if is_gone {
            SubjectState::Refused
        } else {
            row.state
        },
        ..row
    };
    verdict.problem(row, reason, message);
    None
}
