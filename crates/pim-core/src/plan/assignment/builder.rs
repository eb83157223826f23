//! What is said of an assignment, as it is put together row by row. Decides nothing.

use jiff::Timestamp;

use crate::action::Difference;
use crate::boundary::Denial;
use crate::desired::PreviousAdmission;
use crate::plan::context::denied;
use crate::principal::Principal;
use crate::reason::Reason;
use crate::schedule::End;
use crate::verdict::{AssignmentRecord, Authorization, Problem, Row, State, SubjectState, Verdict};

/// The most rows that the status of an assignment takes.
pub const MOST_ROWS: usize = 300;

/// What is said of an assignment so far.
#[derive(Debug, Clone)]
pub struct VerdictBuilder {
    state: State,
    /// What the boundary says of the object as a whole.
    of_object: Authorization,
    /// The first subject that the boundary does not admit.
    of_subjects: Option<Denial>,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    drift: Vec<Difference>,
    expiring: Vec<(Timestamp, Principal)>,
}

impl Default for VerdictBuilder {
    fn default() -> Self {
        Self {
            state: State::Ready,
            of_object: Authorization::Unjudged,
            of_subjects: None,
            rows: Vec::new(),
            problems: Vec::new(),
            drift: Vec::new(),
            expiring: Vec::new(),
        }
    }
}

impl VerdictBuilder {
    /// The rows that were added so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether a subject has its row already.
    pub fn speaks_of(&self, subject: &Principal) -> bool {
        self.rows.iter().any(|row| row.subject == *subject)
    }

    /// Adds the row of one subject.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds what somebody else changed.
    pub fn drifted(&mut self, differences: &[Difference]) {
        self.drift.extend(differences.iter().cloned());
    }

    /// Takes over a state if it is graver than the one so far.
    pub fn raise(&mut self, state: State) {
        self.state.raise(state);
    }

    /// Adds a row that something is wrong with.
    pub fn problem(&mut self, row: Row, reason: Reason, message: String) {
        self.raise(State::stuck(reason, format!("{}: {message}", row.subject)));
        self.problems.push(Problem {
            subject: row.subject.clone(),
            reason,
            message,
        });
        self.rows.push(row);
    }

    /// Notes what the boundary says of the object as a whole.
    pub fn judged(&mut self, authorization: Authorization, before: PreviousAdmission) {
        if let Authorization::Denied(denial) = &authorization {
            self.raise(denied(denial, before));
        }
        self.of_object = authorization;
    }

    /// Takes over a row of which nothing can be said beyond what is remembered.
    pub fn keep(&mut self, row: Row, state: State) {
        self.raise(state);
        self.rows.push(row);
    }

    /// Whether the boundary is against the object as a whole.
    pub fn is_denied(&self) -> bool {
        matches!(self.of_object, Authorization::Denied(_))
    }

    /// Adds a row that the boundary does not admit.
    pub fn denied_subject(&mut self, row: Row, denial: &Denial, before: PreviousAdmission) {
        if let State::Stuck { reason, message } = denied(denial, before) {
            self.violation(row, denial, reason, message);
        }
    }

    /// Adds a row of which the boundary has something taken away, or has taken it.
    pub fn violation(&mut self, row: Row, denial: &Denial, reason: Reason, message: String) {
        self.problem(row, reason, message);
        self.of_subjects.get_or_insert_with(|| denial.clone());
    }

    /// Notes whose access ends before a moment.
    pub fn note_expiring(&mut self, until: Timestamp) {
        let near = self.rows.iter().filter(|row| row.stands());
        let near = near.filter_map(|row| match row.end {
            Some(End::At(end)) if end <= until => Some((end, row.subject.clone())),
            _ => None,
        });
        self.expiring = near.collect();
        self.expiring.sort();
    }

    /// An object whose windows have all ended is not simply ready.
    pub fn expire(&mut self) {
        let mut declared = self
            .rows
            .iter()
            .filter(|row| row.state != SubjectState::Revoking)
            .peekable();
        if self.state == State::Ready
            && declared.peek().is_some()
            && declared.all(|row| row.state == SubjectState::Expired)
        {
            self.state = State::Expired;
        }
    }

    /// An object that is being deleted is gone once no row is left.
    pub fn close(&mut self) {
        if self.rows.is_empty() {
            self.state = State::Gone;
        } else {
            self.raise(State::waiting(
                Reason::DeletionInProgress,
                "access is being taken away",
            ));
        }
    }

    /// The finished verdict. Rows that remember nothing give way where there are more than a status takes.
    pub fn verdict(mut self) -> Verdict {
        if self.rows.len() > MOST_ROWS {
            self.rows.sort_by_key(|row| row.first_granted.is_none());
            self.rows.truncate(MOST_ROWS);
        }
        let record = AssignmentRecord {
            rows: self.rows,
            problems: self.problems,
            expiring: self.expiring,
        };
        Verdict {
            state: self.state,
            authorization: self
                .of_subjects
                .map_or(self.of_object, Authorization::Denied),
            drift: self.drift,
            record: record.into(),
        }
    }
}
