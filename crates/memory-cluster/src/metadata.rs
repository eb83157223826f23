//! Object metadata: reading it, setting it, and the checks that all kinds share.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use super::names;
use super::problem::{Problem, ProblemKind};
use super::refusal::Refusal;

/// A text field of the metadata, empty when absent.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    get(object, name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// A field of the metadata.
pub(super) fn get<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object
        .get("metadata")?
        .get(name)
        .filter(|value| !value.is_null())
}

/// Sets or removes a field of the metadata.
pub(super) fn set(object: &mut Value, name: &str, value: Option<Value>) {
    let Value::Object(fields) = object else {
        return;
    };
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
    get(object, "finalizers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The number of the metadata's generation, 0 when absent.
pub(super) fn generation(object: &Value) -> i64 {
    get(object, "generation")
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// Reads the metadata as the API server does: wrong types are refused; unknown fields,
/// nulls and empty collections vanish.
pub(super) fn normalise(object: &mut Value) -> Result<(), Refusal> {
    let Value::Object(fields) = object else {
        return Err(Refusal::bad_request(
            "the body of the request is not an object",
        ));
    };
    let metadata = fields.remove("metadata").unwrap_or_else(|| json!({}));
    let typed: ObjectMeta = serde_json::from_value(metadata)
        .map_err(|error| Refusal::bad_request(format!("metadata: {error}")))?;
    let mut metadata =
        serde_json::to_value(typed).map_err(|error| Refusal::internal(error.to_string()))?;
    if let Value::Object(metadata) = &mut metadata {
        metadata.retain(|_, value| !is_empty_collection(value));
    }
    fields.insert("metadata".to_owned(), metadata);
    Ok(())
}

/// Checks that hold for every object.
pub(super) fn problems(object: &Value) -> Vec<Problem> {
    let name = text(object, "name");
    let mut found = Vec::new();
    if name.is_empty() {
        found.push(Problem::plain(
            ProblemKind::Required,
            "metadata.name",
            "a name is required",
        ));
    } else {
        found.extend(faulty("metadata.name", name, names::subdomain_faults(name)));
    }
    found.extend(label_problems(object));
    for finalizer in finalizers(object) {
        found.extend(faulty(
            "metadata.finalizers",
            finalizer,
            names::qualified_faults(finalizer),
        ));
    }
    found
}

fn label_problems(object: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    for (key, value) in get(object, "labels")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let value = value.as_str().unwrap_or_default();
        found.extend(faulty("metadata.labels", key, names::qualified_faults(key)));
        found.extend(faulty(
            "metadata.labels",
            value,
            names::label_value_faults(value),
        ));
    }
    found
}

fn faulty(field: &str, value: &str, faults: Vec<&'static str>) -> Vec<Problem> {
    faults
        .into_iter()
        .map(|fault| Problem::invalid(field, &json!(value), fault))
        .collect()
}

/// Checks of a change: what can never change, and no new finalizers on a dying object.
///
/// The API server makes them for all kinds and again for the kind, after those of every object, and names
/// each problem as often as it finds it (observed on 1.36).
pub(super) fn change_problems(new: &Value, old: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    if get(old, "deletionTimestamp").is_some() {
        let before = finalizers(old);
        let fresh: Vec<&str> = finalizers(new)
            .into_iter()
            .filter(|name| !before.contains(name))
            .collect();
        if !fresh.is_empty() {
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers {fresh:?}"
            );
            found.push(Problem::plain(
                ProblemKind::Forbidden,
                "metadata.finalizers",
                detail,
            ));
        }
    }
    for name in ["name", "namespace", "uid"] {
        if text(new, name) != text(old, name) {
            let value = json!(text(new, name));
            let field = format!("metadata.{name}");
            found.push(Problem::invalid(field, &value, "field is immutable"));
        }
    }
    found.extend(label_problems(new));
    [problems(new), found.clone(), found].concat()
}

fn is_empty_collection(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

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
