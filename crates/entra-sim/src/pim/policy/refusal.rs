//! Why a policy is not changed, and how the service says it.

use std::fmt;

use http::StatusCode;

use super::rule::RuleId;
use crate::error::GraphError;

/// Why a policy is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyRefusal {
    /// A value or a combination that can not be.
    #[error("The policy is invalid.")]
    Invalid { rule: String, why: String },
    /// A body that does not have the shape of a policy.
    #[error("The request body does not match the schema of the policy: {rule}: {why}.")]
    Body { rule: String, why: String },
    /// Multi-factor authentication and an authentication context at once.
    #[error("The Mfa and Acrs policy settings cannot be enabled simultaneously.")]
    MfaAndContext,
    /// An approver without an id.
    #[error("Unrecognized Guid format.")]
    ApproverId,
    /// A rule that no policy has.
    #[error("The policy is invalid.")]
    UnknownRule(String),
    /// A rule that the service does not find any more.
    #[error("The policy rule id {0} is invalid.")]
    Lost(RuleId),
    /// A rule that bears the type of another one; the service falls over it.
    #[error("An error has occurred.")]
    OtherType,
}

impl PolicyRefusal {
    pub(super) fn invalid(rule: impl fmt::Display, why: impl Into<String>) -> Self {
        Self::Invalid {
            rule: rule.to_string(),
            why: why.into(),
        }
    }

    pub(super) fn body(rule: impl fmt::Display, why: impl Into<String>) -> Self {
        Self::Body {
            rule: rule.to_string(),
            why: why.into(),
        }
    }
}

impl From<PolicyRefusal> for GraphError {
    fn from(refusal: PolicyRefusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            PolicyRefusal::Invalid { rule, why } => {
                Self::bad_request("InvalidPolicy", message).detail("InvalidRule", &rule, &why)
            }
            PolicyRefusal::UnknownRule(name) => Self::bad_request("InvalidPolicy", message).detail(
                "InvalidRule",
                &name,
                "no policy has this rule",
            ),
            PolicyRefusal::Lost(_) => Self::bad_request("InvalidPolicy", message),
            // Seen in microsoftgraph/microsoft-graph-docs#15910: no code at all.
            PolicyRefusal::OtherType => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", message),
            PolicyRefusal::MfaAndContext => Self::bad_request("MfaAndAcrsConflict", message),
            PolicyRefusal::Body { .. } | PolicyRefusal::ApproverId => {
                Self::bad_request("BadRequest", message)
            }
        }
    }
}
