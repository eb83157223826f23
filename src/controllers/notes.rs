//! What is remembered between passes. Losing a note costs reads, never correctness.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use parking_lot::{Mutex, MutexGuard};
use pim_core::audit_log::Touched;
use pim_core::ids::ObjectName;
use pim_core::memory::Memory;
use pim_core::observed::Unit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::snapshot::{Snapshot, Versions};
use crate::resolve::AskedResync;

/// Whose resync was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resync {
    /// Somebody wants to know of this very group: everything is read that tells of it.
    OfGroup,
    /// All groups of the tenant are looked at, with their settings.
    OfTenant,
}

/// What is remembered of groups between passes.
#[derive(Default)]
pub struct Notes {
    attempts: Keyed<ObjectName, u32>,
    resync: Keyed<ObjectName, AskedResync>,
    said: Keyed<String, String>,
    looks: Keyed<String, Option<Look>>,
    snapshots: Keyed<ObjectName, Option<Snapshot>>,
    hinted: Keyed<ObjectName, Option<Instant>>,
    unexplained: Keyed<ObjectName, Vec<Unexplained>>,
    intervals: Keyed<ObjectName, Option<LookInterval>>,
    walks: Keyed<String, Option<CancellationToken>>,
    memories: Keyed<ObjectName, KeptMemory>,
}

/// What is remembered of a group, and under which manifests.
#[derive(Default)]
struct KeptMemory {
    memory: Memory,
    of: Option<Versions>,
}

/// When a group was last looked at, and how long after the look before.
#[derive(Clone, Copy)]
struct LookInterval {
    last: Instant,
    since_before: Option<Duration>,
}

/// How long it is remembered that nobody knows whose doing a difference was.
const UNEXPLAINED: Duration = Duration::from_mins(30);

/// The most of them in one group.
const MOST_UNEXPLAINED: usize = 20;

/// A difference that was put right, and nobody knew whose doing it was.
#[derive(Clone)]
struct Unexplained {
    touched: Touched,
    about: ObjectReference,
    note: String,
    since: Instant,
}

/// When all groups of a tenant were last woken for a check, and for which generation of its manifest.
#[derive(Clone, Copy)]
struct Look {
    generation: Option<i64>,
    next: Instant,
}

impl Notes {
    /// Counts a failed try and returns its number.
    pub fn failed(&self, group: &ObjectName) -> u32 {
        self.attempts.change(group, |attempts| {
            *attempts = attempts.saturating_add(1);
            *attempts
        })
    }

    /// Forgets the failed tries of a group after a success.
    pub fn succeeded(&self, group: &ObjectName) {
        self.attempts.remove(group);
    }

    /// Which resync was asked for that has not been served; serving it is noted with [`Notes::served`].
    pub fn unserved_resync(&self, group: &ObjectName, asked: &AskedResync) -> Option<Resync> {
        self.resync.change(group, |served| {
            let is_new = |asked: &String, served: &String| !asked.is_empty() && asked != served;
            if is_new(&asked.of_group, &served.of_group) {
                Some(Resync::OfGroup)
            } else {
                is_new(&asked.of_tenant, &served.of_tenant).then_some(Resync::OfTenant)
            }
        })
    }

    /// Notes that a resync was served.
    pub fn served(&self, group: &ObjectName, asked: &AskedResync) {
        self.resync.change(group, |served| served.clone_from(asked));
    }

    /// Whether something is said for the first time about an object; repeating it would only make noise.
    pub fn is_news(&self, object: &str, saying: &str) -> bool {
        self.said.change(&object.to_owned(), |said| {
            let news = said != saying;
            saying.clone_into(said);
            news
        })
    }

    /// How long until all groups of a tenant are to be checked again; nothing if it is time, or its manifest changed.
    pub fn next_look(&self, tenant: &str, generation: Option<i64>) -> Option<Duration> {
        self.looks.change(&tenant.to_owned(), |look| {
            let known = look.filter(|look| look.generation == generation)?;
            let left = known.next.saturating_duration_since(Instant::now());
            (!left.is_zero()).then_some(left)
        })
    }

    /// Notes that all groups of a tenant are being checked.
    pub fn looked(&self, tenant: &str, generation: Option<i64>, again: Duration) {
        let next = Instant::now() + again;
        self.looks.change(&tenant.to_owned(), |look| {
            *look = Some(Look { generation, next });
        });
    }

    /// What is remembered of a group between passes. What was refused is tried again at once when a manifest has changed:
    /// that may have been in the way.
    pub fn memory(&self, group: &ObjectName, of: &Versions) -> Memory {
        self.memories.change(group, |kept| {
            let mut memory = kept.memory.clone();
            if kept.of.as_ref() != Some(of) {
                memory.manifest_changed();
            }
            memory
        })
    }

    /// Keeps what is remembered of a group for the next pass.
    pub fn keep_memory(&self, group: &ObjectName, memory: Memory, of: Versions) {
        let of = Some(of);
        self.memories
            .change(group, |kept| *kept = KeptMemory { memory, of });
    }

    /// Forgets what was said of an object that is gone.
    pub fn forget_said(&self, object: &str) {
        self.said.retain(|known| {
            known != object
                && !known
                    .strip_prefix(object)
                    .is_some_and(|rest| rest.starts_with('/'))
        });
    }

