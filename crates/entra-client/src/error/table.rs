//! The one table from what the service says to what it means: code first, then the few texts that alone tell cases of
//! `Request_BadRequest` apart, then the status.
//!
//! Codes are those of learn.microsoft.com "Microsoft Graph error responses" and of the PIM API's error table; texts
//! are stable fragments of messages that clients match on (hashicorp/terraform-provider-azuread does the same).

use http::StatusCode;

use super::Class;
use crate::operation::{OperationEffect, OperationName};

/// A row's meaning; the class with content is completed from the message.
#[derive(Clone, Copy)]
enum Means {
    Plain(fn() -> Class),
    PermissionDenied,
}

use Means::{PermissionDenied, Plain};

const CODES: &[(&str, Means)] = &[
    // PIM
    ("RoleAssignmentExists", Plain(|| Class::AlreadyExists)),
    ("RoleAssignmentDoesNotExist", Plain(|| Class::AlreadyGone)),
    (
        "PendingRoleAssignmentRequest",
        Plain(|| Class::PendingRequest),
    ),
    (
        "RoleAssignmentRequestPolicyValidationFailed",
        Plain(|| Class::PolicyForbids),
    ),
    (
        "RoleAssignmentRequestAcrsValidationFailed",
        Plain(|| Class::PolicyForbids),
    ),
    ("ActiveDurationTooShort", Plain(|| Class::TooYoung)),
    ("InvalidRoleAssignmentRequest", Plain(|| Class::Invalid)),
    (
        "InvalidRoleAssignmentRequestSchedule",
        Plain(|| Class::Invalid),
    ),
    ("InvalidScope", Plain(|| Class::Invalid)),
    ("InvalidPolicy", Plain(|| Class::Invalid)),
    ("MfaAndAcrsConflict", Plain(|| Class::Invalid)),
    ("SubjectNotFound", Plain(|| Class::SubjectNotFound)),
    ("RoleNotFound", Plain(|| Class::RoleNotFound)),
    ("ResourceNotFound", Plain(|| Class::NotFound)),
    ("ResourceTypeNotSupported", Plain(|| Class::Unsupported)),
    ("ResourceIsLocked", Plain(|| Class::Locked)),
    ("AadPremiumLicenseRequired", Plain(|| Class::LicenseMissing)),
    ("PermissionScopeNotGranted", PermissionDenied),
    ("UnauthorizedAccessException", PermissionDenied),
    ("MissingParameters", Plain(|| Class::Bug)),
    ("InvalidFilter", Plain(|| Class::Bug)),
    // directory
    ("Request_ResourceNotFound", Plain(|| Class::NotFound)),
    ("Request_UnsupportedQuery", Plain(|| Class::Bug)),
    (
        "Request_MultipleObjectsWithSameKeyValue",
        Plain(|| Class::Conflict),
    ),
    ("ObjectConflict", Plain(|| Class::Conflict)),
    ("Authorization_RequestDenied", PermissionDenied),
    (
        "Authorization_IdentityNotFound",
        Plain(|| Class::CredentialInvalid),
    ),
    (
        "Authentication_ExpiredToken",
        Plain(|| Class::CredentialInvalid),
    ),
    (
        "InvalidAuthenticationToken",
        Plain(|| Class::CredentialInvalid),
    ),
    ("Directory_QuotaExceeded", Plain(|| Class::QuotaExceeded)),
    ("Directory_ConcurrencyViolation", Plain(|| Class::Conflict)),
    ("Directory_ExpiredPageToken", Plain(|| Class::Expired)),
    // learn.microsoft.com: delta-query-overview, synchronization reset
    ("syncStateNotFound", Plain(|| Class::Expired)),
    ("resyncRequired", Plain(|| Class::Expired)),
    ("Service_InternalServerError", Plain(|| Class::Unreachable)),
    ("TooManyRequests", Plain(|| Class::Throttled)),
    ("activityLimitReached", Plain(|| Class::Throttled)),
    // Azure Resource Manager (learn.microsoft.com: role-based-access-control/troubleshooting)
    ("RoleAssignmentNotFound", Plain(|| Class::AlreadyGone)),
    (
        "RoleAssignmentUpdateNotPermitted",
        Plain(|| Class::NameTaken),
    ),
    (
        "RoleAssignmentLimitExceeded",
        Plain(|| Class::QuotaExceeded),
    ),
    ("PrincipalNotFound", Plain(|| Class::SubjectNotFound)),
    ("UnmatchedPrincipalType", Plain(|| Class::SubjectNotFound)),
    ("InvalidRoleDefinitionId", Plain(|| Class::RoleNotFound)),
    ("RoleDefinitionDoesNotExist", Plain(|| Class::RoleNotFound)),
    ("SubscriptionNotFound", Plain(|| Class::ScopeNotFound)),
    ("ResourceGroupNotFound", Plain(|| Class::ScopeNotFound)),
    ("ParentResourceNotFound", Plain(|| Class::ScopeNotFound)),
    ("ManagementGroupNotFound", Plain(|| Class::ScopeNotFound)),
    ("AuthorizationFailed", PermissionDenied),
    ("LinkedAuthorizationFailed", PermissionDenied),
    ("ScopeLocked", Plain(|| Class::Locked)),
    // Azure Policy may refuse requests to PIM (learn.microsoft.com: pim-integration).
    ("RequestDisallowedByPolicy", Plain(|| Class::PolicyForbids)),
    (
        "ExpiredAuthenticationToken",
        Plain(|| Class::CredentialInvalid),
    ),
];

