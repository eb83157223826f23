//! One request, decoded: which verb on which object with which options. No rules about objects here.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::managed::Force;
use super::refusal::Refusal;
use super::resources::Resource;

/// What a request does, in the words of RBAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    List,
    Watch,
    Create,
    Patch,
    Delete,
}

impl Verb {
    pub(super) fn is_mutation(self) -> bool {
        !matches!(self, Verb::Get | Verb::List | Verb::Watch)
    }
}

/// Which part of an object is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Status,
}

impl Part {
    /// The name of the subresource, empty for the object itself.
    pub(super) fn subresource(self) -> &'static str {
        match self {
            Part::Whole => "",
            Part::Status => "status",
        }
    }
}

/// The kinds of patches, by media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatchKind {
    Json,
    Merge,
    Apply,
}

impl PatchKind {
    /// The kind that a `Content-Type` names. Strategic merge patches are refused as the API server refuses
    /// them for custom resources.
    pub(super) fn of_media_type(value: &str) -> Result<PatchKind, Refusal> {
        match value.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => Ok(PatchKind::Json),
            "application/merge-patch+json" => Ok(PatchKind::Merge),
            "application/apply-patch+yaml" => Ok(PatchKind::Apply),
            _ => Err(Refusal::unsupported_media_type(
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
            )),
        }
    }
}

/// How an answer shows an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    #[default]
    Full,
    Metadata,
}

/// The options of a request, as its query spells them. Another parameter is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Options {
    pub(super) field_manager: String,
    pub(super) force: Force,
    pub(super) watch: bool,
    /// The version after which a watch begins.
    pub(super) resource_version: Option<u64>,
    pub(super) allow_watch_bookmarks: bool,
    pub(super) timeout_seconds: u64,
    /// Lists are given whole, which the API leaves to servers (`kubernetes.io: API concepts, pages`).
    #[serde(rename = "limit")]
    pub(super) _limit: Option<u64>,
}

impl Options {
    /// How long a watch stays open.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            field_manager: String::new(),
            force: Force::No,
            watch: false,
            resource_version: None,
            allow_watch_bookmarks: false,
            timeout_seconds: 1_800,
            _limit: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Payload {
    None,
    Object(Value),
    Patch(PatchKind, Value),
}

#[derive(Clone)]
pub(super) struct Call {
    pub(super) verb: Verb,
    pub(super) resource: Arc<Resource>,
    pub(super) namespace: Option<String>,
    /// Empty for collections.
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) view: View,
    pub(super) options: Options,
    pub(super) payload: Payload,
}

impl Call {
    /// The key of the addressed object.
    pub(super) fn key(&self) -> String {
        key(self.namespace.as_deref(), &self.name)
    }

    /// The start of the keys of the addressed collection.
    pub(super) fn prefix(&self) -> String {
        let namespace = self.namespace.as_ref();
        namespace.map_or_else(String::new, |namespace| format!("{namespace}/"))
    }

    /// `plural.group`, with `/status` where that is addressed.
    pub(super) fn target(&self) -> String {
        let plural = self.resource.qualified_plural();
        match self.part {
            Part::Whole => plural,
            Part::Status => format!("{plural}/status"),
        }
    }
}

/// The key of an object inside its kind, in the order of etcd keys.
pub(super) fn key(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(
        || name.to_owned(),
        |namespace| format!("{namespace}/{name}"),
    )
}
