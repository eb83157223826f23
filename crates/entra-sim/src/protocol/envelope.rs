//! What every answer wears: request ids, the date of the tenant, the error envelope
//! (learn.microsoft.com: "Microsoft Graph error responses and resource types").

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::{GraphError, Raw};

use super::message::Outgoing;

/// The content type of JSON answers.
pub(crate) const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;\
    IEEE754Compatible=false;charset=utf-8";

/// The ids that a request and its answer share.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) request_id: String,
    pub(crate) client_request_id: String,
    pub(crate) at: Timestamp,
}

impl Identity {
    /// The header `client-request-id` is echoed; without one it equals the request id.
    pub(crate) fn new(request_id: String, headers: &HeaderMap, at: Timestamp) -> Self {
        let client_request_id = headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .unwrap_or(&request_id)
            .to_owned();
        Self {
            request_id,
            client_request_id,
            at,
        }
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("request-id", text(&self.request_id));
        headers.insert("client-request-id", text(&self.client_request_id));
        headers.insert(header::DATE, text(&http_date(self.at)));
        headers.insert(
            "x-ms-ags-diagnostic",
            HeaderValue::from_static(concat!(
                r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"0","#,
                r#""ScaleUnit":"000","RoleInstance":"entra-sim"}}"#
            )),
        );
        headers
    }
}

pub(crate) fn refusal(error: &GraphError, identity: &Identity) -> Outgoing {
    match &error.raw {
        Some(raw) => gateway(error, raw, identity),
        None => enveloped(error, identity),
    }
}

/// What a gateway sends in place of the envelope.
fn gateway(error: &GraphError, raw: &Raw, identity: &Identity) -> Outgoing {
    let mut headers = identity.headers();
    headers.extend(retry(error, identity));
    let body = (!raw.body.is_empty()).then(|| raw.body.clone());
    if body.is_some() {
        headers.insert(header::CONTENT_TYPE, text(&raw.content_type));
    }
    Outgoing {
        status: error.status,
        headers,
        body: None,
        text: body,
        lost: false,
    }
}

/// `Retry-After` of a refusal, in seconds or as a date.
pub(crate) fn retry(
    error: &GraphError,
    identity: &Identity,
) -> Option<(Option<HeaderName>, HeaderValue)> {
    let date = |wait| Some(text(&http_date(identity.at.saturating_add(wait).ok()?)));
    let value = match error.retry_after {
        Some(wait) => HeaderValue::from(seconds(wait)),
        None => error.raw.as_ref()?.retry_at.and_then(date)?,
    };
    Some((Some(header::RETRY_AFTER), value))
}

fn enveloped(error: &GraphError, identity: &Identity) -> Outgoing {
    let inner = json!({
        // No zone suffix: it means UTC.
        "date": identity.at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "request-id": identity.request_id,
        "client-request-id": identity.client_request_id,
    });
    let mut body = json!({"code": error.code, "message": error.message, "innerError": inner});
    if let Some(detail) = &error.detail {
        body["details"] = json!([detail]);
    }
    let mut headers = identity.headers();
    headers.extend(
        error
            .headers
            .iter()
            .map(|(name, value)| (Some(name.clone()), value.clone())),
    );
    headers.extend(retry(error, identity));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Outgoing {
        status: error.status,
        headers,
        body: Some(json!({"error": body})),
        text: None,
        lost: false,
    }
}

/// 200 with a body that belongs to no route.
pub(crate) fn plain(status: StatusCode, body: Value, identity: &Identity) -> Outgoing {
    let mut headers = identity.headers();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Outgoing {
        status,
        headers,
        body: Some(body),
        text: None,
        lost: false,
    }
}

/// `Sat, 21 Nov 2026 08:00:00 GMT`.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether `Content-Type` says JSON; without the header a body is not read.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let text = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let media = text.split(';').next().unwrap_or_default();
    media.trim().eq_ignore_ascii_case("application/json")
}

/// A header value; what can not stand in one becomes empty.
pub(crate) fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

/// Whole seconds, rounded up: waiting less would be refused again.
fn seconds(wait: jiff::SignedDuration) -> i64 {
    wait.as_secs() + i64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_date_of_an_error_has_no_zone_and_retry_after_is_rounded_up() {
        let at: Timestamp = "2026-11-21T08:00:00.25Z".parse().unwrap();
        let identity = Identity::new("r".to_owned(), &HeaderMap::new(), at);
        let error = GraphError::invalid("no").retry_after(SignedDuration::from_millis(1200));
        let answer = refusal(&error, &identity);
        let body = answer.body.unwrap();
        assert_eq!(body["error"]["innerError"]["date"], "2026-11-21T08:00:00");
        assert_eq!(body["error"]["innerError"]["client-request-id"], "r");
        assert_eq!(answer.headers["retry-after"], "2");
        assert_eq!(answer.headers["date"], "Sat, 21 Nov 2026 08:00:00 GMT");
    }
}
