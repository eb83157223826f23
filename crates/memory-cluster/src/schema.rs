//! Structural schemas as a custom resource definition carries them.
//!
//! Only the shape: which fields exist, how lists and maps merge, which limits hold. Reading it is serde's
//! work; what is done with it lives in `normalise`, `validate` and `typed`. What no kind of the product uses is
//! not known here, and a definition that uses it is refused.
//! Source: `kubernetes.io: extend the Kubernetes API with CustomResourceDefinitions`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// One node of a structural schema.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Schema {
    /// Declared type; none for a node that says nothing.
    #[serde(rename = "type")]
    pub(super) kind: Option<Type>,
    pub(super) properties: BTreeMap<String, Schema>,
    pub(super) additional_properties: Option<Box<Schema>>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) required: Vec<String>,
    pub(super) default: Option<Value>,
    pub(super) nullable: bool,
    #[serde(rename = "enum")]
    pub(super) members: Option<Vec<Value>>,
    pub(super) pattern: Option<Pattern>,
    pub(super) format: Option<Format>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    #[serde(rename = "x-kubernetes-preserve-unknown-fields")]
    pub(super) preserve_unknown: bool,
    #[serde(rename = "x-kubernetes-list-type")]
    pub(super) list_type: ListType,
    #[serde(rename = "x-kubernetes-list-map-keys")]
    pub(super) list_map_keys: Vec<String>,
    #[serde(rename = "x-kubernetes-map-type")]
    pub(super) map_type: MapType,
    #[serde(rename = "title")]
    _title: IgnoredAny,
    #[serde(rename = "description")]
    _description: IgnoredAny,
    /// Compiled apart from the shape, see `rules`.
    #[serde(rename = "x-kubernetes-validations")]
    _rules: IgnoredAny,
}

/// JSON types of a structural schema.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Type {
    Object,
    Array,
    String,
    Integer,
    Boolean,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Object => "object",
            Type::Array => "array",
            Type::String => "string",
            Type::Integer => "integer",
            Type::Boolean => "boolean",
        }
    }
}

/// Formats of texts and numbers. A number of JSON is not checked further.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    DateTime,
    Int64,
}

/// How a list merges. Lists are atomic unless they say otherwise.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum ListType {
    #[default]
    Atomic,
    Set,
    Map,
}

/// How an object merges.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum MapType {
    #[default]
    Granular,
    Atomic,
}

/// A pattern, compiled once.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pattern(regex::Regex);

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        regex::Regex::new(&text).map(Pattern)
    }
}

impl Pattern {
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    pub(super) fn text(&self) -> &str {
        self.0.as_str()
    }
}

/// What a schema says about one field of an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'s> {
    Named(&'s Schema),
    /// A key of a map.
    Entry(&'s Schema),
    /// Kept, but nothing is said about it.
    Free,
    Unknown,
}

impl Schema {
    /// What is known about a field of this node.
    pub(super) fn field(&self, name: &str) -> Field<'_> {
        if let Some(named) = self.properties.get(name) {
            return Field::Named(named);
        }
        match &self.additional_properties {
            Some(schema) => Field::Entry(schema),
            None if self.preserve_unknown => Field::Free,
            None => Field::Unknown,
        }
    }

    /// Visits each field and item of a value that has a schema.
    pub(super) fn visit_children(
        &self,
        value: &mut Value,
        mut visit: impl FnMut(&Schema, &mut Value),
    ) {
        match (value, &self.items) {
            (Value::Object(fields), _) => {
                for (name, value) in fields {
                    if let Field::Named(child) | Field::Entry(child) = self.field(name) {
                        visit(child, value);
                    }
                }
            }
            (Value::Array(items), Some(child)) => {
                for item in items {
                    visit(child, item);
                }
            }
            _ => {}
        }
    }

    /// The schema of a root object, with `apiVersion`, `kind` and object metadata as the API server adds them.
    pub(super) fn of_object(schema: Value) -> Result<Schema, serde_json::Error> {
        let mut schema: Schema = serde_json::from_value(schema)?;
        schema.kind = Some(Type::Object);
        let text: Schema = serde_json::from_value(json!({"type": "string"}))?;
        for (name, field) in [
            ("apiVersion", text.clone()),
            ("kind", text),
            ("metadata", object_meta()?),
        ] {
            schema.properties.insert(name.to_owned(), field);
        }
        Ok(schema)
    }
}

/// Object metadata with the merge rules that `kubernetes.io: server-side apply` relies on.
fn object_meta() -> Result<Schema, serde_json::Error> {
    let text = json!({"type": "string"});
    let number = json!({"type": "integer"});
    let texts = json!({"type": "object", "additionalProperties": text});
    let free_list = json!({"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    serde_json::from_value(json!({
        "type": "object",
        "properties": {
            "name": text, "generateName": text, "namespace": text, "uid": text, "resourceVersion": text, "selfLink": text,
            "creationTimestamp": {"type": "string", "nullable": true}, "deletionTimestamp": text,
            "generation": number, "deletionGracePeriodSeconds": number,
            "labels": texts, "annotations": texts,
            "finalizers": {"type": "array", "items": text, "x-kubernetes-list-type": "set"},
            "ownerReferences": {
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"],
                "items": {"type": "object", "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true},
            },
            "managedFields": free_list,
        },
    }))
}
