//! How answers write what stands in several of them: moments, ids of roles, what a principal is.

use jiff::Timestamp;
use uuid::Uuid;

use super::scope::Scope;
use crate::directory::model::PrincipalKind;

/// A moment with seven digits behind the second.
pub(super) fn seven_digits(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

/// The id of a role in an answer about a scope: with the subscription, where there is one.
pub(super) fn role_id(scope: &Scope, role: Uuid) -> String {
    let before = scope
        .within_subscription()
        .map_or_else(String::new, |id| Scope::subscription(id).to_string());
    format!("{before}/providers/Microsoft.Authorization/roleDefinitions/{role}")
}

/// What a principal is.
pub(super) fn principal_type(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "User",
        PrincipalKind::Group => "Group",
        PrincipalKind::ServicePrincipal => "ServicePrincipal",
    }
}
