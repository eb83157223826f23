//! Objects, revisions and the log of changes.
//!
//! One revision counts for all kinds, as in etcd. The log lets a watch start in the past; a test is too short for
//! it to be compacted. No rules about objects here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::metadata;

/// One change of one object.
#[derive(Debug)]
pub(super) struct Change {
    revision: u64,
    table: String,
    key: String,
    /// The type of the watch event that tells it.
    pub(super) event: &'static str,
    /// The object after the change; of a deleted one, the last state under the revision of the deletion.
    pub(super) object: Arc<Value>,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    tables: BTreeMap<String, BTreeMap<String, Arc<Value>>>,
    log: Vec<Change>,
    revision: u64,
    uids: u64,
}

impl Store {
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn get(&self, table: &str, key: &str) -> Option<&Arc<Value>> {
        self.tables.get(table)?.get(key)
    }

    /// All objects of a kind whose key starts with the prefix, in the order of keys.
    pub(super) fn list<'s>(
        &'s self,
        table: &str,
        prefix: &'s str,
    ) -> impl Iterator<Item = &'s Arc<Value>> {
        let objects = self.tables.get(table).into_iter().flatten();
        objects
            .filter(move |(key, _)| key.starts_with(prefix))
            .map(|(_, object)| object)
    }

    /// The changes of a kind after a revision, oldest first.
    pub(super) fn changes<'s>(
        &'s self,
        table: &'s str,
        prefix: &'s str,
        after: u64,
    ) -> impl Iterator<Item = &'s Change> {
        let start = self.log.partition_point(|change| change.revision <= after);
        let newer = self.log.iter().skip(start);
        newer.filter(move |change| change.table == table && change.key.starts_with(prefix))
    }

    /// Stores an object under a new revision.
    pub(super) fn put(&mut self, table: &str, key: &str, object: Value) -> Arc<Value> {
        let object = self.under_new_revision(object);
        let objects = self.tables.entry(table.to_owned()).or_default();
        let before = objects.insert(key.to_owned(), Arc::clone(&object));
        let event = before.map_or("ADDED", |_| "MODIFIED");
        self.remember(table, key, event, Arc::clone(&object));
        object
    }

    pub(super) fn remove(&mut self, table: &str, key: &str) {
        let objects = self.tables.get_mut(table);
        let Some(before) = objects.and_then(|objects| objects.remove(key)) else {
            return;
        };
        let gone = self.under_new_revision(Arc::unwrap_or_clone(before));
        self.remember(table, key, "DELETED", gone);
    }

    /// Every object of every kind.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Arc<Value>> {
        self.tables.values().flat_map(BTreeMap::values)
    }

    /// A new uid. Runs repeat exactly, so it comes from a counter.
    pub(super) fn next_uid(&mut self) -> String {
        self.uids += 1;
        let low = 0x8000_0000_0000_0000 | self.uids;
        Uuid::from_u64_pair(0x6d65_6d6f_7279_4000, low).to_string()
    }

    fn under_new_revision(&mut self, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        let version = json!(self.revision.to_string());
        metadata::set(&mut object, "resourceVersion", Some(version));
        Arc::new(object)
    }

    fn remember(&mut self, table: &str, key: &str, event: &'static str, object: Arc<Value>) {
        self.log.push(Change {
            revision: self.revision,
            table: table.to_owned(),
            key: key.to_owned(),
            event,
            object,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_after_a_revision() {
        let mut store = Store::default();
        store.put("t", "ns/a", json!({}));
        let start = store.revision();
        store.put("other", "ns/a", json!({}));
        store.put("t", "ns/a", json!({}));
        store.remove("t", "ns/a");
        let events = |prefix| {
            let changes = store.changes("t", prefix, start);
            changes.map(|change| change.event).collect::<Vec<_>>()
        };
        assert_eq!(events("ns/"), ["MODIFIED", "DELETED"]);
        assert!(events("else/").is_empty());
    }

    #[test]
    fn uids_are_versioned_and_never_repeat() {
        let mut store = Store::default();
        let (one, two) = (store.next_uid(), store.next_uid());
        assert_ne!(one, two);
        assert_eq!(Uuid::parse_str(&one).unwrap().get_version_num(), 4);
    }
}
