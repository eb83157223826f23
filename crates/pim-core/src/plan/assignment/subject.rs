//! One subject of one assignment: whom it means, what stands of it, what it should be.

use jiff::Timestamp;

use crate::action::{Cause, Difference};
use crate::desired::{Assignment, LastReport};
use crate::knowledge::Sent;
use crate::observed::Schedule;
use crate::plan::context::PlanContext;
use crate::plan::facts::claims::{self, Claimant};
use crate::plan::facts::cleanup::CleanupTarget;
use crate::plan::facts::renewal;
use crate::plan::facts::window::{self, Comparison, Wanted};
use crate::principal::Principal;
use crate::schedule::{Key, Kind};
use crate::verdict::{Row, SubjectState};

/// One subject of one assignment.
pub struct SubjectPlan<'a> {
    /// The assignment that names the subject.
    pub assignment: &'a Assignment,
    /// The subject as the manifest names it.
    pub subject: &'a Principal,
    /// The access that the assignment declares for this subject.
    pub key: Key,
    /// What stands, if it has not ended.
    pub standing: Option<&'a Schedule>,
    /// The window that the manifest asks for.
    pub wanted: Wanted,
    /// The same before it is renewed, if it is now.
    pub before: Wanted,
}

impl<'a> SubjectPlan<'a> {
    /// The line of a subject whose principal is known.
    pub fn new(
        context: &PlanContext<'a>,
        assignment: &'a Assignment,
        subject: &'a Principal,
    ) -> Option<Self> {
        let principal = claims::principal(context.desired, assignment, subject)?;
        let key = Key {
            access: assignment.access,
            principal,
            kind: assignment.kind,
        };
        let standing = context.observed.standing(key);
        let before = window::wanted(assignment, subject, context.observed, key);
        let stands = standing.map(|schedule| &schedule.window);
        let renewed = renewal::renewed(context, assignment, subject, &before, stands);
        Some(Self {
            assignment,
            subject,
            key,
            standing,
            wanted: renewed.unwrap_or(before),
            before,
        })
    }

    /// Compares what stands with what is wanted.
    pub fn compare(&self, context: &PlanContext<'_>) -> Comparison {
        let stands = self.standing.map(|schedule| &schedule.window);
        window::compare(stands, &self.wanted.window, context.now())
    }

    /// Whether the end is known. A duration that has not begun to count ends later with every pass.
    pub fn ends_at_a_fixed_time(&self, now: Timestamp) -> bool {
        let noted = self
            .assignment
            .record(self.subject)
            .map(|record| record.first_granted);
        let stands = self.standing.map(|schedule| &schedule.window);
        window::ends_at_a_fixed_time(&self.assignment.schedule, noted, stands, now)
    }

    /// Whether it is to be extended now, because its end is near.
    pub fn is_renewed(&self) -> bool {
        self.wanted != self.before
    }

    /// The line as a claimant.
    pub fn claimant(&self) -> Claimant {
        Claimant::new(self.assignment, self.subject)
    }

    /// A row that says what is known without deciding. Before it is granted a duration has no end.
    pub fn row(&self, context: &PlanContext<'_>, state: SubjectState) -> Row {
        let record = self.assignment.record(self.subject);
        Row {
            subject: self.subject.clone(),
            principal: Some(self.key.principal),
            state,
            end: self
                .ends_at_a_fixed_time(context.now())
                .then_some(self.before.window.end),
            activated_until: context.activated_until(self.key.access, self.key.principal, record),
            first_granted: record.map(|record| record.first_granted),
            sent: self.sent().cloned(),
            record_on_grant: None,
            removed: None,
        }
    }

    /// A grant of the line that was sent and is not seen yet.
    pub fn sent(&self) -> Option<&Sent> {
        self.assignment.record(self.subject)?.sent.as_ref()
    }

    /// A row of the line that holds the claim: it records existing access as granted by this line, so that removing the
    /// line revokes it, whoever granted it.
    pub fn holder_row(&self, context: &PlanContext<'_>, state: SubjectState) -> Row {
        let row = self.row(context, state);
        match (self.standing, &context.cleanup) {
            (Some(_), CleanupTarget::Ready(_)) => Row {
                end: Some(self.before.window.end),
                first_granted: Some(self.before.first_granted),
                ..row
            },
            _ => row,
        }
    }

    /// How a subject stands that has what is wanted.
    pub fn stands(&self, context: &PlanContext<'_>) -> SubjectState {
        match self.key.kind {
            _ if self.begins(context).is_some() => SubjectState::Scheduled,
            Kind::Eligible => SubjectState::Eligible,
            Kind::Active => SubjectState::Active,
        }
    }

    /// How a subject stands of whom nothing is decided.
    pub fn held(&self, context: &PlanContext<'_>) -> SubjectState {
        match self.standing {
            Some(_) => self.stands(context),
            None => SubjectState::Pending,
        }
    }

    /// When what stands begins, if it has not begun.
    pub fn begins(&self, context: &PlanContext<'_>) -> Option<Timestamp> {
        let stands = self.standing.and_then(|schedule| schedule.window.start);
        stands.filter(|start| start.as_second() > context.now().as_second())
    }

    /// Whether somebody else made the difference: it stood, and the manifest is the same as then.
    pub fn cause(&self) -> Cause {
        let seen = self
            .assignment
            .record(self.subject)
            .is_some_and(|record| record.sent.is_none());
        if self.assignment.last_report == LastReport::Differed || !seen || self.is_renewed() {
            return Cause::Declared;
        }
        let field = match self.standing {
            Some(_) => "spec.schedule".to_owned(),
            None => format!("spec.subjects[{}]", self.subject),
        };
        let stands = self.standing.map_or_else(
            || "nothing".to_owned(),
            |schedule| schedule.window.to_string(),
        );
        Cause::Drift(vec![Difference {
            field,
            declared: self.wanted.window.to_string(),
            stands,
        }])
    }
}
