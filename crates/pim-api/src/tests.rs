//! Tests that walk all kinds.

use super::*;
use serde_json::Value;

fn schemas() -> Vec<(String, Value)> {
    all_crds()
        .into_iter()
        .map(|crd| {
            let kind = crd.spec.names.kind.clone();
            let schema = crd
                .spec
                .versions
                .into_iter()
                .next()
                .unwrap()
                .schema
                .unwrap();
            (
                kind,
                serde_json::to_value(schema.open_api_v3_schema.unwrap()).unwrap(),
            )
        })
        .collect()
}

fn walk(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            walk(&format!("{path}.{name}"), property, visit);
        }
    }
    if schema["items"].is_object() {
        walk(&format!("{path}[]"), &schema["items"], visit);
    }
}

#[test]
fn every_field_is_documented() {
    for (kind, schema) in schemas() {
        walk(
            &kind,
            &schema["properties"]["spec"],
            &mut |path, property| {
                let is_item = path.ends_with(']');
                assert!(
                    is_item || property["description"].is_string(),
                    "{path} has no description"
                );
            },
        );
    }
}

#[test]
fn every_text_and_list_of_a_spec_is_bounded() {
    for (kind, schema) in schemas() {
        walk(
            &kind,
            &schema["properties"]["spec"],
            &mut |path, property| match property["type"].as_str() {
                Some("string") => {
                    let bounded = property["maxLength"].is_number()
                        || property["enum"].is_array()
                        || property["format"].is_string();
                    assert!(bounded, "{path} has no maxLength");
                }
                Some("array") => {
                    assert!(property["maxItems"].is_number(), "{path} has no maxItems");
                    assert!(
                        property["x-kubernetes-list-type"].is_string(),
                        "{path} has no list type"
                    );
                }
                _ => {}
            },
        );
    }
}

#[test]
fn no_member_of_an_enum_is_taken_for_a_boolean() {
    let booleans = ["on", "off", "yes", "no", "true", "false", "y", "n"];
    for (kind, schema) in schemas() {
        walk(&kind, &schema, &mut |path, property| {
            for member in property["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                assert!(
                    !booleans.contains(&member.to_lowercase().as_str()),
                    "{path}: {member}"
                );
            }
        });
    }
}

#[test]
fn every_kind_is_in_the_category_and_has_a_short_name() {
    for crd in all_crds() {
        assert_eq!(
            crd.spec.names.categories.as_deref(),
            Some(&["entra-pim".to_owned()][..])
        );
        assert_eq!(crd.spec.names.short_names.map(|names| names.len()), Some(1));
        assert_eq!(crd.spec.group, API_GROUP);
    }
}
