//! Object metadata: reading it, setting it, and the checks that all kinds share.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use super::refusal::{Problem, ProblemKind, Refusal};

/// A text field of the metadata, empty when absent.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    get(object, name).and_then(Value::as_str).unwrap_or_default()
}

/// A field of the metadata.
pub(super) fn get<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.get("metadata")?.get(name).filter(|value| !value.is_null())
}

/// Sets or removes a field of the metadata.
pub(super) fn set(object: &mut Value, name: &str, value: Option<Value>) {
    let Value::Object(fields) = object else { return };
    let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
    if !metadata.is_object() {
        *metadata = Value::Object(Map::new());
    }
    if let Value::Object(metadata) = metadata {
        match value {
            Some(value) => metadata.insert(name.to_owned(), value),
            None => metadata.remove(name),
        };
    }
}

/// Copies a field of the metadata from another object, absence included.
pub(super) fn copy(object: &mut Value, from: &Value, name: &str) {
    set(object, name, get(from, name).cloned());
}

/// The finalizers of an object.
pub(super) fn finalizers(object: &Value) -> Vec<&str> {
    get(object, "finalizers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The number of the metadata's generation, 0 when absent.
pub(super) fn generation(object: &Value) -> i64 {
    get(object, "generation").and_then(Value::as_i64).unwrap_or_default()
}

/// Reads the metadata as the API server does: wrong types are refused, unknown fields and nulls vanish.
pub(super) fn normalise(object: &mut Value) -> Result<(), Refusal> {
    let Value::Object(fields) = object else {
        return Err(Refusal::bad_request("the body of the request is not an object"));
    };
    let metadata = fields.remove("metadata").unwrap_or_else(|| json!({}));
    let typed: ObjectMeta = serde_json::from_value(metadata).map_err(|error| Refusal::bad_request(format!("metadata: {error}")))?;
    let metadata = serde_json::to_value(typed).map_err(|error| Refusal::internal(error.to_string()))?;
    fields.insert("metadata".to_owned(), metadata);
    Ok(())
}

/// Checks that hold for every object.
pub(super) fn problems(object: &Value) -> Vec<Problem> {
    let name = text(object, "name");
    if name.is_empty() {
        return vec![Problem::plain(ProblemKind::Required, "metadata.name", "name or generateName is required")];
    }
    if is_subdomain(name) {
        return Vec::new();
    }
    let detail = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                  and must start and end with an alphanumeric character";
    vec![Problem::with_value(ProblemKind::Invalid, "metadata.name", &json!(name), detail)]
}

/// Checks of a change: what can never change, and no new finalizers on a dying object.
pub(super) fn change_problems(new: &Value, old: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    if get(old, "deletionTimestamp").is_some() {
        let before = finalizers(old);
        let fresh: Vec<&str> = finalizers(new).into_iter().filter(|name| !before.contains(name)).collect();
        if !fresh.is_empty() {
            let detail = format!("no new finalizers can be added if the object is being deleted, found new finalizers {fresh:?}");
            found.push(Problem::plain(ProblemKind::Forbidden, "metadata.finalizers", detail));
        }
    }
    for name in ["name", "namespace", "uid"] {
        if text(new, name) != text(old, name) {
            let value = json!(text(new, name));
            found.push(Problem::with_value(ProblemKind::Invalid, format!("metadata.{name}"), &value, "field is immutable"));
        }
    }
    found
}

fn is_subdomain(name: &str) -> bool {
    let label = |label: &str| {
        let edge = |character: Option<char>| character.is_some_and(|character| character.is_ascii_lowercase() || character.is_ascii_digit());
        edge(label.chars().next())
            && edge(label.chars().next_back())
            && label.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_subdomains() {
        for (name, fits) in [("a", true), ("a-b.c1", true), ("A", false), ("-a", false), ("a..b", false), ("a_b", false)] {
            assert_eq!(is_subdomain(name), fits, "{name}");
        }
    }

    #[test]
    fn a_dying_object_takes_no_new_finalizer() {
        let old = json!({"metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["x/a"]}});
        let new = json!({"metadata": {"name": "a", "finalizers": ["x/a", "x/b"]}});
        assert_eq!(change_problems(&new, &old)[0].field, "metadata.finalizers");
        assert!(change_problems(&json!({"metadata": {"name": "a"}}), &old).is_empty());
    }

    #[test]
    fn metadata_of_the_wrong_type_is_refused() {
        assert!(normalise(&mut json!({"metadata": {"labels": {"a": 1}}})).is_err());
    }
}
