//! Errors as the API server words them: a `Status` with code, reason, details and causes.
//!
//! Clients decide by code and reason, so these follow `pkg.go.dev: k8s.io/apimachinery/pkg/api/errors`;
//! messages are close but not promised.

use std::fmt;

use kube::core::response::{Status, StatusCause, StatusDetails};
use serde_json::{Value, json};

use super::problem::Problem;
use super::resources::Resource;

/// An answer that says no.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(Box<Status>);

impl Refusal {
    fn new(code: u16, reason: &str, message: impl AsRef<str>) -> Self {
        Refusal(
            Status::failure(message.as_ref(), reason)
                .with_code(code)
                .boxed(),
        )
    }

    fn about(self, group: &str, kind: &str, name: &str, causes: Vec<StatusCause>) -> Self {
        let details = StatusDetails {
            name: name.to_owned(),
            group: group.to_owned(),
            kind: kind.to_owned(),
            uid: String::new(),
            causes,
            retry_after_seconds: 0,
        };
        Refusal(self.0.with_details(details).boxed())
    }

    /// Any other error.
    pub fn other(code: u16, reason: &str, message: impl AsRef<str>) -> Self {
        Refusal::new(code, reason, message)
    }

    /// 403, as RBAC or admission answers.
    pub fn forbidden(message: impl AsRef<str>) -> Self {
        Refusal::new(403, "Forbidden", message)
    }

