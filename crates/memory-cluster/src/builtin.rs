//! The built-in kinds that an operator meets, with the little that the API server does for each of them.
//!
//! Types come from `k8s-openapi`; a kind that is not listed here is not served.

use std::collections::BTreeMap;

use k8s_openapi::api::{coordination, core};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::problem::Problem;

mod events;

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Cluster,
    Namespaced,
}

pub(super) struct BuiltIn {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) plural: &'static str,
    pub(super) scope: Scope,
    /// The declared fields, as far as they matter for who owns what; the rest is deduced.
    pub(super) schema: fn() -> Value,
    /// What every object of the kind has, so that nobody adds it.
    pub(super) blank: fn() -> Value,
    /// What the kind sets on a new object by itself.
    pub(super) prepare: fn(&mut Value),
    /// Checks types and drops what the kind does not have.
    pub(super) decode: fn(Value) -> Result<Value, serde_json::Error>,
    /// What is wrong with an object of this kind.
    pub(super) problems: fn(&Value) -> Vec<Problem>,
}

/// The name of the kind whose objects hold the others.
pub(super) const NAMESPACES: &str = "namespaces";

const PLAIN: BuiltIn = BuiltIn {
    group: "",
    kind: "",
    plural: "",
    scope: Scope::Namespaced,
    schema: || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    blank: || json!({}),
    prepare: |_| {},
    decode: Ok,
    problems: |_| Vec::new(),
};

/// All of them, each in version `v1` of its group.
pub(super) static BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        kind: "Namespace",
        plural: NAMESPACES,
        scope: Scope::Cluster,
        blank: || json!({"spec": {}, "status": {}}),
        prepare: activate_namespace,
        decode: namespace,
        ..PLAIN
    },
    BuiltIn {
        kind: "ConfigMap",
        plural: "configmaps",
        schema: keyed_texts,
        decode: typed::<core::v1::ConfigMap>,
        ..PLAIN
    },
    BuiltIn {
        kind: "Secret",
        plural: "secrets",
        schema: keyed_texts,
        decode: secret,
        ..PLAIN
    },
    BuiltIn {
        group: "events.k8s.io",
        kind: "Event",
        plural: "events",
        schema: events::schema,
        blank: events::blank,
        decode: events::decode,
        problems: events::problems,
        ..PLAIN
    },
    BuiltIn {
        group: "coordination.k8s.io",
        kind: "Lease",
        plural: "leases",
        blank: || json!({"spec": {}}),
        decode: typed::<coordination::v1::Lease>,
        ..PLAIN
    },
];

/// `data` and its relatives are declared fields with free keys.
fn keyed_texts() -> Value {
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true,
        "properties": {"data": texts, "binaryData": texts, "stringData": texts}})
}

fn typed<K: DeserializeOwned + Serialize>(body: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<K>(body)?)
}

fn namespace(body: Value) -> Result<Value, serde_json::Error> {
    let mut namespace: core::v1::Namespace = serde_json::from_value(body)?;
    let name = namespace.metadata.name.clone().unwrap_or_default();
    let labels = namespace.metadata.labels.get_or_insert_with(BTreeMap::new);
    labels.insert("kubernetes.io/metadata.name".to_owned(), name);
    namespace.spec.get_or_insert_with(Default::default);
    namespace.status.get_or_insert_with(Default::default);
    serde_json::to_value(namespace)
}

fn activate_namespace(namespace: &mut Value) {
    namespace["spec"]["finalizers"] = json!(["kubernetes"]);
    namespace["status"]["phase"] = json!("Active");
}

/// `stringData` is for writing only: it is merged into `data`.
fn secret(body: Value) -> Result<Value, serde_json::Error> {
    let mut secret: core::v1::Secret = serde_json::from_value(body)?;
    for (key, text) in secret.string_data.take().into_iter().flatten() {
        let data = secret.data.get_or_insert_with(BTreeMap::new);
        data.insert(key, k8s_openapi::ByteString(text.into_bytes()));
    }
    secret.type_.get_or_insert_with(|| "Opaque".to_owned());
    serde_json::to_value(secret)
}
