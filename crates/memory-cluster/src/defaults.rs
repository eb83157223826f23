//! Defaults of structural schemas.
//!
//! `null` in a field that is not nullable counts as absent: it is dropped, and the default takes its place
//! (`kubernetes.io: CustomResourceDefinitions, defaulting and nullable`). Object metadata has no defaults.

use serde_json::Value;

use super::schema::{Field, Schema};

/// What is read from a request: nulls that no schema admits are dropped, then defaults fill in.
pub(super) fn fill(schema: &Schema, object: &mut Value) {
    drop_nulls(schema, object);
    insert_defaults(schema, object);
}

/// What results from an apply: only defaults fill in. A null that is left where everything was taken out
/// of an object stays, and validation refuses it (observed on 1.36).
pub(super) fn fill_applied(schema: &Schema, object: &mut Value) {
    insert_defaults(schema, object);
}

fn drop_nulls(schema: &Schema, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !value.is_null() || keeps_null(schema.field(name)));
            for (name, value) in fields {
                if let Field::Named(child) | Field::Entry(child) = schema.field(name) {
                    drop_nulls(child, value);
                }
            }
        }
        Value::Array(items) => {
            if let Some(child) = &schema.items {
                for item in items {
                    drop_nulls(child, item);
                }
            }
        }
        _ => {}
    }
}

fn keeps_null(field: Field<'_>) -> bool {
    match field {
        Field::Named(schema) | Field::Entry(schema) => schema.nullable || schema.default.is_some(),
        Field::Free | Field::Unknown => true,
    }
}

fn insert_defaults(schema: &Schema, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, child) in &schema.properties {
                let Some(default) = &child.default else {
                    continue;
                };
                let present = fields
                    .get(name)
                    .is_some_and(|value| child.nullable || !value.is_null());
                if !present {
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in fields {
                if let Field::Named(child) | Field::Entry(child) = schema.field(name) {
                    insert_defaults(child, value);
                }
            }
        }
        Value::Array(items) => {
            if let Some(child) = &schema.items {
                for item in items {
                    insert_defaults(child, item);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        serde_json::from_value(json!({"type": "object", "properties": {
            "size": {"type": "integer", "default": 1},
            "note": {"type": "string"},
            "free": {"type": "string", "nullable": true},
            "nested": {"type": "object", "default": {}, "properties": {"deep": {"type": "string", "default": "x"}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"level": {"type": "string", "default": "All"}}}},
        }}))
        .unwrap()
    }

    #[test]
    fn defaults_reach_into_defaulted_objects_and_lists() {
        let mut object = json!({"list": [{}]});
        fill(&schema(), &mut object);
        assert_eq!(
            object,
            json!({"size": 1, "nested": {"deep": "x"}, "list": [{"level": "All"}]})
        );
    }

    #[test]
    fn null_counts_as_absent_unless_the_field_is_nullable() {
        let mut object = json!({"size": null, "note": null, "free": null, "nested": {"deep": "y"}});
        fill(&schema(), &mut object);
        assert_eq!(
            object,
            json!({"size": 1, "free": null, "nested": {"deep": "y"}})
        );
    }
}
