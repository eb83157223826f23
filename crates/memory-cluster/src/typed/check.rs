//! What an applied object must be before it can be merged: only declared fields, of the declared types,
//! with unique and complete list keys.
//!
//! The API server answers a violation with an unclassified error (observed on 1.36: code 500, no reason).

use std::collections::BTreeSet;

use serde_json::Value;

use super::shape::{item_step, key_value};
use crate::schema::{Field, ListType, Schema, Type};

/// Everything that keeps an object from being applied, by path.
pub(crate) fn declaration_errors(schema: &Schema, object: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, object, "", &mut found);
    found
}

fn walk(schema: &Schema, value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(_) if schema.kind.is_some_and(|kind| kind != Type::Object) => {
            found.push(mismatch(schema, path, "map"));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let place = format!("{path}.{name}");
                match schema.field(name) {
                    Field::Named(child) | Field::Entry(child) => walk(child, value, &place, found),
                    Field::Free => {}
                    Field::Unknown if schema.kind.is_none() => {}
                    Field::Unknown => found.push(format!("{place}: field not declared in schema")),
                }
            }
        }
        Value::Array(_) if schema.kind.is_some_and(|kind| kind != Type::Array) => {
            found.push(mismatch(schema, path, "list"));
        }
        Value::Array(items) => walk_list(schema, items, path, found),
        _ if !scalar_fits(schema, value) => found.push(mismatch(schema, path, &value.to_string())),
        _ => {}
    }
}

fn walk_list(schema: &Schema, items: &[Value], path: &str, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        if schema.list_type == ListType::Map {
            for key in schema
                .list_map_keys
                .iter()
                .filter(|key| key_value(schema, item, key).is_none())
            {
                found.push(format!(
                    "{path}: element {index}: associative list with keys has an element that omits key field \"{key}\" (and doesn't have default value)"
                ));
            }
        }
        if schema.list_type != ListType::Atomic && !seen.insert(item_step(Some(schema), item)) {
            found.push(format!(
                "{path}: duplicate entries for key {}",
                item_step(Some(schema), item)
            ));
        }
        if let Some(child) = &schema.items {
            walk(child, item, &format!("{path}[{index}]"), found);
        }
    }
}

fn scalar_fits(schema: &Schema, value: &Value) -> bool {
    match schema.kind {
        None => true,
        Some(Type::String) => value.is_string(),
        Some(Type::Boolean) => value.is_boolean(),
        Some(Type::Integer) => value.is_number(),
        Some(Type::Object | Type::Array) => false,
    }
}

fn mismatch(schema: &Schema, path: &str, actual: &str) -> String {
    let expected = schema.kind.map_or("value", Type::name);
    format!("{path}: expected {expected}, got {actual}")
}
