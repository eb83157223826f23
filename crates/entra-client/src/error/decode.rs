//! Finds the code, the message and the class in an answer that is no success.
//!
//! Forms that occur: the envelope of Graph with nested `innerError` (also spelled `innererror`); `UnknownError` whose
//! message is a JSON text with the real code in `errorCode` (observed on PIM endpoints for missing permissions); the
//! older `odata.error`; a message that is an object; `details` as a list or as an object; HTML or nothing at all from
//! gateways. None of it may make decoding fail.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{CallOutcome, Class, Error, table};
use crate::clock::parse_http_date;
use crate::operation::{Operation, OperationEffect};

/// What names a request that waits for a second administrator (learn.microsoft.com: "Use Access policies to require multiple
/// administrative approvals").
pub(crate) const APPROVAL_CODE: &str = "x-msft-approval-code";

/// How deep `innerError` is followed.
const DEPTH: usize = 5;

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
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
    let class = match header(headers, APPROVAL_CODE) {
        Some(code) if status == StatusCode::PRECONDITION_FAILED => Class::PendingApproval { code },
        _ => class,
    };
    let lost = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
    let outcome = match (operation.effect(), lost && class == Class::Unreachable) {
        (OperationEffect::Write, true) => CallOutcome::Unknown,
        _ => CallOutcome::NotExecuted,
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
pub(crate) fn read(body: &[u8]) -> ErrorBody {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return ErrorBody::default();
    };
    let envelope = value
        .get("error")
        .or_else(|| value.get("odata.error"))
        .unwrap_or(&value);
    let mut said = ErrorBody::default();
    collect(envelope, &mut said, DEPTH);
    said.codes.reverse();
    said
}

fn collect(level: &Value, said: &mut ErrorBody, depth: usize) {
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

fn collect_nested(inner: &Value, said: &mut ErrorBody) {
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
mod tests;