    /// Begins to check all groups of a tenant, and ends the walk over them that still runs.
    pub fn begin_walk(&self, tenant: &str) -> CancellationToken {
        let walk = CancellationToken::new();
        let before = self
            .walks
            .change(&tenant.to_owned(), |known| known.replace(walk.clone()));
        if let Some(before) = before {
            before.cancel();
        }
        walk
    }

    /// Forgets a tenant that is gone.
    pub fn forget_tenant(&self, tenant: &str) {
        let walk = self.walks.change(&tenant.to_owned(), Option::take);
        if let Some(walk) = walk {
            walk.cancel();
        }
        self.walks.remove(&tenant.to_owned());
        self.looks.remove(&tenant.to_owned());
    }

    /// Takes what the last pass over a group saw. It is there for one pass only: unless that ends well, the next one
    /// reads everything.
    pub fn take_snapshot(&self, group: &ObjectName) -> Option<Snapshot> {
        self.snapshots.change(group, Option::take)
    }

    /// Keeps what a pass saw for the next one, unless that was before something was told of the group.
    pub fn keep_snapshot(&self, group: &ObjectName, snapshot: Snapshot) {
        let hinted = self.hinted.change(group, |hinted| *hinted);
        if hinted.is_some_and(|hinted| snapshot.seen() < hinted) {
            return;
        }
        self.hinted.remove(group);
        self.snapshots
            .change(group, |known| *known = Some(snapshot));
    }

    /// Something is told of a group: the next pass over it reads everything, also where one runs that has read it already.
    pub fn look_anew(&self, group: &ObjectName) {
        self.hinted
            .change(group, |hinted| *hinted = Some(Instant::now()));
        self.snapshots.remove(group);
    }

    /// Notes when the lists of a group were read.
    pub fn looked_at(&self, group: &ObjectName, seen: Instant) {
        self.intervals.change(group, |known| {
            let before = known.map(|known| known.last);
            if before.is_none_or(|before| before < seen) {
                *known = Some(LookInterval {
                    last: seen,
                    since_before: before.map(|before| seen - before),
                });
            }
        });
    }

    /// How long a group went without a look: between the last two, or since the last one, if that is longer. Nothing of one that
    /// was looked at once, unless it should have been looked at again by now.
    pub fn between_looks(&self, group: &ObjectName, declared: Duration) -> Option<Duration> {
        let known = self.intervals.change(group, |known| *known)?;
        let age = known.last.elapsed();
        let since_before = known.since_before;
        since_before
            .map(|gap| gap.max(age))
            .or((age > declared).then_some(age))
    }

    /// How long ago the lists were read that the last pass over a group saw, if that is known.
    pub fn last_look(&self, group: &ObjectName) -> Option<Duration> {
        self.snapshots.change(group, |known| {
            known.as_ref().map(|known| known.seen().elapsed())
        })
    }

    /// A write put something right, and nobody knows yet whose doing that was; `note` tells of it.
    pub fn unexplained(
        &self,
        group: &ObjectName,
        about: ObjectReference,
        touched: Touched,
        note: &str,
    ) {
        self.unexplained.change(group, |all| {
            all.retain(|one| one.since.elapsed() < UNEXPLAINED);
            if all.len() < MOST_UNEXPLAINED {
                all.push(Unexplained {
                    touched,
                    about,
                    note: note.to_owned(),
                    since: Instant::now(),
                });
            }
        });
    }

    /// Whether something was put right in a group of which nobody knows whose doing it was.
    pub fn is_unexplained(&self, group: &ObjectName) -> bool {
        self.unexplained.change(group, |all| {
            all.retain(|one| one.since.elapsed() < UNEXPLAINED);
            !all.is_empty()
        })
    }

    /// Takes out what is explained now, and says which objects it is about and what was told of it.
    pub fn explained(
        &self,
        group: &ObjectName,
        is_explained: impl Fn(Touched) -> bool,
    ) -> Vec<(ObjectReference, String)> {
        let explained = self.unexplained.change(group, |all| {
            let (explained, others) = std::mem::take(all)
                .into_iter()
                .partition::<Vec<_>, _>(|one| is_explained(one.touched));
            *all = others;
            explained
        });
        let explained = explained.into_iter();
        explained.map(|one| (one.about, one.note)).collect()
    }

    /// Asks what the last pass over a group saw; no, if that is not known.
    pub fn last_saw(&self, group: &ObjectName, holds: impl FnOnce(&Unit) -> bool) -> bool {
        self.snapshots.change(group, |known| {
            known.as_ref().is_some_and(|known| holds(known.unit()))
        })
    }

    /// Forgets a group that is gone.
    pub fn forget(&self, group: &ObjectName) {
        self.attempts.remove(group);
        self.resync.remove(group);
        self.forget_said(&group.to_string());
        self.snapshots.remove(group);
        self.hinted.remove(group);
        self.unexplained.remove(group);
        self.intervals.remove(group);
        self.memories.remove(group);
    }
}

/// A map that many hold.
struct Keyed<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Keyed<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Default> Keyed<K, V> {
    fn change<T>(&self, key: &K, change: impl FnOnce(&mut V) -> T) -> T {
        let mut map = self.lock();
        change(map.entry(key.clone()).or_default())
    }

    fn retain(&self, stays: impl Fn(&K) -> bool) {
        let mut map = self.lock();
        map.retain(|key, _| stays(key));
    }

    fn remove(&self, key: &K) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock()
    }
}
