//! What a handler answers when it refuses.
//!
//! Handlers know codes and messages; the envelope with request id and date is made at the edge (`protocol::envelope`).
//! Codes and texts follow learn.microsoft.com: "Microsoft Graph error responses", and where noted what clients report.

use http::{HeaderName, HeaderValue, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::permission::Permissions;

/// A refusal in the words of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphError {
    /// HTTP status of the answer.
    pub status: StatusCode,
    /// `error.code`.
    pub code: String,
    /// `error.message`.
    pub message: String,
    /// The one entry of `error.details`.
    pub detail: Option<Box<Value>>,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<SignedDuration>,
    /// What is sent in place of the envelope.
    pub raw: Option<Box<Raw>>,
    /// Other headers of the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// A body that is not in the form of the service, as gateways send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// `Content-Type`, when there is a body.
    pub content_type: String,
    /// The body; empty = none.
    pub body: String,
    /// The header `Retry-After`, as a date this much later than the answer.
    pub retry_at: Option<SignedDuration>,
}

/// The code for a missing application permission outside the directory.
const SCOPE_NOT_GRANTED: &str = "PermissionScopeNotGranted";

impl GraphError {
    /// Makes a refusal of any status and code.
    pub fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            detail: None,
            retry_after: None,
            raw: None,
            headers: Vec::new(),
        }
    }

    /// 400 with a code of its own.
    pub fn bad_request(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 `Request_BadRequest`, the directory's word for most refusals.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::bad_request("Request_BadRequest", message)
    }

    /// 400 `Request_UnsupportedQuery`.
    pub fn unsupported_query(message: impl Into<String>) -> Self {
        Self::bad_request("Request_UnsupportedQuery", message)
    }

    /// 404 of the directory for an id that does not exist or is not replicated yet.
    pub fn not_found(id: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// 404 of the PIM service.
    pub fn pim_not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    /// The 403 with which the directory refuses a missing permission.
    pub fn denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// 403 of the PIM and policy services.
    pub(crate) fn permission_scope_not_granted(acceptable: Permissions) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            SCOPE_NOT_GRANTED,
            format!(
                "Authorization failed due to missing permission scope {}.",
                acceptable.concat().join(",")
            ),
        )
    }

    /// The same under `UnknownError`, with the real code inside a JSON string; other refusals stay what they are.
    #[must_use]
    pub fn wrapped_if_scope_not_granted(mut self) -> Self {
        if self.code == SCOPE_NOT_GRANTED {
            let inner = json!({
                "errorCode": self.code, "message": self.message, "instanceAnnotations": [],
            });
            self.message = inner.to_string();
            "UnknownError".clone_into(&mut self.code);
        }
        self
    }

    /// 403 of the gateways in front of the other services (Conditional Access, audit log, Intune).
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDenied", message)
    }

    /// 401 of the gateway for a missing, expired or foreign token.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        let mut error = Self::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        );
        error.headers.push((
            http::header::WWW_AUTHENTICATE,
            HeaderValue::from_static(
                "Bearer realm=\"\", \
                 authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
            ),
        ));
        error
    }

    /// 501: a part of the service that the simulator does not have. It says so instead of making an answer up.
    pub fn not_simulated(what: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            format!("entra-sim does not simulate {what}."),
        )
    }

    /// Adds `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, wait: SignedDuration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds the entry of `error.details`.
    #[must_use]
    pub fn detail(mut self, code: &str, target: &str, message: &str) -> Self {
        self.detail = Some(Box::new(
            json!({"code": code, "target": target, "message": message}),
        ));
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_said_plainly_or_inside_a_json_string() {
        let plain = GraphError::permission_scope_not_granted(&[&["A.Read"], &["A.ReadWrite"]]);
        assert_eq!(plain.code, "PermissionScopeNotGranted");
        let error = plain.clone().wrapped_if_scope_not_granted();
        assert_eq!(
            (error.status.as_u16(), error.code.as_str()),
            (403, "UnknownError")
        );
        let inner: Value = serde_json::from_str(&error.message).unwrap();
        assert_eq!(inner["errorCode"], "PermissionScopeNotGranted");
        assert_eq!(inner["message"], plain.message);
        assert!(plain.message.contains("A.Read,A.ReadWrite"));
        let other = GraphError::denied();
        assert_eq!(other.clone().wrapped_if_scope_not_granted(), other);
    }
}
