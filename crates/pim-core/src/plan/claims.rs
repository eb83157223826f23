//! Which object holds which access, and which access must not be taken away. When several objects name the same person
//! for the same access, the one that granted it keeps it; a first claim goes to the older object.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::boundary::Denial;
use crate::desired::{self, Assignment, Lifecycle, Object};
use crate::principal::{Principal, Resolution};
use crate::schedule::{Expiration, Key};
use crate::verdict::Authorization;

/// All claims on access to a group.
#[derive(Debug, Default)]
pub struct Claims {
    holders: BTreeMap<Key, Claimant>,
    kept: BTreeSet<Key>,
}

/// One line of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The object.
    pub object: Object,
    /// The subject in it.
    pub subject: Principal,
}

/// Whom a subject of an assignment means: the principal that was granted before, else the one that its name leads to.
pub fn principal(unit: &desired::Unit, assignment: &Assignment, subject: &Principal) -> Option<crate::ids::PrincipalId> {
    let remembered = assignment.memo(subject).map(|memo| memo.principal);
    remembered.or_else(|| unit.names.identity(subject).map(|identity| identity.id))
}

/// What the boundary says of one assignment as a whole.
pub fn judge_window(unit: &desired::Unit, assignment: &Assignment, now: Timestamp) -> Result<(), Denial> {
    let Some(boundary) = &unit.boundary else { return Ok(()) };
    let remaining = match assignment.schedule.expiration {
        Expiration::EndTime(end) => Some(end.duration_since(assignment.schedule.start.map_or(now, |start| start.max(now)))),
        _ => None,
    };
    boundary.judge_window(assignment, remaining)
}

/// What the boundary says of one subject; a name that leads nowhere is not judged.
pub fn judge_subject(unit: &desired::Unit, subject: &Principal) -> Result<(), Denial> {
    match (&unit.boundary, unit.names.resolution(subject)) {
        (Some(boundary), Resolution::Found(identity)) => boundary.judge_subject(subject, identity),
        _ => Ok(()),
    }
}

impl Claims {
    /// Settles all claims.
    pub fn new(unit: &desired::Unit, now: Timestamp, group: &Authorization) -> Self {
        let mut admitted: BTreeMap<Key, Vec<(Rank, Claimant)>> = BTreeMap::new();
        let mut claims = Self::default();
        let living = unit.assignments.iter().filter(|assignment| assignment.lifecycle == Lifecycle::Living);
        for assignment in living {
            let window_admitted = *group == Authorization::Admitted && judge_window(unit, assignment, now).is_ok();
            for (place, subject) in assignment.subjects.iter().enumerate() {
                let Some(principal) = principal(unit, assignment, subject) else { continue };
                let key = Key { access: assignment.access, principal, kind: assignment.kind };
                let memo = assignment.memo(subject);
                if window_admitted && judge_subject(unit, subject).is_ok() {
                    let rank = Rank::new(assignment, place);
                    admitted.entry(key).or_default().push((rank, claimant(assignment, subject)));
                } else if memo.is_some() {
                    // Not admitted any more, but never taken out of the manifest: what stands is reported, not revoked.
                    claims.kept.insert(key);
                }
            }
        }
        for (key, mut claimants) in admitted {
            claimants.sort_by(|a, b| a.0.cmp(&b.0));
            if let Some((_, first)) = claimants.into_iter().next() {
                claims.kept.insert(key);
                claims.holders.insert(key, first);
            }
        }
        claims
    }

    /// Who holds some access.
    pub fn holder(&self, key: &Key) -> Option<&Claimant> {
        self.holders.get(key)
    }

    /// Whether some object still stands for the access.
    pub fn is_kept(&self, key: &Key) -> bool {
        self.kept.contains(key)
    }

    /// All access that somebody holds.
    pub fn holders(&self) -> impl Iterator<Item = (&Key, &Claimant)> {
        self.holders.iter()
    }
}

fn claimant(assignment: &Assignment, subject: &Principal) -> Claimant {
    Claimant { object: assignment.object(), subject: subject.clone() }
}

/// The order of claims: who granted it, then the older object, then its name, then the place in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    newcomer: bool,
    created: Timestamp,
    object: Object,
    place: usize,
}

impl Rank {
    fn new(assignment: &Assignment, place: usize) -> Self {
        let granted = assignment.subjects.get(place).and_then(|subject| assignment.memo(subject));
        let holds = granted.is_some_and(|memo| memo.first_granted.is_some());
        Self { newcomer: !holds, created: assignment.created, object: assignment.object(), place }
    }
}