/// Fragments of messages under a 400, in lower case.
const TEXTS: &[(&str, Means)] = &[
    (
        "conflicting object with one or more of the specified property values",
        Plain(|| Class::AlreadyExists),
    ),
    (
        "another object with the same value for property",
        Plain(|| Class::Conflict),
    ),
    (
        "one or more added object references already exist",
        Plain(|| Class::AlreadyExists),
    ),
    // App roles (hashicorp/terraform-provider-azuread matches on the same words)
    (
        "permission being assigned already exists on the object",
        Plain(|| Class::AlreadyExists),
    ),
    (
        "permission being assigned was not found on application",
        Plain(|| Class::RoleNotFound),
    ),
    (
        "not a valid reference update",
        Plain(|| Class::NotReplicated),
    ),
    ("must have at least one owner", Plain(|| Class::LastOwner)),
    (
        "reference-property objects are not present",
        Plain(|| Class::NotReplicated),
    ),
    // microsoftgraph/msgraph-bicep-types#54: a role-assignable group takes no unique name.
    (
        "armuniquename cannot be updated",
        Plain(|| Class::Unsupported),
    ),
    (
        "on-premises mastered directory sync objects",
        Plain(|| Class::Unsupported),
    ),
    ("quota limit", Plain(|| Class::QuotaExceeded)),
    ("reached its limit", Plain(|| Class::QuotaExceeded)),
    // MicrosoftDocs/azure-docs#78171: limits of the directory store come without a code of their own.
    ("more than the maximum", Plain(|| Class::QuotaExceeded)),
    ("are allowed", Plain(|| Class::QuotaExceeded)),
    ("maximum number of", Plain(|| Class::QuotaExceeded)),
    // Intune without a licence.
    (
        "not applicable to target tenant",
        Plain(|| Class::LicenseMissing),
    ),
    ("unrecognized guid format", Plain(|| Class::Bug)),
    ("invalid object identifier", Plain(|| Class::Bug)),
];

/// The class of an answer, and the code that decided it (else the most specific code there was).
pub(super) fn classify(
    operation: OperationName,
    status: StatusCode,
    codes: &[String],
    message: &str,
) -> (Class, Option<String>) {
    let first = codes.first().cloned();
    // A throttled item of a policy batch says `UnknownError` (cisagov/ScubaGear#2157), so this status speaks first.
    if status == StatusCode::TOO_MANY_REQUESTS {
        return (Class::Throttled, first);
    }
    let known = codes
        .iter()
        .find_map(|code| lookup(code).map(|means| (means, code.clone())));
    let (class, code) = match known {
        Some((means, code)) => (complete(means, message), Some(code)),
        None => (
            by_text(status, message).unwrap_or_else(|| by_status(status)),
            first,
        ),
    };
    (for_operation(operation, class, code.as_deref()), code)
}

fn lookup(code: &str) -> Option<Means> {
    let row = CODES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(code));
    row.map(|(_, means)| *means)
}

fn complete(means: Means, message: &str) -> Class {
    match means {
        Plain(class) => class(),
        PermissionDenied => Class::PermissionDenied {
            any_of: named_permissions(message),
        },
    }
}

fn by_text(status: StatusCode, message: &str) -> Option<Class> {
    if status != StatusCode::BAD_REQUEST {
        return None;
    }
    let message = message.to_lowercase();
    let row = TEXTS
        .iter()
        .find(|(fragment, _)| message.contains(fragment))?;
    Some(complete(row.1, &message))
}

fn by_status(status: StatusCode) -> Class {
    match status.as_u16() {
        400 | 422 => Class::Invalid,
        409 | 412 => Class::Conflict,
        401 => Class::CredentialInvalid,
        403 => Class::PermissionDenied { any_of: Vec::new() },
        404 => Class::NotFound,
        410 => Class::Expired,
        501 => Class::Unsupported,
        // 424 is what an item of a batch says when another one failed; 509 is a documented relative of 429.
        408 | 424 | 500.. => Class::Unreachable,
        _ => Class::Bug,
    }
}

/// A request to PIM names only a group or principal that was just seen, so "not found" means that PIM has not learned
/// of it yet (observed: 404 for some seconds after a group was made). The resource that the Resource Manager does not find is the
/// scope (learn.microsoft.com: azure-resource-manager, troubleshooting, error-not-found); of a principal it says so itself.
fn for_operation(operation: OperationName, class: Class, code: Option<&str>) -> Class {
    match class {
        // A read carries nothing that anybody declared, so its refusal says nothing about a manifest.
        Class::Invalid
        | Class::PolicyForbids
        | Class::QuotaExceeded
        | Class::Conflict
        | Class::AlreadyExists
        | Class::TooYoung
        | Class::LastOwner
            if operation.effect() == OperationEffect::Read =>
        {
            Class::ReadRefused
        }
        // A request for the same waits for approval.
        Class::Conflict if operation.is_change_of_intune() => Class::PendingRequest,
        Class::NotFound if operation.is_of_azure() && code == Some("ResourceNotFound") => {
            Class::ScopeNotFound
        }
        Class::NotFound if operation.is_schedule_request() => Class::NotReplicated,
        class => class,
    }
}

/// The permissions that the message of `PermissionScopeNotGranted` lists.
fn named_permissions(message: &str) -> Vec<String> {
    let Some((_, list)) = message.split_once("permission scope") else {
        return Vec::new();
    };
    list.trim_start_matches('s')
        .split([',', ' '])
        .map(|name| name.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|name| name.contains('.') && name.len() < 120)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
