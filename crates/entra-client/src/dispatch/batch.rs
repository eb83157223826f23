//! The wire form of `$batch` (learn.microsoft.com "Combine multiple HTTP requests using JSON batching").
//!
//! Items are independent (no `dependsOn`), their ids are their places, and their answers come in any order. The bodies
//! of answers are handed on as slices of the one answer; whoever knows the type parses them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::exchange::{CLIENT_REQUEST_ID, ExchangeAnswer};
use crate::operation::Operation;

#[derive(Serialize)]
struct Envelope<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Answers<'a> {
    #[serde(borrow)]
    responses: Vec<ItemAnswer<'a>>,
}

#[derive(Deserialize)]
struct ItemAnswer<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// Writes the operations and their request ids as one body.
pub(super) fn encode(operations: &[(&Operation, &str)]) -> Result<Bytes, serde_json::Error> {
    let requests = operations
        .iter()
        .enumerate()
        .map(|(place, (operation, id))| item(place, operation, id))
        .collect();
    serde_json::to_vec(&Envelope { requests }).map(Bytes::from)
}

fn item<'a>(place: usize, operation: &'a Operation, id: &'a str) -> Item<'a> {
    let mut headers = BTreeMap::new();
    headers.insert(CLIENT_REQUEST_ID, id);
    headers.extend(operation.service().headers.iter().copied());
    if operation.body.is_some() {
        headers.insert("Content-Type", "application/json");
    }
    for (name, value) in &operation.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(name.as_str(), value);
        }
    }
    Item {
        id: (place + 1).to_string(),
        method: operation.method.as_str(),
        url: operation.address.place.text(),
        headers,
        body: operation.body.as_deref(),
    }
}

/// Reads the answers, by place. What is missing or malformed is not in the map.
pub(super) fn decode(body: &Bytes) -> Result<BTreeMap<usize, ExchangeAnswer>, serde_json::Error> {
    let answers: Answers<'_> = serde_json::from_slice(body)?;
    let mut found = BTreeMap::new();
    for answer in answers.responses {
        let place = answer
            .id
            .parse::<usize>()
            .ok()
            .and_then(|id| id.checked_sub(1));
        let (Some(place), Ok(status)) = (place, StatusCode::from_u16(answer.status)) else {
            continue;
        };
        found.insert(
            place,
            ExchangeAnswer {
                status,
                headers: headers(answer.headers.unwrap_or_default()),
                body: answer
                    .body
                    .filter(|raw| raw.get() != "null")
                    .map_or_else(Bytes::new, |raw| body.slice_ref(raw.get().as_bytes())),
            },
        );
    }
    Ok(found)
}

fn headers(texts: BTreeMap<String, serde_json::Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in texts {
        let text = match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(text.as_str()),
        ) {
            headers.insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationName;

    #[test]
    fn items_carry_relative_urls_and_their_own_headers() {
        let read = Operation::get(OperationName::ListGroups, "/groups?$top=1");
        let write = Operation::new(OperationName::UpsertGroup, http::Method::PATCH, "/groups/x")
            .header(
                HeaderName::from_static("prefer"),
                HeaderValue::from_static("create-if-missing"),
            )
            .json(&serde_json::json!({"displayName": "n"}))
            .unwrap();
        let body = encode(&[(&read, "r-1"), (&write, "r-2")]).unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body).unwrap(),
            serde_json::json!({"requests": [
                {"id": "1", "method": "GET", "url": "/groups?$top=1",
                 "headers": {"client-request-id": "r-1", "x-ms-throttle-priority": "Low"}},
                {"id": "2", "method": "PATCH", "url": "/groups/x", "body": {"displayName": "n"},
                 "headers": {"client-request-id": "r-2", "x-ms-throttle-priority": "Low",
                             "prefer": "create-if-missing", "Content-Type": "application/json"}}
            ]})
        );
    }

    #[test]
    fn answers_are_found_by_id_whatever_their_order() {
        let body = Bytes::from_static(
            br#"{"responses":[{"id":"2","status":204},{"id":"1","status":429,"headers":{"Retry-After":"3","x":null},
                "body":{"error":{"code":"UnknownError"}}},{"id":"x","status":200}]}"#,
        );
        let answers = decode(&body).unwrap();
        assert_eq!(answers.len(), 2);
        assert!(answers[&0].is_throttle());
        assert_eq!(answers[&0].headers["retry-after"], "3");
        assert_eq!(answers[&0].body, r#"{"error":{"code":"UnknownError"}}"#);
        assert!(answers[&1].body.is_empty());
    }
}
