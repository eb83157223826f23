//! The status of an `EligibleAssignment` or `ActiveAssignment`.

use pim_api::{AssignmentStatus, SubjectCounts, SubjectProblem, SubjectRow};
use pim_core::desired::ObjectKind;
use pim_core::reason::ConditionType;
use pim_core::schedule::{End, Kind};
use pim_core::verdict::{AssignmentVerdict, Problem, Row};

use super::Report;
use super::shared::{Found, drift, last_error, matched, request, standing};
use crate::adapters::kinds::{Kind as ApiKind, object_name};
use crate::adapters::status::Error;
use crate::controllers::conditions::{cut, whole_second};
use crate::controllers::outcome::Failure;

impl Report<'_> {
    pub(super) async fn assignment<K>(
        &self,
        object: &K,
        kind: Kind,
        desired: usize,
    ) -> Result<(), Error>
    where
        K: ApiKind<Status = AssignmentStatus>,
    {
        let object_kind = ObjectKind::from(kind);
        let known = self.context.statuses.latest(object);
        let failure = self.failure_of(object_kind, object);
        let subject = self.subject(object, &known.conditions);
        let mut status = AssignmentStatus {
            observed_generation: object.meta().generation,
            ..known.clone()
        };
        let verdict = self
            .findings
            .plan
            .and_then(|plan| plan.assignments.get(&(kind, object_name(object))));
        match (verdict, failure) {
            (Some(verdict), _) => {
                let state = failure.map_or_else(|| verdict.state.clone(), Failure::state);
                let found = Found {
                    state: &state,
                    authorization: &verdict.authorization,
                    drift: &verdict.drift,
                };
                let mut conditions = subject.conditions(&found);
                standing(&mut conditions, ConditionType::Scheduled, &state);
                status.conditions = conditions.finish();
                status.matched_generation =
                    matched(&state, object.meta().generation, known.matched_generation);
                fill(&mut status, verdict, desired);
            }
            (None, Some(failure)) => status.conditions = subject.unreachable(failure),
            (None, None) => return Ok(()),
        }
        status.last_error = last_error(
            failure,
            known.last_error.as_ref(),
            &status.conditions,
            self.now,
        );
        if self.findings.plan.is_some() && status != known {
            status.last_sync_time = Some(whole_second(self.now));
        }
        self.write(object_kind, object, status).await
    }
}

fn fill(status: &mut AssignmentStatus, verdict: &AssignmentVerdict, desired: usize) {
    status.subjects = verdict.rows.iter().map(row).collect();
    let problem = |problem: &Problem| SubjectProblem {
        subject: problem.subject.to_string(),
        reason: problem.reason,
        message: cut(&problem.message, 256),
    };
    status.problems = verdict.problems.iter().take(20).map(problem).collect();
    let scheduled = verdict.rows.iter().filter(|row| row.stands()).count();
    let activated = verdict
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
    status.drift = drift(&verdict.drift);
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
    }
}
