//! Objects, revisions and the log of changes.
//!
//! One revision counts for all kinds, as in etcd. The log lets a list be answered as of an older revision
//! and a watch start in the past, until it is compacted. No rules about objects here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::metadata;

/// Changes that are remembered before the oldest are compacted away.
const LOG_LIMIT: usize = 10_000;

/// One change of one object.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) revision: u64,
    table: String,
    key: String,
    pub(super) before: Option<Arc<Value>>,
    /// None for a deletion.
    pub(super) after: Option<Arc<Value>>,
}

/// Everything that is stored.
#[derive(Debug)]
pub(super) struct Store {
    tables: BTreeMap<String, BTreeMap<String, Arc<Value>>>,
    log: VecDeque<Change>,
    revision: u64,
    compacted: u64,
    serial: u64,
}

impl Store {
    /// An empty store. Revisions start above the small numbers that a test may use as "too old".
    pub(super) fn new() -> Store {
        Store {
            tables: BTreeMap::new(),
            log: VecDeque::new(),
            revision: 100,
            compacted: 100,
            serial: 0,
        }
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// The newest revision whose changes are forgotten.
    pub(super) fn compacted(&self) -> u64 {
        self.compacted
    }

    pub(super) fn get(&self, table: &str, key: &str) -> Option<&Arc<Value>> {
        self.tables.get(table)?.get(key)
    }

    /// All objects of a kind whose key starts with the prefix, in the order of keys.
    pub(super) fn list(&self, table: &str, prefix: &str) -> BTreeMap<String, Arc<Value>> {
        let objects = self.tables.get(table).into_iter().flatten();
        objects
            .filter(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key.clone(), Arc::clone(object)))
            .collect()
    }

    /// The same as of an older revision. None when that is compacted.
    pub(super) fn list_at(
        &self,
        table: &str,
        prefix: &str,
        revision: u64,
    ) -> Option<BTreeMap<String, Arc<Value>>> {
        if revision < self.compacted {
            return None;
        }
        let mut objects = self.list(table, prefix);
        let newer = self
            .log
            .iter()
            .rev()
            .take_while(|change| change.revision > revision);
        for change in newer.filter(|change| change.table == table && change.key.starts_with(prefix))
        {
            match &change.before {
                Some(before) => objects.insert(change.key.clone(), Arc::clone(before)),
                None => objects.remove(&change.key),
            };
        }
        Some(objects)
    }

    /// The changes of a kind after one revision up to another, oldest first.
    pub(super) fn changes<'s>(
        &'s self,
        table: &'s str,
        prefix: &'s str,
        after: u64,
        until: u64,
    ) -> impl Iterator<Item = &'s Change> {
        let start = self.log.partition_point(|change| change.revision <= after);
        let end = self.log.partition_point(|change| change.revision <= until);
        self.log
            .range(start..end.max(start))
            .filter(move |change| change.table == table && change.key.starts_with(prefix))
    }

    /// Stores an object under a new revision.
    pub(super) fn put(&mut self, table: &str, key: &str, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        metadata::set(
            &mut object,
            "resourceVersion",
            Some(json!(self.revision.to_string())),
        );
        let object = Arc::new(object);
        let before = self
            .tables
            .entry(table.to_owned())
            .or_default()
            .insert(key.to_owned(), Arc::clone(&object));
        self.remember(table, key, before, Some(Arc::clone(&object)));
        object
    }

    /// Removes an object. What is remembered of it carries the revision of the removal.
    pub(super) fn remove(&mut self, table: &str, key: &str) {
        let Some(before) = self
            .tables
            .get_mut(table)
            .and_then(|objects| objects.remove(key))
        else {
            return;
        };
        self.revision += 1;
        self.remember(table, key, Some(before), None);
    }

    /// Forgets all changes so far.
    pub(super) fn compact(&mut self) {
        self.log.clear();
        self.compacted = self.revision;
    }

    /// Every object of every kind.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.tables.values().flat_map(BTreeMap::values)
    }

    /// A new uid. Runs repeat exactly, so it comes from a counter.
    pub(super) fn next_uid(&mut self) -> String {
        let low = 0x8000_0000_0000_0000 | self.next_serial();
        Uuid::from_u64_pair(0x6d65_6d6f_7279_4000, low).to_string()
    }

    /// A new suffix for generated names, in the alphabet of the API server.
    pub(super) fn next_suffix(&mut self) -> String {
        const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut rest = self.next_serial().wrapping_mul(2_654_435_761);
        let mut suffix = String::new();
        for _ in 0..5 {
            let digit = usize::try_from(rest % 27).unwrap_or_default();
            suffix.push(char::from(ALPHABET[digit]));
            rest /= 27;
        }
        suffix
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn remember(
        &mut self,
        table: &str,
        key: &str,
        before: Option<Arc<Value>>,
        after: Option<Arc<Value>>,
    ) {
        self.log.push_back(Change {
            revision: self.revision,
            table: table.to_owned(),
            key: key.to_owned(),
            before,
            after,
        });
        if self.log.len() > LOG_LIMIT
            && let Some(oldest) = self.log.pop_front()
        {
            self.compacted = oldest.revision;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(objects: Option<BTreeMap<String, Arc<Value>>>) -> Vec<String> {
        objects.unwrap().into_keys().collect()
    }

    #[test]
    fn a_list_as_of_an_older_revision_shows_what_stood_then() {
        let mut store = Store::new();
        store.put("t", "a", json!({}));
        let then = store.revision();
        store.put("t", "b", json!({}));
        store.remove("t", "a");
        assert_eq!(names(store.list_at("t", "", then)), vec!["a"]);
        assert_eq!(names(store.list_at("t", "", store.revision())), vec!["b"]);
        store.compact();
        assert!(store.list_at("t", "", then).is_none());
    }

    #[test]
    fn changes_are_told_between_two_revisions() {
        let mut store = Store::new();
        let start = store.revision();
        store.put("t", "ns/a", json!({}));
        store.put("other", "ns/a", json!({}));
        store.put("t", "ns/a", json!({}));
        store.remove("t", "ns/a");
        assert_eq!(
            store.changes("t", "ns/", start, store.revision()).count(),
            3
        );
        assert_eq!(store.changes("t", "ns/", start, start + 1).count(), 1);
        assert_eq!(
            store.changes("t", "else/", start, store.revision()).count(),
            0
        );
    }

    #[test]
    fn uids_are_versioned_and_never_repeat() {
        let mut store = Store::new();
        let (one, two) = (store.next_uid(), store.next_uid());
        assert_ne!(one, two);
        assert_eq!(Uuid::parse_str(&one).unwrap().get_version_num(), 4);
    }
}
