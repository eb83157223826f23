//! Values seen through their schema, as server-side apply sees them.
//!
//! From the shape of a value follows everything: which paths it consists of, how two values merge, what
//! differs, what is left after paths are taken out. The rules are those of
//! `github.com/kubernetes-sigs/structured-merge-diff`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::fields::{self, FieldSet, Step};
use super::schema::Schema;

mod check;
mod merge;
mod shape;

pub(super) use check::declaration_errors;
pub(super) use merge::merge;
use shape::{Shape, child, is_named, item_schema, item_step, keys_of, pair_shape, shape};

/// How two states of an object differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) added: FieldSet,
    pub(super) modified: FieldSet,
    pub(super) removed: FieldSet,
}

impl Comparison {
    /// Paths whose value is new or another one.
    pub(super) fn changed(&self) -> FieldSet {
        self.modified.union(&self.added)
    }

    /// The same without what a request may not write.
    pub(super) fn without_trees(&self, roots: &FieldSet) -> Comparison {
        Comparison {
            added: self.added.without_trees(roots),
            modified: self.modified.without_trees(roots),
            removed: self.removed.without_trees(roots),
        }
    }
}

/// The paths that a value consists of.
pub(super) fn field_set(schema: &Schema, value: &Value) -> FieldSet {
    let mut set = FieldSet::default();
    collect(Some(schema), value, &mut Vec::new(), &mut set);
    set
}

fn collect(schema: Option<&Schema>, value: &Value, path: &mut Vec<Step>, set: &mut FieldSet) {
    match (shape(schema, value), value) {
        (Shape::Map, Value::Object(object)) => {
            for (name, value) in object {
                path.push(fields::field(name));
                collect(child(schema, name), value, path, set);
                let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                if empty || !is_named(schema, name) {
                    set.insert(path);
                }
                path.pop();
            }
        }
        (Shape::List, Value::Array(items)) => {
            for item in items {
                path.push(item_step(schema, item));
                collect(item_schema(schema), item, path, set);
                set.insert(path);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
}

/// What changed between two states.
pub(super) fn compare(schema: &Schema, old: &Value, new: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    differ(
        Some(schema),
        Some(old),
        Some(new),
        &mut Vec::new(),
        &mut comparison,
    );
    comparison
}

fn differ(
    schema: Option<&Schema>,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &mut Vec<Step>,
    out: &mut Comparison,
) {
    match pair_shape(schema, old, new) {
        Shape::Leaf => return differ_leaf(old, new, path, out),
        Shape::Map => {
            for name in keys_of(old).union(&keys_of(new)) {
                path.push(fields::field(name));
                let (old, new) = (
                    old.and_then(|old| old.get(name)),
                    new.and_then(|new| new.get(name)),
                );
                differ(child(schema, name), old, new, path, out);
                path.pop();
            }
        }
        Shape::List => {
            let (olds, news) = (index_items(schema, old), index_items(schema, new));
            let steps: BTreeSet<&Step> = olds.keys().chain(news.keys()).collect();
            for step in steps {
                path.push(step.clone());
                differ(
                    item_schema(schema),
                    olds.get(step).copied(),
                    news.get(step).copied(),
                    path,
                    out,
                );
                path.pop();
            }
        }
    }
    match (old, new) {
        (None, _) => out.added.insert(path),
        (_, None) => out.removed.insert(path),
        _ => {}
    }
}

fn differ_leaf(old: Option<&Value>, new: Option<&Value>, path: &[Step], out: &mut Comparison) {
    match (old, new) {
        (None, _) => out.added.insert(path),
        (_, None) => out.removed.insert(path),
        (Some(old), Some(new)) if old != new => out.modified.insert(path),
        _ => {}
    }
}

fn index_items<'v>(schema: Option<&Schema>, list: Option<&'v Value>) -> BTreeMap<Step, &'v Value> {
    let mut index = BTreeMap::new();
    for item in list.and_then(Value::as_array).into_iter().flatten() {
        index.entry(item_step(schema, item)).or_insert(item);
    }
    index
}

/// The value without the given paths. Atomic containers go as a whole, as nothing can be taken out of them.
pub(super) fn remove(schema: Option<&Schema>, value: &Value, paths: &FieldSet) -> Option<Value> {
    match (shape(schema, value), value) {
        (Shape::Map, Value::Object(object)) => {
            let mut rest = Map::new();
            for (name, value) in object {
                let step = fields::field(name);
                if !paths.owns(&step) {
                    rest.insert(
                        name.clone(),
                        remaining(child(schema, name), value, &step, paths),
                    );
                }
            }
            (!rest.is_empty()).then_some(Value::Object(rest))
        }
        (Shape::List, Value::Array(items)) => {
            let mut rest = Vec::new();
            for item in items {
                let step = item_step(schema, item);
                if !paths.owns(&step) {
                    rest.push(remaining(item_schema(schema), item, &step, paths));
                }
            }
            (!rest.is_empty()).then_some(Value::Array(rest))
        }
        (Shape::Leaf, Value::Object(_) | Value::Array(_)) => None,
        _ => Some(value.clone()),
    }
}

fn remaining(schema: Option<&Schema>, value: &Value, step: &str, paths: &FieldSet) -> Value {
    match paths.below(step).filter(|_| paths.reaches_below(step)) {
        Some(subset) => remove(schema, value, subset).unwrap_or(Value::Null),
        None => value.clone(),
    }
}

/// The set with every declared field on the way to a member as a member itself.
pub(super) fn with_named_fields(schema: Option<&Schema>, set: &FieldSet) -> FieldSet {
    let mut result = set.clone();
    for (step, subset) in set.steps() {
        let below = match step.split_once(':') {
            Some(("f", name)) => child(schema, name),
            Some(("k", _)) => item_schema(schema),
            _ => None,
        };
        result.replace_below(step, with_named_fields(below, subset));
        let named = step
            .strip_prefix("f:")
            .is_some_and(|name| is_named(schema, name));
        if named && set.reaches_below(step) {
            result.own(step);
        }
    }
    result
}

#[cfg(test)]
mod tests;
