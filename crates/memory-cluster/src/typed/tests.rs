//! Behaviour of schema-aware values.

use serde_json::json;

use super::*;

fn schema() -> Schema {
    serde_json::from_value(json!({"type": "object", "properties": {
        "spec": {"type": "object", "properties": {
            "size": {"type": "integer"},
            "nested": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "subjects": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["kind", "name"],
                "items": {"type": "object", "properties": {"kind": {"type": "string", "default": "User"}, "name": {"type": "string"}, "note": {"type": "string"}}}},
            "tags": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
            "whole": {"type": "array", "items": {"type": "string"}},
        }},
    }}))
    .unwrap()
}

#[test]
fn declared_maps_are_no_paths_of_their_own_but_map_entries_are() {
    let set = field_set(
        &schema(),
        &json!({"spec": {"nested": {"a": "x"}, "labels": {"l": "v"}, "whole": ["a"]}}),
    );
    assert_eq!(
        set.paths(),
        vec![".spec.labels.l", ".spec.nested.a", ".spec.whole"]
    );
}

#[test]
fn list_items_are_known_by_their_keys_with_defaults() {
    let set = field_set(
        &schema(),
        &json!({"spec": {"subjects": [{"name": "a"}], "tags": ["t"]}}),
    );
    assert_eq!(
        set.paths(),
        vec![
            r#".spec.subjects[kind="User",name="a"]"#,
            r#".spec.subjects[kind="User",name="a"].name"#,
            r#".spec.tags[="t"]"#
        ]
    );
}

#[test]
fn a_merge_joins_maps_and_keyed_lists_and_replaces_the_rest() {
    let live = json!({"spec": {"size": 1, "nested": {"a": "x"}, "subjects": [{"kind": "User", "name": "a", "note": "n"}], "whole": ["x"]}});
    let applied = json!({"spec": {"nested": {"b": "y"}, "subjects": [{"kind": "User", "name": "b"}, {"kind": "User", "name": "a"}], "whole": ["y"]}});
    let merged = merge(Some(&schema()), Some(&live), Some(&applied)).unwrap();
    assert_eq!(
        merged,
        json!({"spec": {"size": 1, "nested": {"a": "x", "b": "y"}, "whole": ["y"],
            "subjects": [{"kind": "User", "name": "b"}, {"kind": "User", "name": "a", "note": "n"}]}})
    );
}

#[test]
fn a_comparison_names_leaves_and_whole_new_nodes() {
    let old = json!({"spec": {"size": 1, "nested": {"a": "x"}}});
    let new = json!({"spec": {"size": 2, "labels": {"l": "v"}}});
    let comparison = compare(&schema(), &old, &new);
    assert_eq!(comparison.modified.paths(), vec![".spec.size"]);
    assert_eq!(
        comparison.added.paths(),
        vec![".spec.labels", ".spec.labels.l"]
    );
    assert_eq!(
        comparison.removed.paths(),
        vec![".spec.nested", ".spec.nested.a"]
    );
}

#[test]
fn removing_paths_takes_out_items_and_leaves_the_rest() {
    let value = json!({"spec": {"size": 1, "subjects": [{"kind": "User", "name": "a"}, {"kind": "User", "name": "b"}]}});
    let gone = field_set(
        &schema(),
        &json!({"spec": {"size": 1, "subjects": [{"kind": "User", "name": "a"}]}}),
    );
    assert_eq!(
        remove(Some(&schema()), &value, &gone),
        Some(json!({"spec": {"subjects": [{"kind": "User", "name": "b"}]}}))
    );
}

#[test]
fn undeclared_fields_and_duplicate_keys_cannot_be_applied() {
    let object = json!({"spec": {"color": "red", "size": "big", "tags": ["a", "a"]}});
    let errors = declaration_errors(&schema(), &object);
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(errors[0].starts_with(".spec.color: field not declared"));
}
