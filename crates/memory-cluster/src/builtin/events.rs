//! Events, the one built-in kind with rules of its own: required fields, lengths, and what a repeat may
//! change. Source: `kubernetes.io: Event v1 events.k8s.io`; order and names of problems as observed on 1.36.

use k8s_openapi::api::events::v1::Event;
use serde_json::{Value, json};

use super::{immutable, typed};
use crate::names;
use crate::problem::{Problem, ProblemKind};

/// Fields and the most characters that they may have.
const TEXTS: [(&str, usize); 3] = [("reportingInstance", 128), ("action", 128), ("reason", 128)];

/// What a change must leave alone. One of them is checked twice.
const IMMUTABLE: [&str; 9] = [
    "regarding",
    "reason",
    "note",
    "reason",
    "type",
    "action",
    "related",
    "reportingController",
    "reportingInstance",
];

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
    let mut event = typed::<Event>(body)?;
    if let (Value::Object(fields), Value::Object(blank)) = (&mut event, blank()) {
        for (name, value) in blank {
            fields.entry(name).or_insert(value);
        }
    }
    Ok(event)
}

/// What is wrong with an event, or with a change of it.
pub(super) fn problems(new: &Value, old: Option<&Value>) -> Vec<Problem> {
    let mut found = controller_problems(new);
    for (name, longest) in TEXTS {
        match text(new, name).len() {
            0 => found.push(Problem::plain(ProblemKind::Required, name, "")),
            length if length > longest => found.push(too_long(name, longest)),
            _ => {}
        }
    }
    if text(new, "note").len() > 1024 {
        found.push(too_long("message", 1024));
    }
    if old.is_none() && new.get("eventTime").is_none_or(Value::is_null) {
        found.push(Problem::plain(ProblemKind::Required, "eventTime", ""));
    }
    for name in IMMUTABLE {
        found.extend(immutable(name, new, old));
    }
    let (namespace, regarding) = (
        new.pointer("/metadata/namespace"),
        new.pointer("/regarding/namespace"),
    );
    let is_for_cluster_objects =
        namespace.is_none_or(|namespace| namespace == "default" || namespace == "kube-system");
    if regarding.is_none() && !is_for_cluster_objects {
        let field = "involvedObject.namespace";
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            field,
            &json!(""),
            "does not match event.namespace",
        ));
    }
    found
}

fn controller_problems(event: &Value) -> Vec<Problem> {
    let controller = text(event, "reportingController");
    let mut found = Vec::new();
    if controller.is_empty() {
        found.push(Problem::plain(
            ProblemKind::Required,
            "reportingController",
            "",
        ));
    }
    for fault in names::qualified_faults(controller) {
        found.push(Problem::with_value(
            ProblemKind::Invalid,
            "reportingController",
            &json!(controller),
            fault,
        ));
    }
    found
}

fn too_long(field: &str, longest: usize) -> Problem {
    Problem::with_value(
        ProblemKind::Invalid,
        field,
        &json!(""),
        format!("can have at most {longest} characters"),
    )
}

fn text<'v>(event: &'v Value, name: &str) -> &'v str {
    event.get(name).and_then(Value::as_str).unwrap_or_default()
}
