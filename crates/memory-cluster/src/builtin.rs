//! The built-in kinds that an operator meets, with the little that the API server does for each of them.
//!
//! Types come from `k8s-openapi`; a kind that is not listed here is not served.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::{coordination, core};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::problem::{Problem, ProblemKind};
use super::resources::Scope;

mod events;

/// One built-in kind.
pub(super) struct BuiltIn {
    pub(super) group: &'static str,
    /// The group that problems name, where it is another one.
    pub(super) group_in_problems: Option<&'static str>,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    pub(super) plural: &'static str,
    pub(super) scope: Scope,
    /// Fields beside name and namespace that a selector may use.
    pub(super) selectable: &'static [&'static str],
    /// Whether a replace needs a resource version.
    pub(super) version_on_replace: VersionOnReplace,
    /// What a replace of a missing object does.
    pub(super) replace_missing: ReplaceMissing,
    /// The declared fields, as far as they matter for who owns what; the rest is deduced.
    pub(super) schema: fn() -> Value,
    /// What every object of the kind has, so that nobody adds it.
    pub(super) blank: fn() -> Value,
    /// What the kind sets on a new object by itself.
    pub(super) prepare: fn(&mut Value),
    /// Checks types and drops what the kind does not have.
    pub(super) decode: fn(Value) -> Result<Value, serde_json::Error>,
    /// Checks of an object, with the object it replaces.
    pub(super) problems: fn(&Value, Option<&Value>) -> Vec<Problem>,
}

/// Whether a replace without a resource version is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VersionOnReplace {
    Required,
    Optional,
}

/// What a replace of a missing object does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplaceMissing {
    Creates,
    IsRefused,
}

/// The name of the kind whose objects hold the others.
pub(super) const NAMESPACES: &str = "namespaces";

const PLAIN: BuiltIn = BuiltIn {
    group: "",
    group_in_problems: None,
    version: "v1",
    kind: "",
    plural: "",
    scope: Scope::Namespaced,
    selectable: &[],
    version_on_replace: VersionOnReplace::Optional,
    replace_missing: ReplaceMissing::IsRefused,
    schema: || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    blank: || json!({}),
    prepare: |_| {},
    decode: Ok,
    problems: |_, _| Vec::new(),
};

/// All of them.
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
        selectable: &["type"],
        schema: keyed_texts,
        decode: secret,
        problems: secret_problems,
        ..PLAIN
    },
    BuiltIn {
        group: "events.k8s.io",
        group_in_problems: Some(""),
        kind: "Event",
        plural: "events",
        selectable: &[
            "reason",
            "type",
            "reportingController",
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
        ],
        replace_missing: ReplaceMissing::Creates,
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
        version_on_replace: VersionOnReplace::Required,
        replace_missing: ReplaceMissing::Creates,
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

fn secret_problems(new: &Value, old: Option<&Value>) -> Vec<Problem> {
    let mut found = immutable("type", new, old);
    for (key, value) in new
        .get("data")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if value
            .as_str()
            .is_none_or(|text| STANDARD.decode(text).is_err())
        {
            found.push(Problem::plain(
                ProblemKind::Invalid,
                format!("data[{key}]"),
                "must be base64",
            ));
        }
    }
    found
}

fn immutable(name: &str, new: &Value, old: Option<&Value>) -> Vec<Problem> {
    let Some(old) = old.filter(|old| old.get(name) != new.get(name)) else {
        return Vec::new();
    };
    vec![Problem::with_value(
        ProblemKind::Invalid,
        name,
        old.get(name).unwrap_or(&Value::Null),
        "field is immutable",
    )]
}
