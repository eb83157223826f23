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

/// One object and its managers, applied to again and again.
struct Applied {
    managers: Managers,
    live: Value,
}

impl Applied {
    /// An object whose whole status one manager applied.
    fn by(who: &str, status: &Value) -> Applied {
        let mut applied = Applied {
            managers: Managers::default(),
            live: json!({}),
        };
        applied.apply(who, status).unwrap();
        applied
    }

    fn apply(&mut self, who: &str, status: &Value) -> Result<(), Vec<StatusCause>> {
        self.apply_with(who, status, Force::No)
    }

    fn apply_with(
        &mut self,
        who: &str,
        status: &Value,
        force: Force,
    ) -> Result<(), Vec<StatusCause>> {
        let schema = schema();
        let settlement = Ownership {
            schema: &schema,
            api_version: "memory.test/v1".to_owned(),
            reset: &["metadata", "spec"],
            now: "2026-01-01T00:00:00Z",
        };
        let mut managers = self.managers.clone();
        let applied = json!({"status": status});
        self.live = settlement.apply(&mut managers, &self.live, &applied, &manager(who), force)?;
        self.managers = managers;
        Ok(())
    }
}

#[test]
fn a_field_left_out_of_the_next_apply_goes() {
    let mut object = Applied::by("one", &json!({"phase": "A", "count": 1}));
    object.apply("one", &json!({"phase": "A"})).unwrap();
    assert_eq!(object.live, json!({"status": {"phase": "A"}}));
}

#[test]
fn a_field_that_two_managers_applied_stays_when_one_leaves_it_out() {
    let both = json!({"phase": "A", "count": 1});
    let mut object = Applied::by("one", &both);
    object.apply("two", &json!({"count": 1})).unwrap();
    object.apply("one", &json!({"phase": "A"})).unwrap();
    assert_eq!(object.live, json!({"status": both}));
}

#[test]
fn an_item_of_a_keyed_list_goes_alone() {
    let [ready, synced, other] =
        ["Ready", "Synced", "Other"].map(|kind| json!({"type": kind, "status": "True"}));
    let mut object = Applied::by("one", &json!({"conditions": [ready, synced]}));
    object
        .apply("two", &json!({"conditions": [other]}))
        .unwrap();
    object
        .apply("one", &json!({"conditions": [ready]}))
        .unwrap();
    assert_eq!(
        object.live,
        json!({"status": {"conditions": [ready, other]}})
    );
}

#[test]
fn a_field_of_another_manager_is_taken_by_force_only() {
    let mut object = Applied::by("one", &json!({"phase": "A"}));
    let causes = object.apply("two", &json!({"phase": "B"})).unwrap_err();
    assert_eq!(causes[0].field, ".status.phase");
    assert_eq!(causes[0].reason, "FieldManagerConflict");
    object
        .apply_with("two", &json!({"phase": "B"}), Force::Yes)
        .unwrap();
    assert_eq!(object.live, json!({"status": {"phase": "B"}}));
    assert_eq!(object.managers.0.len(), 1);
}

#[test]
fn managers_survive_being_written_into_an_object() {
    let Applied { managers, mut live } = Applied::by("one", &json!({"phase": "A"}));
    managers.write(&mut live, "memory.test/v1");
    assert_eq!(Managers::of(&live), managers);
}
