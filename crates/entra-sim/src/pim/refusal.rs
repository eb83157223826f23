//! Why the PIM service refuses a request, in its own codes.
//!
//! The schedule engine knows these reasons and nothing of HTTP; areas that speak another dialect (Azure resources) can
//! convert them their own way. Codes: learn.microsoft.com, governanceroleassignmentrequest-post (error table), and what
//! clients match on.

use std::fmt;

use http::StatusCode;

use crate::error::GraphError;

/// A rule that a request breaks, by the name the service gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FailedRule {
    Eligibility,
    Expiration,
    Justification,
    Mfa,
    Ticketing,
}

impl fmt::Display for FailedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eligibility => "EligibilityRule",
            Self::Expiration => "ExpirationRule",
            Self::Justification => "JustificationRule",
            Self::Mfa => "MfaRule",
            Self::Ticketing => "TicketingRule",
        })
    }
}

/// A refusal of the schedule engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The Role assignment already exists.")]
    Exists,
    #[error("The Role assignment does not exist.")]
    DoesNotExist,
    #[error("There already exists a pending Role assignment request.")]
    Pending,
    #[error("The following policy rules failed: [{}]", quoted(.0))]
    Rules(Vec<FailedRule>),
    #[error(
        "&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22\
         %3A%22{0}%22%7D%7D%7D"
    )]
    AuthenticationContext(String),
    // The spelling is the service's own.
    #[error("The Active duration is too short. Miniumum Required is 5 minutes.")]
    TooYoung,
    #[error("{0}")]
    Request(String),
    #[error("{0}")]
    Schedule(String),
    #[error("The subject is not found.")]
    SubjectNotFound,
    #[error("The role is not found.")]
    RoleNotFound,
    #[error("The scope is invalid.")]
    Scope,
    #[error("The resource is not found.")]
    ResourceNotFound,
    #[error("Attempted to perform an unauthorized operation.")]
    Unauthorized,
    #[error("The group must have at least one owner, hence this owner cannot be removed.")]
    LastOwner,
}

fn quoted(rules: &[FailedRule]) -> String {
    rules
        .iter()
        .map(|rule| format!("\"{rule}\""))
        .collect::<Vec<_>>()
        .join(",")
}

impl Refusal {
    /// A request whose body can not be understood.
    pub(crate) fn request(why: impl fmt::Display) -> Self {
        Self::Request(format!("The role assignment request is invalid. {why}"))
    }

    /// A window that can not be.
    pub(crate) fn schedule(why: impl fmt::Display) -> Self {
        Self::Schedule(format!(
            "The role assignment request schedule is invalid. {why}"
        ))
    }

    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Exists => "RoleAssignmentExists",
            Self::DoesNotExist => "RoleAssignmentDoesNotExist",
            Self::Pending => "PendingRoleAssignmentRequest",
            Self::Rules(_) => "RoleAssignmentRequestPolicyValidationFailed",
            Self::AuthenticationContext(_) => "RoleAssignmentRequestAcrsValidationFailed",
            Self::TooYoung => "ActiveDurationTooShort",
            Self::Request(_) => "InvalidRoleAssignmentRequest",
            Self::Schedule(_) => "InvalidRoleAssignmentRequestSchedule",
            Self::SubjectNotFound => "SubjectNotFound",
            Self::RoleNotFound => "RoleNotFound",
            Self::Scope => "InvalidScope",
            Self::ResourceNotFound => "ResourceNotFound",
            Self::Unauthorized => "UnauthorizedAccessException",
            Self::LastOwner => "Request_BadRequest",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::ResourceNotFound => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<Refusal> for GraphError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status(), refusal.code(), refusal.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_failed_rules_stand_in_one_message_as_a_json_array() {
        let error = GraphError::from(Refusal::Rules(vec![
            FailedRule::Expiration,
            FailedRule::Justification,
        ]));
        assert_eq!(error.code, "RoleAssignmentRequestPolicyValidationFailed");
        assert_eq!(
            error.message,
            r#"The following policy rules failed: ["ExpirationRule","JustificationRule"]"#
        );
    }

    #[test]
    fn an_unknown_schedule_is_404_and_everything_else_400() {
        assert_eq!(
            GraphError::from(Refusal::ResourceNotFound).status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            GraphError::from(Refusal::SubjectNotFound).status,
            StatusCode::BAD_REQUEST
        );
    }
}
