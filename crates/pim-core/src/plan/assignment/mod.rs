//! Plans the assignments of a group: revokes what nobody declares any more, then grants what is missing. Each subject
//! is judged for itself, so that one wrong name never holds up the others.

mod builder;
mod grant;
mod hold;
mod removed;
mod revoke;
mod subject;
mod tenant_rules;
mod whom;

use super::context::PlanContext;
use super::draft::Draft;
use super::facts::retention::{self, Retention};
use super::facts::{admission, target};
use crate::desired::{Assignment, Lifecycle, Object, PreviousAdmission, Readability};
use crate::knowledge::{Sent, later};
use crate::reason::Reason;
use crate::schedule::{End, Key, Window};
use crate::verdict::{AssignmentRecord, Authorization, Row, State, Verdict};
use builder::{MOST_ROWS, VerdictBuilder};
use jiff::Timestamp;
use subject::SubjectPlan;

/// Plans all assignments and returns a verdict for each.
pub fn plan(context: &PlanContext<'_>, draft: &mut Draft) -> Vec<(Object, Verdict)> {
    let mut leaving = revoke::plan(context, draft);
    let mut verdicts = Vec::new();
    for assignment in &context.desired.assignments {
        let mut verdict = leaving.remove(&assignment.object()).unwrap_or_default();
        match (assignment.lifecycle, &assignment.readability) {
            (Lifecycle::Deleting, _) => leaving_object(context, assignment, &mut verdict),
            (Lifecycle::Living, Readability::Unreadable(reason)) => {
                unreadable(context, assignment, reason, &mut verdict);
            }
            (Lifecycle::Living, Readability::Readable) => {
                living(context, assignment, &mut verdict, draft);
            }
        }
        if shows_new_activation(assignment, verdict.rows()) {
            target::need(context.observed, &mut draft.needs);
        }
        wake(assignment, &verdict, draft);
        verdicts.push((assignment.object(), verdict.verdict()));
    }
    verdicts
}

/// An object goes once everything is taken away that has to be. What it may not leave behind it holds on to.
fn leaving_object(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    verdict: &mut VerdictBuilder,
) {
    match retention::of_member(context.desired, assignment.deletion_policy) {
        Retention::Refused(state) if !assignment.memory.is_empty() => {
            keep(context, assignment, &state, verdict);
        }
        _ => verdict.close(),
    }
}

fn living(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    verdict: &mut VerdictBuilder,
    draft: &mut Draft,
) {
    let authorization = match admission::judge_window(context.desired, assignment, context.now()) {
        Err(denial) if context.authorization == Authorization::Admitted => {
            let boundary = context.desired.boundary.as_ref();
            draft.wake(boundary.and_then(|boundary| boundary.admits_window_from(assignment)));
            Authorization::Denied(denial)
        }
        _ => context.authorization.clone(),
    };
    let object = assignment.object();
    let authorization = context.violations.warned(&object, authorization);
    let before = if assignment.revoked.is_empty() {
        assignment.previous_admission
    } else {
        PreviousAdmission::Revoked
    };
    verdict.judged(authorization, before);
    // Everybody who may still have access needs a row, and a status takes only so many.
    let room = if verdict.rows().len() + assignment.subjects.len() > MOST_ROWS {
        grant::Room::None
    } else {
        grant::Room::Enough
    };
    for subject in &assignment.subjects {
        if !verdict.speaks_of(subject) {
            grant::plan(context, assignment, subject, room, verdict, draft);
        }
    }
    verdict.note_expiring(later(context.now(), assignment.lead()));
    verdict.expire();
}

/// An object that cannot be read keeps what its status remembers: nothing is given or taken away by it.
fn unreadable(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    reason: &str,
    verdict: &mut VerdictBuilder,
) {
    let state = State::stuck(
        Reason::InvalidSpec,
        format!(
            "the object cannot be read: {reason}; correct it, nothing is changed for it until then"
        ),
    );
    keep(context, assignment, &state, verdict);
}

/// Keeps what the status remembers and is not taken away, and says why nothing happens to it.
fn keep(
    context: &PlanContext<'_>,
    assignment: &Assignment,
    state: &State,
    verdict: &mut VerdictBuilder,
) {
    verdict.raise(state.clone());
    let object = assignment.object();
    for record in &assignment.memory {
        // What is left of that has its row, and what is done has none any more.
        let mut departures = context.pending_revocations.iter();
        if departures.any(|one| one.assignment.object() == object && *one.subject == record.subject)
        {
            continue;
        }
        if let Some(line) = SubjectPlan::new(context, assignment, &record.subject) {
            if tenant_rules::denied(context, &line, verdict) {
                continue;
            }
            let subject_state = line.held(context);
            verdict.keep(line.row(context, subject_state), state.clone());
        }
    }
}

/// Whether somebody has become active since the last report: then the settings by which they did are read again.
fn shows_new_activation(assignment: &Assignment, rows: &[Row]) -> bool {
    rows.iter().any(|row| {
        let known = assignment.record(&row.subject);
        row.activated_until.is_some() && known.is_none_or(|record| record.activated_until.is_none())
    })
}

/// What begins or ends by itself is reported when it does.
fn wake(assignment: &Assignment, verdict: &VerdictBuilder, draft: &mut Draft) {
    if assignment.lifecycle == Lifecycle::Living {
        draft.wake(assignment.schedule.start);
    }
    for row in verdict.rows() {
        for end in [row.end, row.activated_until] {
            if let Some(End::At(end)) = end {
                draft.wake(Some(end));
            }
        }
        // Then it is extended, or told that it ends.
        if let Some(End::At(end)) = row.end {
            draft.wake(end.checked_sub(assignment.lead()).ok());
        }
    }
}

/// Records a grant that is about to be sent: `afterDuration` counts from the grant, not from the wish.
pub fn begin(record: &mut AssignmentRecord, key: Key, window: Window, now: Timestamp) {
    let of_principal = |row: &&mut Row| row.principal == Some(key.principal);
    for row in record.rows.iter_mut().filter(of_principal) {
        if row.record_on_grant.is_some() {
            row.first_granted = row.record_on_grant;
            row.end = Some(window.end);
            row.sent = Some(Sent {
                at: now,
                request: None,
            });
        }
    }
}
