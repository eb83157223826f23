//! Plans the assignments of a group: revokes what nobody declares any more, then grants what is missing. Each subject
//! is judged for itself, so that one wrong name never holds up the others.

mod grant;
mod revoke;
mod window;

use std::collections::BTreeMap;

use super::Draft;
use super::claims;
use super::context::{Context, denied};
use crate::boundary::Denial;
use crate::desired::{Assignment, Lifecycle, Standing};
use crate::ids::ObjectName;
use crate::reason::Reason;
use crate::schedule::Kind;
use crate::verdict::{AssignmentVerdict, Authorization, Problem, Row, State, SubjectState};

/// Plans all assignments.
pub fn plan(context: &Context<'_>, draft: &mut Draft) -> BTreeMap<(Kind, ObjectName), AssignmentVerdict> {
    let leaving = revoke::plan(context, draft);
    let assignments = context.desired.assignments.iter();
    assignments
        .map(|assignment| {
            let mut leaving = leaving.get(&assignment.object()).cloned().unwrap_or_default();
            let verdict = match assignment.lifecycle {
                Lifecycle::Living => living(context, assignment, leaving, draft),
                Lifecycle::Deleting => {
                    leaving.close();
                    leaving.verdict()
                }
            };
            ((assignment.kind, assignment.name.clone()), verdict)
        })
        .collect()
}

/// What is said of an assignment, as it is put together.
#[derive(Debug, Clone)]
pub struct Sheet {
    state: State,
    /// What the boundary says of the object as a whole.
    of_object: Authorization,
    /// The first subject that the boundary does not admit.
    of_subjects: Option<Denial>,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    drift: Vec<crate::action::Difference>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            state: State::Ready,
            of_object: Authorization::Unjudged,
            of_subjects: None,
            rows: Vec::new(),
            problems: Vec::new(),
            drift: Vec::new(),
        }
    }
}

impl Sheet {
    fn raise(&mut self, state: State) {
        self.state = std::mem::replace(&mut self.state, State::Gone).graver(state);
    }

    fn problem(&mut self, row: Row, reason: Reason, message: String) {
        self.raise(State::stuck(reason, format!("{}: {message}", row.subject)));
        self.problems.push(Problem { subject: row.subject.clone(), reason, message });
        self.rows.push(row);
    }

    fn denied_subject(&mut self, row: Row, denial: &Denial, standing: Standing) {
        if let State::Stuck { reason, message } = denied(denial, standing) {
            self.problem(row, reason, message);
        }
        self.of_subjects.get_or_insert_with(|| denial.clone());
    }

    /// An object that is being deleted is gone once no row is left.
    fn close(&mut self) {
        if self.rows.is_empty() {
            self.state = State::Gone;
        } else {
            self.raise(State::waiting(Reason::DeletionInProgress, "access is being taken away"));
        }
    }

    fn verdict(self) -> AssignmentVerdict {
        AssignmentVerdict {
            state: self.state,
            authorization: self.of_subjects.map_or(self.of_object, Authorization::Denied),
            rows: self.rows,
            problems: self.problems,
            drift: self.drift,
        }
    }
}

fn living(context: &Context<'_>, assignment: &Assignment, mut sheet: Sheet, draft: &mut Draft) -> AssignmentVerdict {
    sheet.of_object = context.authorization.clone();
    if context.authorization == Authorization::Admitted
        && let Err(denial) = claims::judge_window(context.desired, assignment, context.now())
    {
        sheet.raise(denied(&denial, assignment.standing));
        sheet.of_object = Authorization::Denied(denial);
    }
    for subject in &assignment.subjects {
        grant::plan(context, assignment, subject, &mut sheet, draft);
    }
    let granted = sheet.rows.iter().filter(|row| row.state != SubjectState::Revoking);
    if sheet.state == State::Ready && granted.clone().count() > 0 && granted.clone().all(|row| row.state == SubjectState::Expired) {
        sheet.state = State::Expired;
    }
    sheet.verdict()
}
