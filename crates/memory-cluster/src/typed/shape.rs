//! The shape of a value through its schema: a leaf, a map of fields, or a list whose items have an identity.
//! A node without a schema is deduced: objects are maps, lists are atomic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fields::{self, Step};
use crate::schema::{Field, ListType, MapType, Schema};

/// What kind of node a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Leaf,
    Map,
    List,
}

pub(super) fn shape(schema: Option<&Schema>, value: &Value) -> Shape {
    let atomic_map = schema.is_some_and(|schema| schema.map_type == MapType::Atomic);
    let atomic_list = schema.is_none_or(|schema| schema.list_type == ListType::Atomic);
    match value {
        Value::Object(_) if !atomic_map => Shape::Map,
        Value::Array(_) if !atomic_list => Shape::List,
        _ => Shape::Leaf,
    }
}

/// The schema below a field, none when it is deduced.
pub(super) fn child<'s>(schema: Option<&'s Schema>, name: &str) -> Option<&'s Schema> {
    match schema?.field(name) {
        Field::Named(child) | Field::Entry(child) => Some(child),
        Field::Free | Field::Unknown => None,
    }
}

pub(super) fn is_named(schema: Option<&Schema>, name: &str) -> bool {
    schema.is_some_and(|schema| schema.properties.contains_key(name))
}

pub(super) fn item_schema(schema: Option<&Schema>) -> Option<&Schema> {
    schema?.items.as_deref()
}

fn is_empty_container(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The identity of a list item. A key that the item leaves out has its default.
pub(super) fn item_step(schema: Option<&Schema>, item: &Value) -> Step {
    let Some(list) = schema.filter(|schema| schema.list_type == ListType::Map) else {
        return fields::value(item);
    };
    let keys: BTreeMap<String, Value> = list
        .list_map_keys
        .iter()
        .map(|key| {
            (
                key.clone(),
                key_value(list, item, key).unwrap_or(Value::Null),
            )
        })
        .collect();
    fields::key(&keys)
}

pub(super) fn key_value(list: &Schema, item: &Value, key: &str) -> Option<Value> {
    let default = || list.items.as_ref()?.properties.get(key)?.default.clone();
    item.get(key).cloned().or_else(default)
}

/// The common shape of two states; two empty containers, or two shapes, are compared as a whole.
pub(super) fn pair_shape(
    schema: Option<&Schema>,
    left: Option<&Value>,
    right: Option<&Value>,
) -> Shape {
    let present: Vec<&Value> = [left, right]
        .into_iter()
        .flatten()
        .filter(|value| !value.is_null())
        .collect();
    if present.iter().all(|value| is_empty_container(value)) {
        return Shape::Leaf;
    }
    let mut shapes = present.iter().map(|value| shape(schema, value));
    let first = shapes.next().unwrap_or(Shape::Leaf);
    if shapes.all(|other| other == first) {
        first
    } else {
        Shape::Leaf
    }
}

pub(super) fn keys_of(value: Option<&Value>) -> BTreeSet<&String> {
    value
        .and_then(Value::as_object)
        .map(|object| object.keys().collect())
        .unwrap_or_default()
}
