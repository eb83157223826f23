//! Errors as the API server words them: a `Status` with code, reason, details and causes.
//!
//! Clients decide by code and reason, so these follow `pkg.go.dev: k8s.io/apimachinery/pkg/api/errors`;
//! messages are close but not promised.

use std::fmt;

use kube::core::response::{Status, StatusCause, StatusDetails};
use serde_json::{Value, json};

use super::problem::Problem;

/// An answer that says no.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal(Box<Status>);

/// What an error is about. The kind is the plural for most errors.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) group: &'a str,
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
}

impl Subject<'_> {
    /// An error about a path or a patch, not about an object.
    const NOTHING: Subject<'static> = Subject {
        group: "",
        kind: "",
        name: "",
    };
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.group.is_empty() { "" } else { "." };
        write!(
            formatter,
            "{}{dot}{} \"{}\"",
            self.kind, self.group, self.name
        )
    }
}

impl Refusal {
    fn new(code: u16, reason: &str, message: impl AsRef<str>) -> Self {
        let status = Status::failure(message.as_ref(), reason);
        Refusal(status.with_code(code).boxed())
    }

    fn about(self, subject: Subject<'_>, causes: Vec<StatusCause>) -> Self {
        let details = StatusDetails {
            name: subject.name.to_owned(),
            group: subject.group.to_owned(),
            kind: subject.kind.to_owned(),
            uid: String::new(),
            causes,
            retry_after_seconds: 0,
        };
        Refusal(self.0.with_details(details).boxed())
    }

    /// 403, as RBAC or admission answers.
    pub fn forbidden(message: impl AsRef<str>) -> Self {
        Refusal::new(403, "Forbidden", message)
    }

    pub(super) fn code(&self) -> u16 {
        self.0.code
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

    pub(super) fn internal(message: impl AsRef<str>) -> Self {
        Refusal::new(500, "InternalError", message)
    }

    pub(super) fn bad_request(message: impl AsRef<str>) -> Self {
        Refusal::new(400, "BadRequest", message)
    }

    /// An error that the API server does not classify: code 500 without a reason.
    pub(super) fn unclassified(message: impl AsRef<str>) -> Self {
        Refusal::new(500, "", message)
    }

    pub(super) fn unknown_path() -> Self {
        Refusal::unknown_subresource(Subject::NOTHING)
    }

    pub(super) fn unknown_subresource(subject: Subject<'_>) -> Self {
        let message = "the server could not find the requested resource";
        Refusal::new(404, "NotFound", message).about(subject, vec![])
    }

    pub(super) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Refusal::new(405, "MethodNotAllowed", message).about(Subject::NOTHING, vec![])
    }

    pub(super) fn not_acceptable() -> Self {
        let message = "only single objects can be shown by their metadata alone";
        Refusal::new(406, "NotAcceptable", message)
    }

    pub(super) fn unsupported_media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Refusal::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn not_found(subject: Subject<'_>) -> Self {
        Refusal::new(404, "NotFound", format!("{subject} not found")).about(subject, vec![])
    }

    pub(super) fn already_exists(subject: Subject<'_>, being_deleted: bool) -> Self {
        let prefix = if being_deleted {
            "object is being deleted: "
        } else {
            ""
        };
        let message = format!("{prefix}{subject} already exists");
        Refusal::new(409, "AlreadyExists", message).about(subject, vec![])
    }

    pub(super) fn conflict(subject: Subject<'_>, cause: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {subject}: {cause}");
        Refusal::new(409, "Conflict", message).about(subject, vec![])
    }

    pub(super) fn apply_conflict(causes: Vec<StatusCause>) -> Self {
        let list: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.message, cause.field))
            .collect();
        let message = format!(
            "Apply failed with {} conflict(s): {}",
            causes.len(),
            list.join("\n")
        );
        Refusal::new(409, "Conflict", message).about(Subject::NOTHING, causes)
    }

    /// The answer to a JSON patch that does not apply: it names no kind and has no causes.
    pub(super) fn patch_failed() -> Self {
        let message = "the server rejected our request due to an error in our request";
        Refusal::new(422, "Invalid", message).about(Subject::NOTHING, vec![])
    }

    pub(super) fn invalid(subject: Subject<'_>, problems: &[Problem]) -> Self {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.body()))
            .collect();
        let causes = problems.iter().map(Problem::cause).collect();
        let message = format!("{subject} is invalid: [{}]", lines.join(", "));
        Refusal::new(422, "Invalid", message).about(subject, causes)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status {
            message,
            code,
            reason,
            ..
        } = &*self.0;
        write!(formatter, "{message} ({code} {reason})")
    }
}

impl std::error::Error for Refusal {}
