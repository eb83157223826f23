//! What was declared once and has to go: what was taken out of a manifest, what outlasts a window that has ended, and what
//! was granted to whoever is denied now.
//! Only what an object granted or declares is touched: what stands undeclared is somebody else's until a rule says
//! otherwise.

use jiff::Timestamp;

use super::admission;
use super::claims::{self, Claims};
use super::cleanup::CleanupTarget;
use super::retention::{self, Retention};
use super::violation::BoundaryViolations;
use super::{remembered, window};
use crate::boundary::Denial;
use crate::desired::{self, Assignment, GrantRecord, Lifecycle, Readability};
use crate::knowledge::Sent;
use crate::observed;
use crate::principal::Principal;
use crate::schedule::{Key, Kind};
use crate::verdict::Authorization;

/// Something that has to go.
#[derive(Debug, Clone)]
pub struct PendingRevocation<'a> {
    /// The object that declared it.
    pub assignment: &'a Assignment,
    /// The subject as it is or was named.
    pub subject: &'a Principal,
    /// What the status remembers of it.
    pub record: Option<&'a GrantRecord>,
    /// The access that has to go.
    pub key: Key,
    /// What the boundary has against it, if it goes for that and for nothing else.
    pub violation: Option<Denial>,
}

impl PendingRevocation<'_> {
    /// What was sent and is not seen. Until it is seen, or believed to be gone, it may still appear.
    pub fn unseen(&self, observed: &observed::Unit) -> Option<&Sent> {
        let sent = self.sent(observed.now)?;
        observed.assigned(self.key).is_none().then_some(sent)
    }

    /// What the status goes on remembering as sent, until nothing is left: a list may show what somebody else gave before,
    /// and took away again.
    pub fn sent(&self, now: Timestamp) -> Option<&Sent> {
        remembered::sent(self.record?.sent.as_ref(), now)
    }
}

/// Everything that has to go.
pub fn pending_revocations<'a>(
    desired: &'a desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: &Authorization,
    violations: &BoundaryViolations,
    cleanup: &CleanupTarget,
) -> Vec<PendingRevocation<'a>> {
    let assignments = || desired.assignments.iter();
    let violation = |one: &PendingRevocation<'_>| {
        // Where there is no group there is nothing to be taken away.
        let found = violations.of_subject(&one.assignment.object(), one.subject);
        found
            .filter(|_| *cleanup != CleanupTarget::Nothing)
            .cloned()
    };
    let removed_from_spec = assignments().flat_map(|assignment| {
        removed_from_spec(desired, assignment, observed, claims, violation, cleanup)
    });
    let living = assignments().filter(|assignment| {
        assignment.lifecycle == Lifecycle::Living && assignment.readability == Readability::Readable
    });
    let expired =
        living.flat_map(|assignment| expired(desired, observed, claims, group, assignment));
    let expired = expired.filter(|one| violation(one).is_none());
    removed_from_spec.chain(expired).collect()
}

/// What the status of an object remembers and no object stands for any more. What nobody sees stays remembered here even
/// if another object stands for it: that one remembers only what it sees, and one list may hide what stands. No object
/// stands for whoever is denied, nor for what the boundary has taken away.
fn removed_from_spec<'a>(
    desired: &desired::Unit,
    assignment: &'a Assignment,
    observed: &observed::Unit,
    claims: &Claims,
    violation: impl Fn(&PendingRevocation<'_>) -> Option<Denial>,
    cleanup: &CleanupTarget,
) -> Vec<PendingRevocation<'a>> {
    let departure = |record: &'a GrantRecord| PendingRevocation {
        assignment,
        subject: &record.subject,
        record: Some(record),
        key: Key {
            access: assignment.access,
            principal: record.principal,
            kind: assignment.kind,
        },
        violation: None,
    };
    let is_named = |one: &PendingRevocation<'_>| {
        let is_unreadable = assignment.readability != Readability::Readable;
        let goes = assignment.lifecycle == Lifecycle::Deleting
            && retention::of_member(desired, assignment.deletion_policy) == Retention::Taken;
        !goes
            && !desired.rules.denies(one.key.principal)
            && (is_unreadable || assignment.subjects.contains(one.subject))
    };
    let is_handed_over = |one: &PendingRevocation<'_>| {
        let Some(heir) = claims.decider(&one.key) else {
            return false;
        };
        // A subject of the same object takes over all but what was sent and is not seen.
        let is_visible = if heir.object == assignment.object() {
            one.unseen(observed).is_none()
        } else {
            observed.assigned(one.key).is_some()
        };
        // Whoever takes it over knows nothing of what the service is still at.
        let is_to_come = remembered::remains(
            one.record.and_then(|record| record.sent.as_ref()),
            observed.now,
        )
        .is_some();
        is_visible && !is_to_come && !matches!(cleanup, CleanupTarget::Blocked(_))
    };
    assignment
        .memory
        .iter()
        .map(departure)
        .filter_map(|one| {
            if !is_named(&one) {
                return Some(one);
            }
            let violation = Some(violation(&one)?);
            Some(PendingRevocation { violation, ..one })
        })
        .filter(|one| !is_handed_over(one))
        .collect()
}

/// Subjects whose window has ended while something of it still stands. What stands as declared ends by itself.
fn expired<'a>(
    desired: &'a desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: &Authorization,
    assignment: &'a Assignment,
) -> Vec<PendingRevocation<'a>> {
    let departure = |subject: &'a Principal| {
        let principal = claims::principal(desired, assignment, subject)?;
        if desired.rules.denies(principal) {
            return None;
        }
        let key = Key {
            access: assignment.access,
            principal,
            kind: assignment.kind,
        };
        let record = assignment.record(subject);
        let is_ours = record.is_some()
            || admission::is_admitted(desired, assignment, subject, group, observed.now);
        let is_over = window::wanted(assignment, subject, observed, key)
            .window
            .end
            .is_over(observed.now);
        let outlasts = match observed.assigned(key) {
            Some(schedule) => !schedule.window.end.is_over(observed.now),
            None => record.is_some() && leftover(observed, claims, key).is_some(),
        };
        (is_ours && is_over && outlasts && !claims.is_kept(&key)).then_some(PendingRevocation {
            assignment,
            subject,
            record,
            key,
            violation: None,
        })
    };
    assignment.subjects.iter().filter_map(departure).collect()
}

/// An activation that outlives the eligibility that it came from. One whose eligibility stands or is declared is the
/// person's own business, and so is one beside a declared active assignment, which gives the same.
pub fn leftover<'a>(
    observed: &'a observed::Unit,
    claims: &Claims,
    gone: Key,
) -> Option<&'a observed::Schedule> {
    let eligible = Key {
        kind: Kind::Eligible,
        ..gone
    };
    let active = Key {
        kind: Kind::Active,
        ..gone
    };
    if claims.is_kept(&eligible) || claims.is_kept(&active) || observed.assigned(eligible).is_some()
    {
        return None;
    }
    observed.activation(gone.access, gone.principal)
}
