//! What was declared once and has to go: what was taken out of a manifest, and what outlasts a window that has ended.
//! Only what an object granted or declares is touched: what stands undeclared is somebody else's until a rule says
//! otherwise.

use jiff::Timestamp;

use super::claims::{self, Claims};
use super::ground::Ground;
use super::{remembered, window};
use crate::desired::{self, Assignment, Lifecycle, Memo, Readability};
use crate::knowledge::Sent;
use crate::observed;
use crate::principal::Principal;
use crate::schedule::{Key, Kind};
use crate::verdict::Authorization;

/// Something that has to go.
#[derive(Debug, Clone)]
pub struct Departure<'a> {
    /// The object that declared it.
    pub assignment: &'a Assignment,
    /// The subject as it is or was named.
    pub subject: &'a Principal,
    /// What the status remembers of it.
    pub memo: Option<&'a Memo>,
    /// What has to go.
    pub key: Key,
}

impl Departure<'_> {
    /// What was sent and is not seen. Until it is seen, or believed to be gone, it may still appear.
    pub fn unseen(&self, observed: &observed::Unit) -> Option<&Sent> {
        let sent = self.sent(observed.now)?;
        observed.assigned(self.key).is_none().then_some(sent)
    }

    /// What the status goes on remembering as sent, until nothing is left: a list may show what somebody else gave before,
    /// and took away again.
    pub fn sent(&self, now: Timestamp) -> Option<&Sent> {
        remembered::sent(self.memo?.sent.as_ref(), now)
    }
}

/// Everything that has to go.
pub fn departures<'a>(
    desired: &'a desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: &Authorization,
    ground: &Ground,
) -> Vec<Departure<'a>> {
    let assignments = || desired.assignments.iter();
    let taken_out =
        assignments().flat_map(|assignment| taken_out(assignment, observed, claims, ground));
    let living = assignments().filter(|assignment| {
        assignment.lifecycle == Lifecycle::Living && assignment.readability == Readability::Readable
    });
    let lapsed = living.flat_map(|assignment| lapsed(desired, observed, claims, group, assignment));
    taken_out.chain(lapsed).collect()
}

/// What the status of an object remembers and no object stands for any more. What nobody sees stays remembered here even
/// if another object stands for it: that one remembers only what it sees, and one list may hide what stands.
fn taken_out<'a>(
    assignment: &'a Assignment,
    observed: &observed::Unit,
    claims: &Claims,
    ground: &Ground,
) -> Vec<Departure<'a>> {
    let departure = |memo: &'a Memo| Departure {
        assignment,
        subject: &memo.subject,
        memo: Some(memo),
        key: Key {
            access: assignment.access,
            principal: memo.principal,
            kind: assignment.kind,
        },
    };
    let is_named = |one: &Departure<'_>| {
        let is_unreadable = assignment.readability != Readability::Readable;
        assignment.lifecycle == Lifecycle::Living
            && (is_unreadable || assignment.subjects.contains(one.subject))
    };
    let is_handed_over = |one: &Departure<'_>| {
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
        let is_to_come =
            remembered::remains(one.memo.and_then(|memo| memo.sent.as_ref()), observed.now)
                .is_some();
        is_visible && !is_to_come && !matches!(ground, Ground::Closed(_))
    };
    assignment
        .memory
        .iter()
        .map(departure)
        .filter(|one| !is_named(one) && !is_handed_over(one))
        .collect()
}

/// Subjects whose window has ended while something of it still stands. What stands as declared ends by itself.
fn lapsed<'a>(
    desired: &'a desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: &Authorization,
    assignment: &'a Assignment,
) -> Vec<Departure<'a>> {
    let departure = |subject: &'a Principal| {
        let principal = claims::principal(desired, assignment, subject)?;
        let key = Key {
            access: assignment.access,
            principal,
            kind: assignment.kind,
        };
        let memo = assignment.memo(subject);
        let is_ours = memo.is_some()
            || claims::is_admitted(desired, assignment, subject, group, observed.now);
        let is_over = window::wanted(assignment, subject, observed, key)
            .window
            .end
            .is_over(observed.now);
        let outlasts = match observed.assigned(key) {
            Some(schedule) => !schedule.window.end.is_over(observed.now),
            None => memo.is_some() && leftover(observed, claims, key).is_some(),
        };
        (is_ours && is_over && outlasts && !claims.is_kept(&key)).then_some(Departure {
            assignment,
            subject,
            memo,
            key,
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
