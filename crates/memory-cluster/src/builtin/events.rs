//! Events, the one built-in kind with rules of its own: required fields and lengths. Nobody changes one here.
//! Source: `kubernetes.io: Event v1 events.k8s.io`; order and names of problems as observed on 1.36.

use k8s_openapi::api::events::v1::Event;
use serde_json::{Value, json};

use crate::names;
use crate::problem::{Problem, ProblemKind};

/// References are owned as a whole.
pub(super) fn schema() -> Value {
    let reference = json!({"type": "object", "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true});
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"regarding": reference, "related": reference}})
}

/// Fields of the older event API are always shown.
pub(super) fn blank() -> Value {
    json!({"regarding": {}, "deprecatedSource": {}, "deprecatedFirstTimestamp": null, "deprecatedLastTimestamp": null})
}

/// Checks types and completes the older fields.
pub(super) fn decode(body: Value) -> Result<Value, serde_json::Error> {
    let mut event = serde_json::to_value(serde_json::from_value::<Event>(body)?)?;
    if let (Value::Object(fields), Value::Object(blank)) = (&mut event, blank()) {
        for (name, value) in blank {
            fields.entry(name).or_insert(value);
        }
    }
    Ok(event)
}

/// What is wrong with an event.
pub(super) fn problems(event: &Value) -> Vec<Problem> {
    let mut found = controller_problems(event);
    for name in ["reportingInstance", "action", "reason"] {
        match text(event, name).len() {
            0 => found.push(Problem::plain(ProblemKind::Required, name, "")),
            1..=128 => {}
            _ => found.push(too_long(name, 128)),
        }
    }
    if text(event, "note").len() > 1024 {
        found.push(too_long("message", 1024));
    }
    if event.get("eventTime").is_none_or(Value::is_null) {
        found.push(Problem::plain(ProblemKind::Required, "eventTime", ""));
    }
    let namespace = event.pointer("/metadata/namespace");
    let is_for_cluster_objects =
        namespace.is_none_or(|namespace| namespace == "default" || namespace == "kube-system");
    if event.pointer("/regarding/namespace").is_none() && !is_for_cluster_objects {
        found.push(Problem::invalid(
            "involvedObject.namespace",
            &json!(""),
            "does not match event.namespace",
        ));
    }
    found
}

fn controller_problems(event: &Value) -> Vec<Problem> {
    const FIELD: &str = "reportingController";
    let controller = text(event, FIELD);
    let missing = Problem::plain(ProblemKind::Required, FIELD, "");
    let mut found: Vec<Problem> = Some(missing)
        .filter(|_| controller.is_empty())
        .into_iter()
        .collect();
    let faults = names::qualified_faults(controller).into_iter();
    found.extend(faults.map(|fault| Problem::invalid(FIELD, &json!(controller), fault)));
    found
}

fn too_long(field: &str, longest: usize) -> Problem {
    let detail = format!("can have at most {longest} characters");
    Problem::invalid(field, &json!(""), detail)
}

fn text<'v>(event: &'v Value, name: &str) -> &'v str {
    event.get(name).and_then(Value::as_str).unwrap_or_default()
}
