//! Which object holds which access, and which access must not be taken away. When several objects name the same person
//! for the same access, the one that granted it keeps it; a first claim goes to the older object.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::admission;
use super::violation::BoundaryViolations;
use super::window;
use crate::desired::{self, Assignment, Lifecycle, Object, Readability};
use crate::ids::PrincipalId;
use crate::observed;
use crate::principal::Principal;
use crate::schedule::{Key, ScheduleExpiration};
use crate::verdict::Authorization;

/// All claims on access to a group.
#[derive(Debug, Default)]
pub struct Claims {
    /// Those whom the boundary admits.
    holders: BTreeMap<Key, Claimant>,
    /// Those whom it does not admit any more, where no holder is: what they granted is reported, not revoked.
    leftovers: BTreeMap<Key, Claimant>,
}

/// One line of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The assignment that makes the claim.
    pub object: Object,
    /// The subject of that assignment.
    pub subject: Principal,
    /// How the object says when it ends.
    pub expiration: ScheduleExpiration,
}

impl Claimant {
    /// The line of a subject.
    pub fn new(assignment: &Assignment, subject: &Principal) -> Self {
        Self {
            object: assignment.object(),
            subject: subject.clone(),
            expiration: assignment.schedule.expiration,
        }
    }
}

/// The subjects of an assignment. Of one that cannot be read those count that its status remembers.
fn named(assignment: &Assignment) -> Vec<&Principal> {
    match assignment.readability {
        Readability::Readable => assignment.subjects.iter().collect(),
        Readability::Unreadable(_) => assignment
            .memory
            .iter()
            .map(|record| &record.subject)
            .collect(),
    }
}

/// Whom a subject of an assignment means: the principal that was granted before, else the one that its name leads to.
pub fn principal(
    unit: &desired::Unit,
    assignment: &Assignment,
    subject: &Principal,
) -> Option<PrincipalId> {
    let remembered = assignment.record(subject).map(|record| record.principal);
    remembered.or_else(|| unit.names.identity(subject).map(|identity| identity.id))
}

impl Claims {
    /// Decides which assignment holds each access when several declare it.
    pub fn new(
        unit: &desired::Unit,
        observed: &observed::Unit,
        group: &Authorization,
        violations: &BoundaryViolations,
    ) -> Self {
        let living = unit
            .assignments
            .iter()
            .filter(|assignment| assignment.lifecycle == Lifecycle::Living);
        let raised = living.flat_map(|assignment| {
            named(assignment)
                .into_iter()
                .enumerate()
                .filter_map(|(place, subject)| {
                    if violations
                        .of_subject(&assignment.object(), subject)
                        .is_some()
                    {
                        return None;
                    }
                    let (key, rank) = raise(unit, observed, group, assignment, subject, place)?;
                    Some(((key, rank), Claimant::new(assignment, subject)))
                })
        });
        let raised: BTreeMap<(Key, Rank), Claimant> = raised.collect();
        let mut claims = Self::default();
        for ((key, rank), claimant) in raised {
            if claims.is_kept(&key) {
                continue;
            }
            let list = if rank.denied {
                &mut claims.leftovers
            } else {
                &mut claims.holders
            };
            list.insert(key, claimant);
        }
        claims
    }

    /// The line that holds some access, if any does.
    pub fn holder(&self, key: &Key) -> Option<&Claimant> {
        self.holders.get(key)
    }

    /// Whose window counts for some access: the holder's, else that of whoever granted it and is not admitted any more.
    pub fn decider(&self, key: &Key) -> Option<&Claimant> {
        self.holders.get(key).or_else(|| self.leftovers.get(key))
    }

    /// Whether some object still stands for the access.
    pub fn is_kept(&self, key: &Key) -> bool {
        self.decider(key).is_some()
    }

    /// All access that somebody holds.
    pub fn holders(&self) -> impl Iterator<Item = (&Key, &Claimant)> {
        self.holders.iter()
    }
}

/// The order of claims: who is admitted, who granted it, then the older object, then its name, then the place in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    denied: bool,
    newcomer: bool,
    created: Timestamp,
    object: Object,
    place: usize,
}

/// The claim of one line, if it raises one. A window that has ended claims nothing, and nothing is claimed for whoever is
/// denied.
fn raise(
    unit: &desired::Unit,
    observed: &observed::Unit,
    group: &Authorization,
    assignment: &Assignment,
    subject: &Principal,
    place: usize,
) -> Option<(Key, Rank)> {
    let principal = principal(unit, assignment, subject)?;
    if unit.rules.denies(principal) {
        return None;
    }
    let key = Key {
        access: assignment.access,
        principal,
        kind: assignment.kind,
    };
    let granted = assignment.record(subject).is_some();
    let admitted = admission::is_admitted(unit, assignment, subject, group, observed.now);
    let end = window::wanted(assignment, subject, observed, key)
        .window
        .end;
    // Nobody can say when a window ends that cannot be read.
    let is_over = assignment.readability == Readability::Readable && end.is_over(observed.now);
    if is_over || !(admitted || granted) {
        return None;
    }
    let object = assignment.object();
    Some((
        key,
        Rank {
            denied: !admitted,
            newcomer: !granted,
            created: assignment.created,
            object,
            place,
        },
    ))
}
