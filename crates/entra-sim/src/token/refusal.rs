//! Refusals of the token endpoint: numbered, and worded after the number
//! (learn.microsoft.com: "Microsoft Entra authentication and authorization error codes").

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    pub(crate) code: u32,
    pub(crate) message: String,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, code: u32, message: String) -> Self {
        Self {
            status,
            error,
            code,
            message,
        }
    }

    fn bad(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, code, message.into())
    }

    fn client(code: u32, message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            code,
            message.into(),
        )
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::bad(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    pub(crate) fn malformed() -> Self {
        Self::bad(
            "invalid_request",
            9_002_313,
            "Invalid request. Request is malformed or invalid.",
        )
    }

    pub(crate) fn unsupported_grant(grant: &str) -> Self {
        Self::bad(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant}'."),
        )
    }

    pub(crate) fn unknown_tenant(tenant: &str) -> Self {
        Self::bad(
            "invalid_request",
            90002,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
            ),
        )
    }

    pub(crate) fn scope_malformed(scope: &str) -> Self {
        Self::bad(
            "invalid_scope",
            70011,
            format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        )
    }

    pub(crate) fn scope_without_default(scope: &str) -> Self {
        Self::bad(
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )
    }

    pub(crate) fn unknown_resource(resource: &str) -> Self {
        Self::bad(
            "invalid_resource",
            500_011,
            format!(
                "The resource principal named {resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
            ),
        )
    }

    pub(crate) fn unknown_application(app: &str) -> Self {
        Self::bad(
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{app}' was not found in the directory."),
        )
    }

    pub(crate) fn disabled_application(app: &str) -> Self {
        Self::bad(
            "unauthorized_client",
            7_000_112,
            format!("Application '{app}' is disabled."),
        )
    }

    pub(crate) fn no_credential() -> Self {
        Self::client(
            7_000_216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    }

    pub(crate) fn wrong_secret(app: &str) -> Self {
        Self::client(
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'."
            ),
        )
    }

    pub(crate) fn expired_secret(app: &str) -> Self {
        Self::client(
            7_000_222,
            format!("The provided client secret keys for app '{app}' are expired."),
        )
    }

    pub(crate) fn bad_assertion(app: &str) -> Self {
        Self::client(
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application '{app}', or the signature is invalid."
            ),
        )
    }

    pub(crate) fn assertion_window() -> Self {
        Self::client(
            700_024,
            "Client assertion is not within its valid time range.",
        )
    }

    pub(crate) fn no_federated_identity(code: u32, what: &str, presented: &str) -> Self {
        Self::client(
            code,
            format!(
                "No matching federated identity record found for presented assertion {what} '{presented}'."
            ),
        )
    }

    /// The body. Clients branch on `error_codes`.
    pub(crate) fn body(&self, trace: &str, correlation: &str, at: Timestamp) -> Value {
        let timestamp = at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.code, self.message
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        })
    }
}
