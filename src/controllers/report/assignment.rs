//! What only the status of an `EligibleAssignment` or `ActiveAssignment` has.

use pim_api::{
    ActiveAssignment, AssignmentStatus, EligibleAssignment, SubjectCounts, SubjectProblem,
    SubjectRow,
};
use pim_core::reason::{ConditionType, Reason};
use pim_core::schedule::End;
use pim_core::verdict::{AssignmentRecord, Problem, Record, Row, Verdict};

use super::common::request;
use super::one::{Report, Reported};
use crate::controllers::conditions::{Conditions, Truth, cut, whole_second};

macro_rules! reported {
    ($($Kind:ident),*) => {$(
        impl Reported for $Kind {
            const OWN: Option<ConditionType> = Some(ConditionType::Scheduled);

            fn fill(
                &self,
                _: &Report<'_>,
                verdict: &Verdict,
                status: &mut AssignmentStatus,
                conditions: &mut Conditions<'_>,
            ) {
                if let Record::Assignment(record) = &verdict.record {
                    if let Some(message) = ends_soon(record) {
                        let (kind, reason) = (ConditionType::Expiring, Reason::EndsSoon);
                        conditions.set(kind, Truth::True, reason, &message);
                    }
                    fill(status, record, self.spec.subjects.len());
                }
            }
        }
    )*};
}

reported!(EligibleAssignment, ActiveAssignment);

/// How many are named whose access ends soon.
const NAMED: usize = 5;

/// Whose access ends soon, when, and what to do; nothing if nobody's does.
pub fn ends_soon(record: &AssignmentRecord) -> Option<String> {
    let (first, _) = record.expiring.first()?;
    let named = record.expiring.iter().take(NAMED);
    let named: Vec<String> = named.map(|(_, subject)| subject.to_string()).collect();
    let more = match record.expiring.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "access of {}{more} ends soon, the first at {}; to keep it, change spec.schedule.expiration or spec.renewal",
        named.join(", "),
        pim_core::knowledge::whole_second(*first)
    ))
}

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
        expiring: count(record.expiring.len()),
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
        removed_in_generation: row.removed.map(|removal| removal.generation),
        removed_by: row.removed.map(|removal| removal.by),
    }
}
