//! Behaviour of field ownership.

use serde_json::json;

use super::*;

fn schema() -> Schema {
    serde_json::from_value(json!({"type": "object", "properties": {
        "apiVersion": {"type": "string"}, "kind": {"type": "string"},
        "status": {"type": "object", "properties": {
            "phase": {"type": "string"}, "count": {"type": "integer"},
            "conditions": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                "items": {"type": "object", "properties": {"type": {"type": "string"}, "status": {"type": "string"}}}},
        }},
    }}))
    .unwrap()
}

fn manager(name: &str) -> Manager {
    Manager {
        operation: Operation::Apply,
        name: name.to_owned(),
        subresource: "status".to_owned(),
    }
}

fn apply(
    managers: &mut Managers,
    live: &Value,
    applied: &Value,
    who: &str,
    force: Force,
) -> Result<Value, Vec<StatusCause>> {
    let schema = schema();
    let settlement = Settlement {
        schema: &schema,
        api_version: "memory.test/v1",
        reset: &["metadata", "spec"],
        now: "2026-01-01T00:00:00Z",
    };
    settlement.apply(managers, live, applied, &manager(who), force)
}

#[test]
fn a_field_left_out_of_the_next_apply_goes() {
    let mut managers = Managers::default();
    let first = apply(
        &mut managers,
        &json!({}),
        &json!({"status": {"phase": "A", "count": 1}}),
        "one",
        Force::No,
    )
    .unwrap();
    let second = apply(
        &mut managers,
        &first,
        &json!({"status": {"phase": "A"}}),
        "one",
        Force::No,
    )
    .unwrap();
    assert_eq!(second, json!({"status": {"phase": "A"}}));
}

#[test]
fn a_field_that_two_managers_applied_stays_when_one_leaves_it_out() {
    let mut managers = Managers::default();
    let both = json!({"status": {"phase": "A", "count": 1}});
    let first = apply(&mut managers, &json!({}), &both, "one", Force::No).unwrap();
    let second = apply(
        &mut managers,
        &first,
        &json!({"status": {"count": 1}}),
        "two",
        Force::No,
    )
    .unwrap();
    let third = apply(
        &mut managers,
        &second,
        &json!({"status": {"phase": "A"}}),
        "one",
        Force::No,
    )
    .unwrap();
    assert_eq!(third, both);
}

#[test]
fn an_item_of_a_keyed_list_goes_alone() {
    let mut managers = Managers::default();
    let ready = json!({"type": "Ready", "status": "True"});
    let first = json!({"status": {"conditions": [ready, {"type": "Synced", "status": "True"}]}});
    let live = apply(&mut managers, &json!({}), &first, "one", Force::No).unwrap();
    let live = apply(
        &mut managers,
        &live,
        &json!({"status": {"conditions": [{"type": "Other", "status": "True"}]}}),
        "two",
        Force::No,
    )
    .unwrap();
    let live = apply(
        &mut managers,
        &live,
        &json!({"status": {"conditions": [ready]}}),
        "one",
        Force::No,
    )
    .unwrap();
    assert_eq!(
        live,
        json!({"status": {"conditions": [ready, {"type": "Other", "status": "True"}]}})
    );
}

#[test]
fn a_field_of_another_manager_is_taken_by_force_only() {
    let mut managers = Managers::default();
    let live = apply(
        &mut managers,
        &json!({}),
        &json!({"status": {"phase": "A"}}),
        "one",
        Force::No,
    )
    .unwrap();
    let causes = apply(
        &mut managers.clone(),
        &live,
        &json!({"status": {"phase": "B"}}),
        "two",
        Force::No,
    )
    .unwrap_err();
    assert_eq!(causes[0].field, ".status.phase");
    assert_eq!(causes[0].reason, "FieldManagerConflict");
    let forced = apply(
        &mut managers,
        &live,
        &json!({"status": {"phase": "B"}}),
        "two",
        Force::Yes,
    )
    .unwrap();
    assert_eq!(forced, json!({"status": {"phase": "B"}}));
    assert_eq!(managers.0.len(), 1);
}

#[test]
fn managers_survive_being_written_into_an_object() {
    let mut managers = Managers::default();
    let mut object = apply(
        &mut managers,
        &json!({}),
        &json!({"status": {"phase": "A"}}),
        "one",
        Force::No,
    )
    .unwrap();
    managers.write(&mut object, "memory.test/v1");
    assert_eq!(Managers::of(&object), managers);
}