    /// 429 with the seconds to wait.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        let mut refusal = Refusal::new(
            429,
            "TooManyRequests",
            "the server has received too many requests",
        )
        .about("", "", "", vec![]);
        if let Some(details) = &mut refusal.0.details {
            details.retry_after_seconds = retry_after_seconds;
        }
        refusal
    }

    /// 500, as a failing storage answers.
    pub fn internal(message: impl AsRef<str>) -> Self {
        Refusal::new(500, "InternalError", message)
    }

    /// 503, as a restarting server answers.
    pub fn unavailable() -> Self {
        Refusal::new(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        )
    }

    /// 409 by another writer, as any request with a resource version may meet.
    pub fn outdated(group: &str, plural: &str, name: &str) -> Self {
        let cause = "the object has been modified; please apply your changes to the latest version and try again";
        Refusal::conflict_in(group, plural, name, cause)
    }

    /// The `Status` object that is sent.
    pub fn status(&self) -> &Status {
        &self.0
    }

    /// The body that is sent.
    pub(super) fn body(&self) -> Value {
        let mut body = serde_json::to_value(&self.0).unwrap_or_default();
        if let Value::Object(fields) = &mut body {
            fields.insert("kind".to_owned(), json!("Status"));
            fields.insert("apiVersion".to_owned(), json!("v1"));
            fields.entry("metadata").or_insert_with(|| json!({}));
        }
        body
    }

    pub(super) fn unknown_path() -> Self {
        Refusal::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
        .about("", "", "", vec![])
    }

    pub(super) fn not_found(resource: &Resource, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", resource.qualified_plural());
        Refusal::new(404, "NotFound", message).about(
            &resource.group,
            &resource.plural,
            name,
            vec![],
        )
    }

    pub(super) fn namespace_not_found(name: &str) -> Self {
        Refusal::new(404, "NotFound", format!("namespaces \"{name}\" not found")).about(
            "",
            "namespaces",
            name,
            vec![],
        )
    }

    pub(super) fn namespace_terminating(resource: &Resource, name: &str, namespace: &str) -> Self {
        let message = format!(
            "{} \"{name}\" is forbidden: unable to create new content in namespace {namespace} because it is being terminated",
            resource.qualified_plural()
        );
        let cause = StatusCause {
            reason: "NamespaceTerminating".to_owned(),
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        };
        Refusal::forbidden(message).about(&resource.group, &resource.plural, name, vec![cause])
    }

    pub(super) fn already_exists(resource: &Resource, name: &str, being_deleted: bool) -> Self {
        let prefix = if being_deleted {
            "object is being deleted: "
        } else {
            ""
        };
        let message = format!(
            "{prefix}{} \"{name}\" already exists",
            resource.qualified_plural()
        );
        Refusal::new(409, "AlreadyExists", message).about(
            &resource.group,
            &resource.plural,
            name,
            vec![],
        )
    }

    pub(super) fn unknown_subresource(resource: &Resource, name: &str) -> Self {
        let message = "the server could not find the requested resource";
        Refusal::new(404, "NotFound", message).about(
            &resource.group,
            &resource.plural,
            name,
            vec![],
        )
    }

    /// A broken precondition of a deletion; its details name the kind where others name the plural.
    pub(super) fn precondition_failed(resource: &Resource, name: &str, cause: &str) -> Self {
        Refusal::conflict_in(&resource.group, &resource.kind, name, cause)
    }

    pub(super) fn conflict(resource: &Resource, name: &str, cause: &str) -> Self {
        Refusal::conflict_in(&resource.group, &resource.plural, name, cause)
    }

    fn conflict_in(group: &str, plural: &str, name: &str, cause: &str) -> Self {
        let place = if group.is_empty() {
            plural.to_owned()
        } else {
            format!("{plural}.{group}")
        };
        Refusal::new(
            409,
            "Conflict",
            format!("Operation cannot be fulfilled on {place} \"{name}\": {cause}"),
        )
        .about(group, plural, name, vec![])
    }

    pub(super) fn apply_conflict(causes: Vec<StatusCause>) -> Self {
        let list: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.message, cause.field))
            .collect();
        let noun = if causes.len() == 1 {
            "conflict"
        } else {
            "conflicts"
        };
        let message = format!(
            "Apply failed with {} {noun}: {}",
            causes.len(),
            list.join("\n")
        );
        Refusal::new(409, "Conflict", message).about("", "", "", causes)
    }

    pub(super) fn bad_request(message: impl AsRef<str>) -> Self {
        Refusal::new(400, "BadRequest", message)
    }

    pub(super) fn method_not_allowed() -> Self {
        Refusal::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .about("", "", "", vec![])
    }

    pub(super) fn unsupported_media_type(accepted: &str) -> Self {
        Refusal::new(
            415,
            "UnsupportedMediaType",
            format!(
                "the body of the request was in an unknown format - accepted media types include: {accepted}"
            ),
        )
    }

    /// The answer to a JSON patch that does not apply: it names no kind and has no causes.
    pub(super) fn patch_failed() -> Self {
        Refusal::new(
            422,
            "Invalid",
            "the server rejected our request due to an error in our request",
        )
        .about("", "", "", vec![])
    }

    pub(super) fn expired(message: &str) -> Self {
        Refusal::new(410, "Expired", message)
    }

    /// An error that the API server does not classify: code 500 without a reason.
    pub(super) fn unclassified(message: impl AsRef<str>) -> Self {
        Refusal::new(500, "", message)
    }

    pub(super) fn invalid(resource: &Resource, name: &str, problems: &[Problem]) -> Self {
        Refusal::invalid_in(resource.group_in_problems(), &resource.kind, name, problems)
    }

    pub(super) fn invalid_in(group: &str, kind: &str, name: &str, problems: &[Problem]) -> Self {
        let place = if group.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{group}")
        };
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.body()))
            .collect();
        let list = if lines.len() == 1 {
            lines.concat()
        } else {
            format!("[{}]", lines.join(", "))
        };
        let causes = problems.iter().map(Problem::cause).collect();
        Refusal::new(
            422,
            "Invalid",
            format!("{place} \"{name}\" is invalid: {list}"),
        )
        .about(group, kind, name, causes)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({} {})",
            self.0.message, self.0.code, self.0.reason
        )
    }
}

impl std::error::Error for Refusal {}
