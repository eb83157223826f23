//! What the last pass saw of a group, and of which manifests it was. A pass over the same manifests has nothing to do; one
//! that only an edit of the settings or a deletion caused starts from what was seen, and reads again what a write rests
//! on; every other pass reads everything.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use kube::ResourceExt;
use pim_core::knowledge::Part;
use pim_core::observed::Unit;
use tokio::time::Instant;

use super::context::Context;
use super::reconcile::Pass;
use crate::adapters::kinds::{Kind, Uid, is_ours, object_name, uid};
use crate::each_manifest;
use crate::resolve::Manifests;

/// How long a look serves at most. A tenant's groups are usually looked at more often than that.
const SERVES: Duration = Duration::from_hours(1);

/// What the last pass over a group saw.
#[derive(Debug, Clone)]
pub struct LastLook {
    unit: Unit,
    seen: Instant,
    /// When time alone changes something.
    wake: Option<Instant>,
    of: Versions,
}

/// The manifests of a group at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    tenant: Version,
    boundary: Option<Version>,
    group: Version,
    others: HashMap<Uid, Version>,
}

/// One manifest at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    uid: Uid,
    generation: i64,
    /// Over those annotations that are ours, and whether it is being deleted: whoever changes them wants something.
    written: u64,
}

impl LastLook {
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

/// The pass over manifests that the last one left nothing to do for: something woke the group, but nothing is new.
pub fn undisturbed(context: &Context, manifests: &Manifests) -> Option<Pass> {
    let name = object_name(&*manifests.group);
    if context
        .notes
        .asks_for_resync(&name, &manifests.asked_resync())
    {
        return None;
    }
    let last = context.notes.take_last_look(&name)?;
    let pass = last.is_of(manifests).then(|| Pass::Settled(last.wait()));
    context.notes.keep_last_look(&name, last);
    pass
}

impl Versions {
    /// The manifests as they are now.
    pub fn of(manifests: &Manifests) -> Self {
        let mut others: HashMap<Uid, Version> = manifests
            .all()
            .map(|manifest| each_manifest!(&manifest, object => Version::of(&**object)))
            .map(|version| (version.uid.clone(), version))
            .collect();
        let group = Version::of(&*manifests.group);
        others.remove(&group.uid);
        Self {
            tenant: Version::of(&*manifests.tenant),
            boundary: manifests.boundary.as_deref().map(Version::of),
            group,
            others,
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
        now.tenant == self.tenant && now.boundary == self.boundary && group && others
    }
}

impl Version {
    /// An object as it is now.
    pub fn of<K: Kind>(object: &K) -> Self {
        let mut hasher = DefaultHasher::new();
        let ours = object.annotations().iter().filter(|(key, _)| is_ours(key));
        ours.for_each(|annotation| annotation.hash(&mut hasher));
        object.meta().deletion_timestamp.is_some().hash(&mut hasher);
        Self {
            uid: uid(object),
            generation: object.meta().generation.unwrap_or_default(),
            written: hasher.finish(),
        }
    }
}
