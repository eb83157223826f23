//! What only the status of an `EligibleAssignment` or `ActiveAssignment` has.

use pim_api::{
    ActiveAssignment, AssignmentStatus, EligibleAssignment, SubjectCounts, SubjectProblem,
    SubjectRow,
};
use pim_core::reason::ConditionType;
use pim_core::schedule::End;
use pim_core::verdict::{AssignmentRecord, Problem, Record, Row, Verdict};

use super::common::request;
use super::one::{Report, Reported};
use crate::controllers::conditions::{Conditions, cut, whole_second};

macro_rules! reported {
    ($($Kind:ident),*) => {$(
        impl Reported for $Kind {
            const OWN: Option<ConditionType> = Some(ConditionType::Scheduled);

            fn fill(
                &self,
                _: &Report<'_>,
                verdict: &Verdict,
                status: &mut AssignmentStatus,
                _: &mut Conditions<'_>,
            ) {
                if let Record::Assignment(record) = &verdict.record {
                    fill(status, record, self.spec.subjects.len());
                }
            }
        }
    )*};
}

reported!(EligibleAssignment, ActiveAssignment);

fn fill(status: &mut AssignmentStatus, record: &AssignmentRecord, desired: usize) {
    status.subjects = record.rows.iter().map(row).collect();
    let problem = |problem: &Problem| SubjectProblem {
        subject: problem.subject.to_string(),
        reason: problem.reason,
        message: cut(&problem.message, 256),
    };
    status.problems = record.problems.iter().take(20).map(problem).collect();
    let scheduled = record.rows.iter().filter(|row| row.stands()).count();
    let activated = record
        .rows
        .iter()
        .filter(|row| row.activated_until.is_some())
        .count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    status.counts = Some(SubjectCounts {
        desired: count(desired),
        scheduled: count(scheduled),
        activated: count(activated),
    });
    status.summary = Some(format!("{scheduled}/{desired}"));
}

fn row(row: &Row) -> SubjectRow {
    let time = |end: Option<End>| match end {
        Some(End::At(end)) => Some(whole_second(end)),
        Some(End::Never) | None => None,
    };
    SubjectRow {
        kind: row.subject.kind,
        name: row.subject.name.clone(),
        principal_id: row.principal,
        state: row.state,
        end_time: time(row.end),
        activated_until: time(row.activated_until),
        first_granted: row.first_granted.map(whole_second),
        last_write: row.sent.as_ref().map(|sent| whole_second(sent.at)),
        request: request(row.sent.as_ref()),
        removed_in_generation: row.removed_in,
    }
}
