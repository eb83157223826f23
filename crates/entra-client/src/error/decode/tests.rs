//! Tests of decoding: the forms in which the service refuses.

use super::*;
use crate::operation::OperationName;

fn decoded(status: u16, body: &str) -> Error {
    let operation = Operation::new(
        OperationName::UpdatePolicy,
        http::Method::PATCH,
        "/policies",
    );
    error(
        &operation,
        StatusCode::from_u16(status).unwrap(),
        &HeaderMap::new(),
        body.as_bytes(),
    )
}

#[test]
fn the_most_specific_known_code_of_nested_inner_errors_counts() {
    let error = decoded(
        400,
        r#"{"error":{"code":"BadRequest","message":"outer","innererror":{"code":"RoleAssignmentExists",
           "innerError":{"code":"somethingNew","request-id":"r-1"}}}}"#,
    );
    assert_eq!(error.class, Class::AlreadyExists);
    assert_eq!(error.code.as_deref(), Some("RoleAssignmentExists"));
    assert_eq!(error.request_id.as_deref(), Some("r-1"));
    assert_eq!(error.message, "outer");
}

#[test]
fn the_real_code_is_found_inside_a_json_string() {
    let error = decoded(
        403,
        r#"{"error":{"code":"UnknownError","message":"{\"errorCode\":\"PermissionScopeNotGranted\",\"message\":\"Authorization failed due to missing permission scope A.Read,B.ReadWrite.\",\"instanceAnnotations\":[]}"}}"#,
    );
    assert_eq!(
        error.class,
        Class::PermissionDenied {
            any_of: vec!["A.Read".into(), "B.ReadWrite".into()]
        }
    );
    assert_eq!(error.code.as_deref(), Some("PermissionScopeNotGranted"));
}

#[test]
fn older_envelopes_and_object_messages_are_read() {
    let error = decoded(
        400,
        r#"{"odata.error":{"code":"Request_BadRequest","message":{"lang":"en","value":
           "The group must have at least one owner, hence this owner cannot be removed."}}}"#,
    );
    assert_eq!(error.class, Class::LastOwner);
    let error = decoded(
        400,
        r#"{"error":{"code":"","message":{"message":"x"},"details":{"code":"ObjectConflict"}}}"#,
    );
    assert_eq!(error.class, Class::Conflict);
}

#[test]
fn a_body_that_is_no_json_leaves_the_status_to_decide() {
    for (status, body, class) in [
        (503, "<html>Service Unavailable</html>", Class::Unreachable),
        (502, "", Class::Unreachable),
        (404, "null", Class::NotFound),
        (429, "[]", Class::Throttled),
        (302, "", Class::Bug),
    ] {
        assert_eq!(decoded(status, body).class, class, "{status} {body}");
    }
}

#[test]
fn retry_after_is_seconds_or_a_date_by_the_services_clock() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "17".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::from_secs(17)));
    headers.insert("date", "Fri, 09 Jan 2026 02:02:12 GMT".parse().unwrap());
    headers.insert(
        "retry-after",
        "Fri, 09 Jan 2026 02:03:00 GMT".parse().unwrap(),
    );
    assert_eq!(retry_after(&headers), Some(Duration::from_secs(48)));
    headers.insert(
        "retry-after",
        "Fri, 09 Jan 2026 02:02:00 GMT".parse().unwrap(),
    );
    assert_eq!(retry_after(&headers), Some(Duration::ZERO));
    headers.insert("retry-after", "soon".parse().unwrap());
    assert_eq!(retry_after(&headers), None);
    for absurd in ["10000000", "1e19", "inf", "Fri, 09 Jan 2099 02:02:00 GMT"] {
        headers.insert("retry-after", absurd.parse().unwrap());
        assert_eq!(retry_after(&headers), Some(LONGEST_WAIT), "{absurd}");
    }
    headers.insert("retry-after", "-5".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::ZERO));
    headers.insert("retry-after", "NaN".parse().unwrap());
    assert_eq!(retry_after(&headers), None);
}

#[test]
fn a_server_error_leaves_open_whether_a_write_happened() {
    let write = Operation::new(OperationName::CreateGroup, http::Method::POST, "/groups");
    for (status, outcome) in [
        (500, CallOutcome::Unknown),
        (503, CallOutcome::Unknown),
        (429, CallOutcome::NotExecuted),
        (400, CallOutcome::NotExecuted),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(
            error(&write, status, &HeaderMap::new(), b"").outcome,
            outcome,
            "{status}"
        );
    }
    let read = Operation::get(OperationName::ListGroupPolicies, "/policies");
    let failed = error(
        &read,
        StatusCode::INTERNAL_SERVER_ERROR,
        &HeaderMap::new(),
        b"",
    );
    assert_eq!(failed.outcome, CallOutcome::NotExecuted);
}
