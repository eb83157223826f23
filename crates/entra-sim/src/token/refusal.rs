//! Refusals of the token endpoint: numbered, and worded after the number
//! (learn.microsoft.com: "Microsoft Entra authentication and authorization error codes").

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is said of an assertion that no federated credential fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Presented {
    Issuer,
    Audience,
    Subject,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefusal {
    #[error("The request body must contain the following parameter: '{0}'.")]
    Missing(&'static str),
    #[error("Invalid request. TokenRequest is malformed or invalid.")]
    Malformed,
    #[error("The app requested an unsupported grant type '{0}'.")]
    UnsupportedGrant(String),
    #[error(
        "Tenant '{0}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud."
    )]
    UnknownTenant(String),
    #[error(
        "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
         'scope' is not valid. The scope {0} is not valid."
    )]
    ScopeMalformed(String),
    #[error(
        "The provided value for scope {0} is not valid. Client credential flows must have a scope value with \
         /.default suffixed to the resource identifier (application ID URI)."
    )]
    ScopeWithoutDefault(String),
    #[error(
        "The resource principal named {0} was not found in the tenant. This can happen if the application has not \
         been installed by the administrator of the tenant or consented to by any user in the tenant."
    )]
    UnknownResource(String),
    #[error("Application with identifier '{0}' was not found in the directory.")]
    UnknownApplication(String),
    #[error("Application '{0}' is disabled.")]
    DisabledApplication(String),
    #[error(
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
    )]
    NoCredential,
    #[error(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not \
         the client secret ID, for a secret added to app '{0}'."
    )]
    WrongSecret(String),
    #[error("The provided client secret keys for app '{0}' are expired.")]
    ExpiredSecret(String),
    #[error(
        "The certificate with identifier used to sign the client assertion is not registered on application '{0}', or \
         the signature is invalid."
    )]
    BadAssertion(String),
    #[error("Client assertion is not within its valid time range.")]
    AssertionWindow,
    #[error("No matching federated identity record found for presented assertion {0} '{1}'.")]
    NoFederatedIdentity(Presented, String),
}

impl TokenRefusal {
    /// The number and the word of OAuth.
    const fn row(&self) -> (u32, &'static str) {
        match self {
            Self::Missing(_) => (900_144, "invalid_request"),
            Self::Malformed => (9_002_313, "invalid_request"),
            Self::UnsupportedGrant(_) => (70003, "unsupported_grant_type"),
            Self::UnknownTenant(_) => (90002, "invalid_request"),
            Self::ScopeMalformed(_) => (70011, "invalid_scope"),
            Self::ScopeWithoutDefault(_) => (1_002_012, "invalid_scope"),
            Self::UnknownResource(_) => (500_011, "invalid_resource"),
            Self::UnknownApplication(_) => (700_016, "unauthorized_client"),
            Self::DisabledApplication(_) => (7_000_112, "unauthorized_client"),
            Self::NoCredential => (7_000_216, "invalid_client"),
            Self::WrongSecret(_) => (7_000_215, "invalid_client"),
            Self::ExpiredSecret(_) => (7_000_222, "invalid_client"),
            Self::BadAssertion(_) => (700_027, "invalid_client"),
            Self::AssertionWindow => (700_024, "invalid_client"),
            Self::NoFederatedIdentity(Presented::Issuer, _) => (700_211, "invalid_client"),
            Self::NoFederatedIdentity(Presented::Audience, _) => (700_212, "invalid_client"),
            Self::NoFederatedIdentity(Presented::Subject, _) => (700_213, "invalid_client"),
        }
    }

    pub(crate) const fn code(&self) -> u32 {
        self.row().0
    }

    /// Who can not prove themselves gets 401, everybody else 400.
    pub(crate) fn status(&self) -> StatusCode {
        if self.row().1 == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        }
    }

    /// The body. Clients branch on `error_codes`.
    pub(crate) fn body(&self, trace: &str, correlation: &str, at: Timestamp) -> Value {
        let timestamp = at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let (code, error) = self.row();
        json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {self} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        })
    }
}
