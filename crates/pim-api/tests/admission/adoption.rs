//! What manifests may say of groups that were there before, and of what stays when an object goes.

use serde_json::{Value, json};

use super::refusals::refused;

const ID: &str = "11111111-1111-4111-8111-111111111111";

fn group(more: &Value) -> Value {
    let mut spec = json!({
        "tenantRef": {"name": "contoso"}, "boundaryRef": {"name": "payments"}, "displayName": "PAG-payments",
        "deletionPolicy": "Delete",
    });
    for (field, value) in more.as_object().unwrap() {
        spec[field] = value.clone();
    }
    spec
}

#[test]
fn a_group_that_is_adopted_says_that_it_is_retained() {
    let said = refused("PrivilegedGroup", &group(&json!({"adopt": {"id": ID}}))).join("; ");
    assert!(said.contains("set spec.deletionPolicy to Retain"), "{said}");
    let retained = json!({"adopt": {"id": ID}, "deletionPolicy": "Retain"});
    assert_eq!(
        refused("PrivilegedGroup", &group(&retained)),
        Vec::<String>::new()
    );
    let made = json!({"deletionPolicy": "Retain"});
    assert_eq!(
        refused("PrivilegedGroup", &group(&made)),
        Vec::<String>::new()
    );
}

#[test]
fn a_group_is_named_by_its_object_id_and_by_nothing_else() {
    for wrong in [json!({"id": "PAG-legacy"}), json!({}), json!("11111111")] {
        let spec = group(&json!({"adopt": wrong, "deletionPolicy": "Retain"}));
        assert!(!refused("PrivilegedGroup", &spec).is_empty(), "{wrong}");
    }
}

#[test]
fn a_boundary_lists_a_hundred_groups_at_most_and_each_by_its_id() {
    let boundary = |groups: Value| json!({"groups": groups, "policyFloor": {}});
    let listed = |count: usize| -> Value {
        let ids = (0..count).map(|number| format!("11111111-1111-4111-8111-{number:012}"));
        json!({"adoptable": ids.collect::<Vec<String>>(), "leaveBehind": "Allowed"})
    };
    assert!(refused("AccessBoundary", &boundary(listed(100))).is_empty());
    for wrong in [
        listed(101),
        json!({"adoptable": ["PAG-*"]}),
        json!({"leaveBehind": "Yes"}),
    ] {
        assert!(!refused("AccessBoundary", &boundary(wrong)).is_empty());
    }
}
