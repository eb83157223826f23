//! Pruning of fields that a structural schema does not declare.
//!
//! The paths that went are returned: strict field validation refuses a request for them
//! (`kubernetes.io: API concepts, field validation`).

use serde_json::Value;

use super::schema::{Field, Schema};

/// Removes undeclared fields and returns their paths, sorted.
pub(super) fn prune(schema: &Schema, object: &mut Value) -> Vec<String> {
    let mut unknown = Vec::new();
    walk(schema, object, "", &mut unknown);
    unknown.sort();
    unknown
}

fn walk(schema: &Schema, value: &mut Value, path: &str, unknown: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                let place = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                match schema.field(name) {
                    Field::Named(child) | Field::Entry(child) => {
                        walk(child, value, &place, unknown);
                    }
                    Field::Free => {}
                    Field::Unknown => {
                        unknown.push(place);
                        return false;
                    }
                }
                true
            });
        }
        Value::Array(items) => {
            let Some(child) = &schema.items else { return };
            for (index, item) in items.iter_mut().enumerate() {
                walk(child, item, &format!("{path}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn undeclared_fields_go_and_are_named() {
        let schema: Schema = serde_json::from_value(json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"list": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }}))
        .unwrap();
        let mut object = json!({"spec": {"list": [{"a": 1, "b": 2}], "c": 3}, "free": {"d": 4}});
        assert_eq!(
            prune(&schema, &mut object),
            vec!["spec.c", "spec.list[0].b"]
        );
        assert_eq!(
            object,
            json!({"spec": {"list": [{"a": 1}]}, "free": {"d": 4}})
        );
    }
}
