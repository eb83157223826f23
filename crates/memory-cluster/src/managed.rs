//! Who owns which field of an object: `metadata.managedFields`.
//!
//! An update takes what it changed; an apply owns what it sends, and what the same manager sent before and
//! sends no longer goes, unless another manager owns it (`kubernetes.io: server-side apply`).

use std::collections::BTreeMap;

use kube::core::response::StatusCause;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fields::{self, FieldSet};
use super::metadata;
use super::schema::Schema;
use super::typed;

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Apply,
    Update,
}

/// The identity of one entry of `managedFields`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Manager {
    pub(super) operation: Operation,
    pub(super) name: String,
    pub(super) subresource: String,
}

impl Manager {
    fn described(&self, api_version: &str) -> String {
        let mut text = format!("\"{}\"", self.name);
        if !self.subresource.is_empty() {
            text = format!("{text} with subresource \"{}\"", self.subresource);
        }
        match self.operation {
            Operation::Apply => text,
            Operation::Update => format!("{text} using {api_version}"),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Share {
    fields: FieldSet,
    time: Option<String>,
}

/// All managers of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Managers(BTreeMap<Manager, Share>);

impl Managers {
    /// Reads the managers from an object.
    pub(super) fn of(object: &Value) -> Managers {
        let entries = metadata::get(object, "managedFields").and_then(Value::as_array);
        let entries = entries.into_iter().flatten();
        let entries = entries.filter_map(|entry| Entry::deserialize(entry).ok());
        Managers(entries.map(Entry::into_share).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the managers into an object, in the order of the API server: operation, time, name.
    pub(super) fn write(&self, object: &mut Value, api_version: &str) {
        let mut entries: Vec<(&Manager, &Share)> = self.0.iter().collect();
        entries.sort_by(|(one, mine), (other, theirs)| {
            (one.operation, &mine.time, *one).cmp(&(other.operation, &theirs.time, *other))
        });
        let list: Vec<Value> = entries
            .into_iter()
            .map(|(manager, share)| json!(Entry::of(manager, share, api_version)))
            .collect();
        let list = (!list.is_empty()).then_some(Value::Array(list));
        metadata::set(object, "managedFields", list);
    }

    /// Whether the same managers own the same fields, whenever they wrote.
    pub(super) fn same_shares(&self, other: &Managers) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(manager, share)| {
                other
                    .0
                    .get(manager)
                    .is_some_and(|theirs| theirs.fields == share.fields)
            })
    }

    fn drop_empty(&mut self) {
        self.0.retain(|_, share| !share.fields.is_empty());
    }

    fn everything(&self) -> FieldSet {
        self.0
            .values()
            .fold(FieldSet::default(), |all, share| all.union(&share.fields))
    }
}

/// One entry of `managedFields` as it is written.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    manager: String,
    operation: Operation,
    api_version: String,
    fields_type: String,
    fields_v1: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    subresource: String,
}

impl Entry {
    fn of(manager: &Manager, share: &Share, api_version: &str) -> Entry {
        Entry {
            manager: manager.name.clone(),
            operation: manager.operation,
            api_version: api_version.to_owned(),
            fields_type: "FieldsV1".to_owned(),
            fields_v1: share.fields.encode(),
            time: share.time.clone(),
            subresource: manager.subresource.clone(),
        }
    }

    fn into_share(self) -> (Manager, Share) {
        let manager = Manager {
            operation: self.operation,
            name: self.manager,
            subresource: self.subresource,
        };
        let fields = FieldSet::decode(&self.fields_v1);
        let time = self.time;
        (manager, Share { fields, time })
    }
}

/// What a write needs to know to settle ownership.
pub(super) struct Ownership<'a> {
    pub(super) schema: &'a Schema,
    pub(super) api_version: String,
    /// Trees that this endpoint resets, so that nobody owns them through it.
    pub(super) reset: &'a [&'static str],
    pub(super) now: &'a str,
}

/// Whether an apply takes over fields of others.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(from = "bool")]
pub(super) enum Force {
    Yes,
    #[default]
    No,
}

impl From<bool> for Force {
    fn from(force: bool) -> Self {
        if force { Force::Yes } else { Force::No }
    }
}

