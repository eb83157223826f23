//! Finds the code, the message and the class in an answer that is no success.
//!
//! Forms that occur: the envelope of Graph with nested `innerError` (also spelled `innererror`); `UnknownError` whose
//! message is a JSON text with the real code in `errorCode` (observed on PIM endpoints for missing permissions); the
//! older `odata.error`; a message that is an object; `details` as a list or as an object; HTML or nothing at all from
//! gateways. None of it may make decoding fail.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{Class, Error, Outcome, table};
use crate::clock::parse_http_date;
use crate::operation::{Effect, Operation};

/// How deep `innerError` is followed.
const DEPTH: usize = 5;

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// Codes, the most specific first.
    pub(crate) codes: Vec<String>,
    /// The most telling message.
    pub(crate) message: String,
    /// `innerError.request-id`.
    pub(crate) request_id: Option<String>,
}

/// Turns an answer that is no success into an error.
pub(crate) fn error(
    operation: &Operation,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Error {
    let said = read(body);
    let (class, code) = table::classify(operation.name(), status, &said.codes, &said.message);
    let lost = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    let outcome = match (operation.effect(), lost && class == Class::Unreachable) {
        (Effect::Write, true) => Outcome::Unknown,
        _ => Outcome::NotExecuted,
    };
    let mut error = operation.failure(class).saying(&said.message);
    let fields = error.fields_mut();
    fields.status = Some(status);
    fields.code = code.map(|code| super::sanitize(&code, 80));
    fields.request_id = header(headers, "request-id").or(said.request_id);
    fields.retry_after = retry_after(headers);
    fields.outcome = outcome;
    error
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(super::sanitize(text, 64))
}

/// The longest wait that is believed: whatever the service or something before it says, the lane is tried again then.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// `Retry-After`, in seconds or as a date. A date is measured against the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let longest = LONGEST_WAIT.as_secs_f64();
        return (!seconds.is_nan()).then(|| Duration::from_secs_f64(seconds.clamp(0.0, longest)));
    }
    let at = parse_http_date(text)?;
    let now = headers
        .get(http::header::DATE)
        .and_then(|value| value.to_str().ok())
        .and_then(parse_http_date)
        .unwrap_or_else(jiff::Timestamp::now);
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO);
    Some(wait.min(LONGEST_WAIT))
}

/// Reads an error body of any form.
pub(crate) fn read(body: &[u8]) -> Body {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Body::default();
    };
    let envelope = value
        .get("error")
        .or_else(|| value.get("odata.error"))
        .unwrap_or(&value);
    let mut said = Body::default();
    collect(envelope, &mut said, DEPTH);
    said.codes.reverse();
    said
}

fn collect(level: &Value, said: &mut Body, depth: usize) {
    if let Some(code) = level.get("code").and_then(Value::as_str)
        && !code.is_empty()
    {
        said.codes.push(code.to_owned());
    }
    if let Some(message) = level.get("message").and_then(text_of)
        && !message.is_empty()
    {
        match nested(&message) {
            Some(inner) => collect_nested(&inner, said),
            None if said.message.is_empty() => said.message = message,
            None => {}
        }
    }
    if let Some(id) = level.get("request-id").and_then(Value::as_str) {
        said.request_id = Some(super::sanitize(id, 64));
    }
    for detail in details(level) {
        if let Some(code) = detail.get("code").and_then(Value::as_str) {
            said.codes.push(code.to_owned());
        }
    }
    let inner = level.get("innerError").or_else(|| level.get("innererror"));
    if let Some(inner) = inner
        && depth > 0
    {
        collect(inner, said, depth - 1);
    }
}

/// A message that is itself a JSON object, as PIM sends it under `UnknownError`.
fn nested(message: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(message.trim()).ok()?;
    value.get("errorCode").is_some().then_some(value)
}

fn collect_nested(inner: &Value, said: &mut Body) {
    if let Some(code) = inner.get("errorCode").and_then(Value::as_str) {
        said.codes.push(code.to_owned());
    }
    if let Some(message) = inner.get("message").and_then(text_of) {
        said.message = message;
    }
}

fn text_of(message: &Value) -> Option<String> {
    let text = match message {
        Value::String(text) => text.as_str(),
        Value::Object(parts) => parts
            .get("value")
            .or_else(|| parts.get("message"))
            .and_then(Value::as_str)?,
        _ => return None,
    };
    Some(text.to_owned())
}

fn details(level: &Value) -> Vec<&Value> {
    match level.get("details") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationName;

    fn decoded(status: u16, body: &str) -> Error {
        let operation = Operation::new(
            OperationName::UpdatePolicy,
            http::Method::PATCH,
            "/policies".into(),
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
        let write = Operation::new(
            OperationName::CreateGroup,
            http::Method::POST,
            "/groups".into(),
        );
        for (status, outcome) in [
            (500, Outcome::Unknown),
            (503, Outcome::Unknown),
            (429, Outcome::NotExecuted),
            (400, Outcome::NotExecuted),
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
        assert_eq!(failed.outcome, Outcome::NotExecuted);
    }
}
