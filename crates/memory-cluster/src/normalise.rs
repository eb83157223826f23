//! What a structural schema makes of an object: undeclared fields go, defaults come.
//!
//! `null` in a field that is not nullable counts as absent: it is dropped, and the default takes its place
//! (`kubernetes.io: CustomResourceDefinitions, pruning, defaulting and nullable`). Object metadata has no defaults.

use serde_json::Value;

use super::schema::{Field, Schema};

/// What is read from a request: undeclared fields and nulls that no schema admits are dropped, then defaults
/// fill in.
pub(super) fn fill(schema: &Schema, object: &mut Value) {
    prune(schema, object);
    insert_defaults(schema, object);
}

fn prune(schema: &Schema, value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|name, value| match schema.field(name) {
            Field::Named(child) | Field::Entry(child) => {
                !value.is_null() || child.nullable || child.default.is_some()
            }
            Field::Free => true,
            Field::Unknown => false,
        });
    }
    schema.visit_children(value, prune);
}

/// Puts defaults where nothing is.
pub(super) fn insert_defaults(schema: &Schema, value: &mut Value) {
    if let Value::Object(fields) = value {
        for (name, child) in &schema.properties {
            let present = fields.get(name);
            let present = present.is_some_and(|value| child.nullable || !value.is_null());
            if let (Some(default), false) = (&child.default, present) {
                fields.insert(name.clone(), default.clone());
            }
        }
    }
    schema.visit_children(value, insert_defaults);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(mut object: Value) -> Value {
        let schema = serde_json::from_value(json!({"type": "object", "properties": {
            "size": {"type": "integer", "default": 1},
            "note": {"type": "string"},
            "text": {"type": "string", "nullable": true},
            "nested": {"type": "object", "default": {}, "properties": {"deep": {"type": "string", "default": "x"}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"level": {"type": "string", "default": "All"}}}},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }}))
        .unwrap();
        fill(&schema, &mut object);
        object
    }

    #[test]
    fn defaults_reach_into_defaulted_objects_and_lists() {
        let filled = filled(json!({"list": [{}]}));
        let expected = json!({"size": 1, "nested": {"deep": "x"}, "list": [{"level": "All"}]});
        assert_eq!(filled, expected);
    }

    #[test]
    fn null_counts_as_absent_unless_the_field_is_nullable() {
        let filled =
            filled(json!({"size": null, "note": null, "text": null, "nested": {"deep": "y"}}));
        let expected = json!({"size": 1, "text": null, "nested": {"deep": "y"}});
        assert_eq!(filled, expected);
    }

    #[test]
    fn undeclared_fields_go() {
        let filled = filled(
            json!({"size": 2, "nested": {"a": 1}, "list": [{"b": 2}], "c": 3, "free": {"d": 4}}),
        );
        let expected = json!({"size": 2, "nested": {"deep": "x"}, "list": [{"level": "All"}], "free": {"d": 4}});
        assert_eq!(filled, expected);
    }
}
