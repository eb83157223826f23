//! One request, decoded: which verb on which object with which options.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::managed::Force;
use super::refusal::Refusal;
use super::resources::Resource;

/// What a request does, in the words of RBAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Read one object.
    Get,
    /// Read a collection.
    List,
    /// Follow a collection.
    Watch,
    /// Create an object.
    Create,
    /// Replace an object.
    Update,
    /// Change an object by any kind of patch.
    Patch,
    /// Delete an object.
    Delete,
    /// Delete what a list would return.
    DeleteCollection,
}

impl Verb {
    /// Whether the verb writes.
    pub fn is_mutation(self) -> bool {
        !matches!(self, Verb::Get | Verb::List | Verb::Watch)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
        })
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

/// The media types of [`PatchKind`], for the refusal of another one.
pub(super) const PATCH_MEDIA_TYPES: &str =
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

impl PatchKind {
    /// The kind that a `Content-Type` names.
    pub(super) fn of_media_type(value: &str) -> Result<PatchKind, Refusal> {
        match value.split(';').next().unwrap_or_default().trim() {
            "application/json-patch+json" => Ok(PatchKind::Json),
            "application/merge-patch+json" => Ok(PatchKind::Merge),
            "application/apply-patch+yaml" => Ok(PatchKind::Apply),
            _ => Err(Refusal::unsupported_media_type(PATCH_MEDIA_TYPES)),
        }
    }
}

/// Whether a write is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Persistence {
    #[default]
    Stored,
    DryRun,
}

/// What happens to undeclared fields. `Warn` and `Ignore` differ only in a header that is not sent here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Validation {
    #[default]
    Lenient,
    Strict,
}

/// Which version of a collection a list wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum VersionMatch {
    #[default]
    Latest,
    Exact(u64),
}

/// How a watch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchStart {
    /// With the changes after a version.
    After(u64),
    /// With everything that exists, and a bookmark that marks the end of it where bookmarks are wanted.
    Everything,
}

/// Whether a watch wants bookmarks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bookmarks {
    Wanted,
    #[default]
    Unwanted,
}

/// How an answer shows objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    #[default]
    Full,
    Metadata,
}

/// The options of a request.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) manager: String,
    pub(super) force: Force,
    pub(super) persistence: Persistence,
    pub(super) validation: Validation,
    pub(super) labels: Option<String>,
    pub(super) fields: Option<String>,
    pub(super) limit: Option<usize>,
    pub(super) continue_token: Option<String>,
    pub(super) version_match: VersionMatch,
    pub(super) watch_start: WatchStart,
    pub(super) bookmarks: Bookmarks,
    pub(super) timeout: Duration,
    pub(super) view: View,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            manager: String::new(),
            force: Force::No,
            persistence: Persistence::default(),
            validation: Validation::default(),
            labels: None,
            fields: None,
            limit: None,
            continue_token: None,
            version_match: VersionMatch::default(),
            watch_start: WatchStart::Everything,
            bookmarks: Bookmarks::default(),
            timeout: Duration::from_mins(30),
            view: View::default(),
        }
    }
}

/// What a request carries.
#[derive(Clone, Debug, Default)]
pub(super) enum Payload {
    #[default]
    None,
    Object(Value),
    Patch(PatchKind, Value),
}

/// One request.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) verb: Verb,
    pub(super) resource: Arc<Resource>,
    pub(super) namespace: Option<String>,
    /// Empty for collections.
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) options: Options,
    pub(super) payload: Payload,
}

impl Call {
    /// The key of the addressed object, in the order of etcd keys.
    pub(super) fn key(&self) -> String {
        key(self.namespace.as_deref(), &self.name)
    }

    /// The body of a create or replace.
    pub(super) fn object(&self) -> Result<Value, Refusal> {
        match &self.payload {
            Payload::Object(object) => Ok(object.clone()),
            _ => Err(Refusal::bad_request("the request has no body")),
        }
    }
}

/// The key of an object inside its kind.
pub(super) fn key(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(
        || name.to_owned(),
        |namespace| format!("{namespace}/{name}"),
    )
}
