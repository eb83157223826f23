//! What the last pass saw of a group, and of which manifests it was. A pass over the same manifests has nothing to do; one
//! that only an edit of the settings or a deletion caused starts from what was seen, and reads again what a write rests
//! on; every other pass reads everything.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use pim_core::desired::{GroupClaim, Object};
use pim_core::knowledge::Part;
use pim_core::observed::Unit;
use tokio::time::Instant;

use crate::adapters::kinds::Manifest;
use crate::adapters::wish::{Uid, Wish};
use crate::resolve::Manifests;
use crate::resolve::nesting::NestedGroups;

/// How long a snapshot serves at most. The groups of a tenant are usually reconciled more often than that.
const SERVES: Duration = Duration::from_hours(1);

/// What the last pass over a group saw.
#[derive(Debug, Clone)]
pub struct Snapshot {
    unit: Unit,
    seen: Instant,
    /// When time alone changes something.
    wake: Option<Instant>,
    of: Versions,
}

/// The manifests of a group at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    references: BTreeMap<Object, Option<Wish>>,
    group: Wish,
    others: HashMap<Uid, Wish>,
    rivals: Vec<GroupClaim>,
    nested: NestedGroups,
}

impl Snapshot {
    /// What a pass saw that left nothing to do. `seen` is when its lists were read, `wait` when time alone changes
    /// something.
    pub fn new(manifests: &Manifests, unit: &Unit, seen: Instant, wait: Option<Duration>) -> Self {
        Self {
            unit: unit.clone(),
            seen,
            wake: wait.map(|wait| Instant::now() + wait),
            of: Versions::of(manifests),
        }
    }

    /// When the lists in it were read.
    pub fn seen(&self) -> Instant {
        self.seen
    }

    /// What was seen.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// When time alone changes something.
    pub fn wait(&self) -> Option<Duration> {
        self.wake
            .map(|wake| wake.saturating_duration_since(Instant::now()))
    }

    /// Whether a pass over these manifests would do just what the last one did: nothing.
    pub fn is_of(&self, manifests: &Manifests) -> bool {
        self.serves() && Versions::of(manifests) == self.of
    }

    /// What was seen, if a pass over these manifests may start from it: nothing in them asks for access that was not
    /// there, and nobody's limits have changed. Nothing in it counts as read in the new pass.
    pub fn start(&self, manifests: &Manifests) -> Option<Unit> {
        if !self.serves() || !self.of.only_settings_or_deletions_since(manifests) {
            return None;
        }
        let mut unit = self.unit.clone();
        unit.demote(&Part::LISTS);
        Some(unit)
    }

    fn serves(&self) -> bool {
        let now = Instant::now();
        now < self.seen + SERVES && self.wake.is_none_or(|wake| now < wake)
    }
}

impl Versions {
    /// The manifests as they are now.
    pub fn of(manifests: &Manifests) -> Self {
        let mut others: HashMap<Uid, Wish> = manifests
            .all()
            .map(|manifest| manifest.wish())
            .map(|version| (version.uid.clone(), version))
            .collect();
        let group = Wish::of(&*manifests.group);
        others.remove(&group.uid);
        let references = manifests.references.iter();
        Self {
            references: references
                .map(|(object, found)| (object.clone(), found.as_ref().map(Manifest::wish)))
                .collect(),
            group,
            others,
            rivals: manifests.rivals.clone(),
            nested: manifests.nested.clone(),
        }
    }

    fn only_settings_or_deletions_since(&self, manifests: &Manifests) -> bool {
        let now = Self::of(manifests);
        let deleting = |uid: &Uid| {
            manifests
                .all()
                .any(|manifest| manifest.is_deleting() && manifest.uid() == *uid)
        };
        let others = now.others.iter().all(|(uid, version)| {
            let known = self.others.get(uid);
            known == Some(version) || (known.is_some() && deleting(uid))
        });
        let known = now.group.written == self.group.written;
        let group = now.group.uid == self.group.uid && (known || deleting(&now.group.uid));
        now.references == self.references
            && now.rivals == self.rivals
            && now.nested.inner == self.nested.inner
            && group
            && others
    }
}
