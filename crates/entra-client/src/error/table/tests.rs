//! Tests of the error table: one row for each answer that the service is known to give.

use super::*;

fn class(operation: OperationName, status: u16, code: &str, message: &str) -> Class {
    let codes: Vec<String> = if code.is_empty() {
        Vec::new()
    } else {
        vec![code.to_owned()]
    };
    classify(
        operation,
        StatusCode::from_u16(status).unwrap(),
        &codes,
        message,
    )
    .0
}

#[test]
fn codes_decide_before_the_status() {
    let write = OperationName::UpdatePolicy;
    for (status, code, expected) in [
        (400, "RoleAssignmentExists", Class::AlreadyExists),
        (400, "RoleAssignmentDoesNotExist", Class::AlreadyGone),
        (400, "PendingRoleAssignmentRequest", Class::PendingRequest),
        (400, "ActiveDurationTooShort", Class::TooYoung),
        (400, "SubjectNotFound", Class::SubjectNotFound),
        (404, "SubjectNotFound", Class::SubjectNotFound),
        (404, "RoleNotFound", Class::RoleNotFound),
        (404, "ResourceNotFound", Class::NotFound),
        (400, "ResourceTypeNotSupported", Class::Unsupported),
        (400, "ResourceIsLocked", Class::Locked),
        (400, "AadPremiumLicenseRequired", Class::LicenseMissing),
        (403, "AadPremiumLicenseRequired", Class::LicenseMissing),
        (400, "InvalidPolicy", Class::Invalid),
        (400, "MissingParameters", Class::Bug),
        (403, "Directory_QuotaExceeded", Class::QuotaExceeded),
        (400, "Directory_ConcurrencyViolation", Class::Conflict),
        (400, "Directory_ExpiredPageToken", Class::Expired),
        (
            403,
            "Authorization_IdentityNotFound",
            Class::CredentialInvalid,
        ),
    ] {
        assert_eq!(class(write, status, code, ""), expected, "{status} {code}");
    }
}

#[test]
fn a_resource_that_the_resource_manager_does_not_find_is_the_scope() {
    let message =
        "The Resource 'Microsoft.KeyVault/vaults/kv1' under resource group 'rg' was not found.";
    for operation in [
        OperationName::ListAzureRoleAssignments,
        OperationName::PutAzureRoleAssignment,
        OperationName::RequestAzureRoleEligibility,
    ] {
        let class = class(operation, 404, "ResourceNotFound", message);
        assert_eq!(class, Class::ScopeNotFound, "{operation:?}");
    }
}

#[test]
fn the_status_decides_where_no_code_is_known() {
    let read = OperationName::UpdateGroup;
    for (status, expected) in [
        (400, Class::Invalid),
        (401, Class::CredentialInvalid),
        (403, Class::PermissionDenied { any_of: vec![] }),
        (404, Class::NotFound),
        (405, Class::Bug),
        (408, Class::Unreachable),
        (409, Class::Conflict),
        (410, Class::Expired),
        (412, Class::Conflict),
        (413, Class::Bug),
        (422, Class::Invalid),
        (424, Class::Unreachable),
        (429, Class::Throttled),
        (500, Class::Unreachable),
        (501, Class::Unsupported),
        (504, Class::Unreachable),
        (509, Class::Unreachable),
        (302, Class::Bug),
    ] {
        assert_eq!(class(read, status, "", ""), expected, "{status}");
        assert_eq!(
            class(read, status, "UnknownError", ""),
            expected,
            "{status}"
        );
    }
}

#[test]
fn too_many_requests_is_a_throttle_whatever_the_code_says() {
    let read = OperationName::ListGroupPolicies;
    for code in ["UnknownError", "activityLimitReached", "ResourceNotFound"] {
        assert_eq!(
            class(read, 429, code, "Too Many Requests"),
            Class::Throttled
        );
    }
}

#[test]
fn texts_tell_bad_requests_of_the_directory_apart() {
    let code = "Request_BadRequest";
    for (operation, message, expected) in [
        (
            OperationName::RequestGroupAssignment,
            "The group must have at least one owner, hence this owner cannot be removed.",
            Class::LastOwner,
        ),
        (
            OperationName::RequestRoleAssignment,
            "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
            Class::NotReplicated,
        ),
        (
            OperationName::UpsertGroup,
            "Value for ArmUniqueName cannot be updated for groups assignable to role.",
            Class::Unsupported,
        ),
        (
            OperationName::RequestRoleAssignment,
            "Number of RoleAssignments are more than the maximum (100) allowed. paramName: x",
            Class::QuotaExceeded,
        ),
        (
            OperationName::CreateGroup,
            "The tenant has reached its limit: only 400 are allowed.",
            Class::QuotaExceeded,
        ),
        (
            OperationName::UpdateGroup,
            "Invalid value specified for property 'mailNickname' of resource 'Group'.",
            Class::Invalid,
        ),
    ] {
        assert_eq!(class(operation, 400, code, message), expected, "{message}");
    }
}

#[test]
fn a_policy_that_refuses_is_told_from_an_invalid_request() {
    for code in [
        "RoleAssignmentRequestPolicyValidationFailed",
        "RoleAssignmentRequestAcrsValidationFailed",
    ] {
        assert_eq!(
            class(
                OperationName::RequestGroupEligibility,
                400,
                code,
                r#"The following policy rules failed: ["ExpirationRule","JustificationRule"]"#
            ),
            Class::PolicyForbids,
            "{code}"
        );
    }
}

#[test]
fn a_request_about_what_was_just_seen_is_not_replicated_rather_than_not_found() {
    assert_eq!(
        class(
            OperationName::RequestGroupEligibility,
            404,
            "ResourceNotFound",
            ""
        ),
        Class::NotReplicated
    );
    assert_eq!(
        class(
            OperationName::RequestRoleAssignment,
            404,
            "Request_ResourceNotFound",
            ""
        ),
        Class::NotReplicated
    );
    assert_eq!(
        class(OperationName::UpdatePolicy, 404, "ResourceNotFound", ""),
        Class::NotFound
    );
}

#[test]
fn a_read_that_is_refused_says_nothing_about_a_manifest() {
    for (status, code) in [
        (400, "ArgumentNullException"),
        (400, "Request_BadRequest"),
        (400, "InvalidPolicy"),
        (422, ""),
    ] {
        let read = class(
            OperationName::ListGroupPolicies,
            status,
            code,
            "Value cannot be null.",
        );
        assert_eq!(read, Class::ReadRefused, "{status} {code}");
    }
}
