//! What was read of a tenant a while ago, and is believed for as long as its reader likes. Nothing of what it is.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How long definitions of roles are believed.
pub(super) const KEEP: Duration = Duration::from_hours(1);

/// How soon they are read again for a name that they do not hold: a role may just have been made.
pub(super) const AGAIN: Duration = Duration::from_mins(1);

/// What was read last under some keys.
pub(super) struct Kept<K, V> {
    rows: Mutex<HashMap<K, (V, Instant)>>,
    forgotten_after: Duration,
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    /// Nothing yet. What is older than this is dropped as soon as something else is put in.
    pub(super) fn new(forgotten_after: Duration) -> Self {
        Self {
            rows: Mutex::default(),
            forgotten_after,
        }
    }

    /// What was put in under a key, if that is not longer ago.
    pub(super) fn get(&self, key: &K, younger_than: Duration) -> Option<V> {
        let rows = self.rows.lock();
        let (value, read) = rows.get(key)?;
        (read.elapsed() < younger_than).then(|| value.clone())
    }

    /// Puts in what was read just now.
    pub(super) fn put(&self, key: &K, value: V) {
        let mut rows = self.rows.lock();
        rows.retain(|_, (_, read)| read.elapsed() < self.forgotten_after);
        rows.insert(key.clone(), (value, Instant::now()));
    }

    /// Forgets what is kept under a key.
    pub(super) fn forget(&self, key: &K) {
        self.rows.lock().remove(key);
    }
}