impl Ownership<'_> {
    /// Settles a create, replace or patch: `manager` owns what changed. The objects carry no managed fields.
    pub(super) fn update(
        &self,
        managers: &mut Managers,
        live: &Value,
        new: &Value,
        manager: Manager,
    ) {
        let comparison = typed::compare(self.schema, live, new).without_trees(&self.reset_trees());
        let changed = comparison.changed();
        for share in managers.0.values_mut() {
            share.fields = share
                .fields
                .difference(&changed)
                .difference(&comparison.removed);
        }
        managers.drop_empty();
        let own = changed.difference(&system_fields());
        if !own.is_empty() {
            let share = managers.0.entry(manager).or_default();
            share.fields = share.fields.union(&own);
            share.time = Some(self.now.to_owned());
        }
    }

    /// Settles an apply and returns the resulting object, or whose fields are in the way.
    pub(super) fn apply(
        &self,
        managers: &mut Managers,
        live: &Value,
        applied: &Value,
        manager: &Manager,
        force: Force,
    ) -> Result<Value, Vec<StatusCause>> {
        let merged =
            typed::merge(Some(self.schema), Some(live), Some(applied)).unwrap_or_else(|| json!({}));
        let last = managers.0.get(manager).cloned().unwrap_or_default();
        let fields = typed::field_set(self.schema, applied).without_trees(&self.reset_trees());
        managers.0.insert(
            manager.clone(),
            Share {
                fields,
                time: last.time.clone(),
            },
        );
        let pruned = self.prune(merged, managers, &last.fields);
        let comparison =
            typed::compare(self.schema, live, &pruned).without_trees(&self.reset_trees());
        self.yield_to(managers, manager, &comparison, force)?;
        if let Some(share) = managers.0.get_mut(manager) {
            share.fields = share.fields.difference(&system_fields());
            if *live != pruned {
                share.time = Some(self.now.to_owned());
            }
        }
        managers.drop_empty();
        Ok(pruned)
    }

    fn yield_to(
        &self,
        managers: &mut Managers,
        manager: &Manager,
        comparison: &typed::Comparison,
        force: Force,
    ) -> Result<(), Vec<StatusCause>> {
        let changed = comparison.changed();
        let mut causes = Vec::new();
        for (other, share) in managers.0.iter_mut().filter(|(other, _)| *other != manager) {
            let contested = share.fields.intersection(&changed);
            causes.extend(contested.paths().into_iter().map(|path| StatusCause {
                reason: "FieldManagerConflict".to_owned(),
                message: format!("conflict with {}", other.described(&self.api_version)),
                field: path,
            }));
            share.fields = share
                .fields
                .difference(&contested)
                .difference(&comparison.removed);
        }
        if force == Force::No && !causes.is_empty() {
            Err(causes)
        } else {
            Ok(())
        }
    }

    /// Takes out what this manager applied last time, not this time, and nobody else owns.
    fn prune(&self, merged: Value, managers: &Managers, last: &FieldSet) -> Value {
        if last.is_empty() {
            return merged;
        }
        let schema = Some(self.schema);
        let named = |set: &FieldSet| typed::with_named_fields(schema, set);
        let set_of = |value: &Value| named(&typed::field_set(self.schema, value));
        let without =
            |paths: &FieldSet| typed::remove(schema, &merged, paths).unwrap_or_else(|| json!({}));
        let all = set_of(&merged);
        let last = named(last);
        let pruned = without(&last);
        let kept = set_of(&pruned).union(&named(&managers.everything()));
        let restored = without(&all.difference(&kept));
        without(&all.difference(&set_of(&restored)).intersection(&last))
    }

    fn reset_trees(&self) -> FieldSet {
        let mut trees = FieldSet::default();
        for name in self.reset {
            trees.own(&fields::field(name));
        }
        trees
    }
}

/// Fields that nobody owns because the server sets them or because they name the object.
fn system_fields() -> FieldSet {
    let mut set = FieldSet::default();
    for name in ["apiVersion", "kind", "metadata"] {
        set.insert(&[fields::field(name)]);
    }
    for name in [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "generation",
        "managedFields",
        "resourceVersion",
    ] {
        set.insert(&[fields::field("metadata"), fields::field(name)]);
    }
    set
}

#[cfg(test)]
mod tests;
