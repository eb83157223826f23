//! Turns the spelling that the service accepts into the spelling that the schema uses.
//!
//! Real clients send `accessID`, `groupID` and `AdminAssign` (kayasax/EasyPIM, and the samples of
//! learn.microsoft.com), and the service takes them. Handlers see one spelling only. What cannot be
//! matched is left as it is for the check to complain about.

use serde_json::{Map, Value};

use super::table::{Table, table};
use super::types::ValueType;

/// The body with every known property name and enum member spelled as the schema does.
pub fn canonical_spelling(type_name: &str, body: &Value) -> Value {
    structured(table(), type_name, body)
}

fn structured(table: &Table, declared: &str, value: &Value) -> Value {
    let Value::Object(object) = value else {
        return value.clone();
    };
    let type_name = object
        .get("@odata.type")
        .and_then(Value::as_str)
        .map(super::walk::local_name)
        .filter(|name| table.structured(name).is_some())
        .unwrap_or(declared);
    let mut result = Map::new();
    for (key, inner) in object {
        let (name, annotation) = match key.find('@') {
            Some(at) => key.split_at(at),
            None => (key.as_str(), ""),
        };
        let exact = table
            .member(type_name, name)
            .map(|_| name)
            .or_else(|| table.spelled(type_name, name))
            .filter(|exact| *exact == name || !object.contains_key(&format!("{exact}{annotation}")))
            .unwrap_or(name);
        let respelled = match table.member(type_name, exact) {
            Some(member) if annotation.is_empty() => each(table, member.value, inner),
            _ => inner.clone(),
        };
        result.insert(format!("{exact}{annotation}"), respelled);
    }
    Value::Object(result)
}

fn each(table: &Table, value_type: ValueType, value: &Value) -> Value {
    match (value_type, value) {
        (_, Value::Array(items)) => items
            .iter()
            .map(|item| each(table, value_type, item))
            .collect(),
        (ValueType::Named(name), Value::String(text)) => match table.enumeration(name) {
            Some(enumeration) => Value::String(members(&enumeration.members, text)),
            None => value.clone(),
        },
        (ValueType::Named(name), Value::Object(_)) => structured(table, name, value),
        _ => value.clone(),
    }
}

fn members(known: &[&'static str], text: &str) -> String {
    let exact = |part: &str| {
        known
            .iter()
            .find(|member| member.eq_ignore_ascii_case(part))
            .map_or_else(|| part.to_owned(), |member| (*member).to_owned())
    };
    text.split(',')
        .map(|part| exact(part.trim()))
        .collect::<Vec<_>>()
        .join(",")
}
