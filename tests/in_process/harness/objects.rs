//! Objects in the cluster: applied and edited as people do, and asked how they stand.

use serde_json::{Value, json};

use super::{NAMESPACE, World};

/// The API of our kinds.
const API: &str = "entra-pim.dev/v1alpha1";

/// A condition that is about the object as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub status: String,
    pub reason: String,
    pub message: String,
}

/// The manifest of an object of ours in the namespace of the story.
pub fn manifest(kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": API, "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec,
    })
}

/// Whether an object is an event.
pub fn is_event(object: &Value) -> bool {
    object["kind"] == "Event"
}

/// The namespace that a kind lives in, if it lives in one.
fn namespace(kind: &str) -> Option<&'static str> {
    let is_of_cluster = matches!(
        kind,
        "EntraTenant" | "AccessBoundary" | "PolicyTemplate" | "Namespace"
    );
    (!is_of_cluster).then_some(NAMESPACE)
}

fn own(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A condition that is about the present generation of an object.
fn current(object: &Value, condition: &str) -> Option<Condition> {
    let conditions = object["status"]["conditions"].as_array()?;
    let found = conditions.iter().find(|one| one["type"] == condition)?;
    (found["observedGeneration"] == object["metadata"]["generation"]).then(|| Condition {
        status: own(&found["status"]),
        reason: own(&found["reason"]),
        message: own(&found["message"]),
    })
}

impl World {
    /// Applies a manifest as kubectl does.
    pub fn apply(&self, manifest: &Value) -> Value {
        self.cluster.apply(manifest.clone()).unwrap()
    }

    /// Applies files as kubectl does.
    pub fn apply_yaml(&self, yaml: &str) {
        self.cluster.apply_yaml(yaml).unwrap();
    }

    /// An object, if it stands.
    pub fn object(&self, kind: &str, name: &str) -> Option<Value> {
        self.cluster.get(kind, namespace(kind), name)
    }

    /// Changes the manifest of an object and applies it again.
    pub fn edit(&self, kind: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let object = self.object(kind, name).unwrap();
        let mut manifest = json!({
            "apiVersion": object["apiVersion"], "kind": kind,
            "metadata": {"name": name},
            "spec": object["spec"],
        });
        for part in ["namespace", "annotations"] {
            if let Some(value) = object["metadata"].get(part) {
                manifest["metadata"][part] = value.clone();
            }
        }
        change(&mut manifest);
        self.apply(&manifest);
    }

    /// Sets an annotation of an object.
    pub fn annotate(&self, kind: &str, name: &str, key: &str, value: &str) {
        self.edit(kind, name, |manifest| {
            manifest["metadata"]["annotations"][key] = json!(value);
        });
    }

    /// Deletes an object as kubectl does, without waiting.
    pub fn delete(&self, kind: &str, name: &str) {
        self.cluster.delete(kind, namespace(kind), name).unwrap();
    }

    /// Deletes everything of ours in the namespace of the story.
    pub fn delete_ours(&self) {
        for (kind, name) in self.ours(NAMESPACE) {
            self.delete(&kind, &name);
        }
    }

    /// All our objects in a namespace.
    fn ours_in(&self, namespace: &str) -> Vec<Value> {
        self.cluster.objects_where(|object| {
            object["apiVersion"] == API && object["metadata"]["namespace"] == namespace
        })
    }

    /// Removes all events, as the API server does after an hour.
    pub fn forget_events(&self) {
        for event in self.cluster.objects_where(is_event) {
            let metadata = &event["metadata"];
            let namespace = metadata["namespace"].as_str();
            let name = metadata["name"].as_str().unwrap();
            self.cluster.delete("Event", namespace, name).unwrap();
        }
    }

    /// Kinds and names of all our objects in a namespace.
    pub fn ours(&self, namespace: &str) -> Vec<(String, String)> {
        let objects = self.ours_in(namespace);
        objects
            .iter()
            .map(|object| (own(&object["kind"]), own(&object["metadata"]["name"])))
            .collect()
    }

    /// Whether everything of ours in a namespace is ready, and something is there.
    pub fn all_ready(&self, namespace: &str) -> bool {
        let ours = self.ours_in(namespace);
        let ready = |object| current(object, "Ready").is_some_and(|ready| ready.status == "True");
        !ours.is_empty() && ours.iter().all(ready)
    }

    /// A condition of an object, if it is about its present generation.
    pub fn condition(&self, kind: &str, name: &str, condition: &str) -> Option<Condition> {
        current(&self.object(kind, name)?, condition)
    }

    /// The reason why an object is or is not ready; empty while nothing is said of its present generation.
    pub fn reason(&self, kind: &str, name: &str) -> String {
        self.condition(kind, name, "Ready")
            .map_or_else(String::new, |ready| ready.reason)
    }

    /// What is said with that reason.
    pub fn message(&self, kind: &str, name: &str) -> String {
        self.condition(kind, name, "Ready").unwrap().message
    }

    /// Whether an object is ready.
    pub fn is_ready(&self, kind: &str, name: &str) -> bool {
        self.condition(kind, name, "Ready")
            .is_some_and(|ready| ready.status == "True")
    }

    /// The state of each subject of an assignment, by name.
    pub fn subjects(&self, kind: &str, name: &str) -> Vec<(String, String)> {
        let object = self.object(kind, name).unwrap();
        let rows = object["status"]["subjects"].as_array().cloned();
        let row = |row: &Value| (own(&row["name"]), own(&row["state"]));
        rows.unwrap_or_default().iter().map(row).collect()
    }

    /// The notes of all events of a reason about an object, the oldest first.
    pub fn notes(&self, reason: &str, name: &str) -> Vec<String> {
        let mut events = self.cluster.objects_where(|object| {
            is_event(object) && object["reason"] == reason && object["regarding"]["name"] == name
        });
        events.sort_by_key(|event| own(&event["eventTime"]));
        events.iter().map(|event| own(&event["note"])).collect()
    }

    /// How everything stands, for a failed test.
    pub fn summary(&self) -> String {
        let mut lines = Vec::new();
        for object in self.cluster.objects() {
            if object["apiVersion"] != API {
                continue;
            }
            let conditions = object["status"]["conditions"].as_array().cloned();
            let ready = conditions.unwrap_or_default();
            let ready = ready.iter().find(|one| one["type"] == "Ready").cloned();
            let ready = ready.unwrap_or_default();
            lines.push(format!(
                "{} {} {}: {} {} {}",
                own(&object["kind"]),
                own(&object["metadata"]["name"]),
                object["metadata"]["deletionTimestamp"],
                own(&ready["status"]),
                own(&ready["reason"]),
                own(&ready["message"])
            ));
        }
        for entry in self.tenant.journal().iter().rev().take(25).rev() {
            lines.push(format!(
                "{} {} {} {} {:?} {:?}",
                entry.at, entry.operation, entry.status, entry.path, entry.code, entry.effects
            ));
        }
        lines.push(format!("held {:?}", self.held()));
        lines.push(format!("now {}", self.clock.time()));
        lines.join("\n")
    }
}
