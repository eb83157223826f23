//! `$batch`: up to twenty operations in one request (learn.microsoft.com: "Combine multiple HTTP requests using JSON
//! batching").
//!
//! This module reads the envelope and writes it; the operations run where all others do.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::error::GraphError;
use crate::pim::session::AUTHENTICATION;

use super::envelope::is_json;
use super::message::{Incoming, NotJson, Outgoing};

#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) depends_on: Vec<String>,
    pub(crate) incoming: Incoming,
}

const MAXIMUM: usize = 20;

/// Reads an envelope. `outer` is the request that carried it.
pub(crate) fn read(outer: &Incoming) -> Result<Vec<Item>, GraphError> {
    let body = outer
        .body
        .as_ref()
        .map_err(|NotJson| invalid("Invalid batch payload format."))?;
    let requests = body
        .as_ref()
        .and_then(|body| body.get("requests"))
        .and_then(Value::as_array)
        .ok_or_else(|| invalid("Invalid batch payload format."))?;
    if requests.len() > MAXIMUM {
        return Err(invalid(format!(
            "Number of batch request steps exceeds the maximum value of {MAXIMUM}."
        )));
    }
    let items: Vec<Item> = requests
        .iter()
        .map(|request| item(outer, request))
        .collect::<Result<_, _>>()?;
    check_ids(&items)?;
    Ok(items)
}

fn invalid(message: impl Into<String>) -> GraphError {
    GraphError::bad_request("BadRequest", message)
}

fn item(outer: &Incoming, request: &Value) -> Result<Item, GraphError> {
    let field = |name: &str| request.get(name).and_then(Value::as_str);
    let lacks = |what: &str| invalid(format!("Invalid batch payload format: {what}."));
    let id = field("id").ok_or_else(|| lacks("a request has no id"))?;
    let method = field("method")
        .and_then(|method| Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok())
        .ok_or_else(|| lacks(&format!("request '{id}' has no method")))?;
    let url = field("url").ok_or_else(|| lacks(&format!("request '{id}' has no url")))?;
    if is_absolute(url) || url.trim_start_matches('/').starts_with("$batch") {
        return Err(invalid(format!(
            "The url of request '{id}' must be relative and no batch."
        )));
    }
    let headers = headers(outer, request).ok_or_else(|| {
        lacks(&format!(
            "the headers of request '{id}' are no texts by name"
        ))
    })?;
    let depends_on = depends_on(request)
        .ok_or_else(|| lacks(&format!("dependsOn of request '{id}' is no list of ids")))?;
    let body = request.get("body").filter(|body| !body.is_null()).cloned();
    if body.is_some() && !headers.contains_key(http::header::CONTENT_TYPE) {
        return Err(invalid(format!(
            "Write request id : {id} does not contain Content-Type header or body."
        )));
    }
    Ok(Item {
        id: id.to_owned(),
        depends_on,
        incoming: Incoming {
            method,
            version: outer.version,
            target: format!("/{}", url.trim_start_matches('/')),
            headers,
            body: Ok(body),
            base_url: outer.base_url.clone(),
            host: outer.host.clone(),
            batch: None,
        },
    })
}

/// Whether a scheme stands before the path; a value of the query may hold an address.
fn is_absolute(url: &str) -> bool {
    let head = url.split(['/', '?']).next().unwrap_or_default();
    head.ends_with(':') && url[head.len()..].starts_with("//")
}

/// The ids to wait for; `None` when it is no list of them.
fn depends_on(request: &Value) -> Option<Vec<String>> {
    match request.get("dependsOn") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => list
            .as_array()?
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect(),
    }
}

/// Headers of the item, `None` when they are malformed; who calls is said by the envelope alone.
fn headers(outer: &Incoming, request: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let given = match request.get("headers") {
        None | Some(Value::Null) => None,
        Some(given) => Some(given.as_object()?),
    };
    for (name, value) in given.into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.as_str()?).ok()?);
    }
    for name in [
        "authorization",
        super::authenticate::SIGNED_IN_USER,
        AUTHENTICATION,
    ] {
        headers.remove(name);
        if let Some(value) = outer.headers.get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    Some(headers)
}

/// Ids are unique whatever their case; dependencies exist and do not wait for each other.
fn check_ids(items: &[Item]) -> Result<(), GraphError> {
    let mut ids = BTreeSet::new();
    for item in items {
        if !ids.insert(item.id.to_ascii_lowercase()) {
            return Err(invalid(format!(
                "Request Id {} has to be unique in a batch.",
                item.id
            )));
        }
    }
    let mut waiting: Vec<&Item> = items.iter().collect();
    let mut ready = BTreeSet::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|item| {
            let free = item
                .depends_on
                .iter()
                .all(|id| ready.contains(&id.to_ascii_lowercase()));
            if free {
                ready.insert(item.id.to_ascii_lowercase());
            }
            !free
        });
        if waiting.len() == before {
            let names: Vec<&str> = waiting.iter().map(|item| item.id.as_str()).collect();
            return Err(invalid(format!(
                "Invalid dependsOn: requests {} wait for requests that do not exist or wait for them.",
                names.join(", ")
            )));
        }
    }
    Ok(())
}

/// The answer to an item whose dependency failed.
pub(crate) fn dependency_failed(id: &str) -> Value {
    json!({
        "id": id, "status": StatusCode::FAILED_DEPENDENCY.as_u16(), "headers": {"Content-Type": "application/json"},
        "body": {"error": {"code": "FailedDependency", "message": "A request that this one depends on has failed."}},
    })
}

pub(crate) fn response(id: &str, outgoing: &Outgoing) -> Value {
    let mut headers = Map::new();
    for (name, value) in &outgoing.headers {
        if *name != http::header::DATE
            && let Ok(value) = value.to_str()
        {
            headers.insert(spelled(name.as_str()), json!(value));
        }
    }
    let mut response = json!({"id": id, "status": outgoing.status.as_u16(), "headers": headers});
    let raw = outgoing.text.as_ref().map(|text| embedded(outgoing, text));
    if let Some(body) = raw.or_else(|| outgoing.body.clone()) {
        response["body"] = body;
    }
    response
}

/// A body that stands in the envelope: JSON as it is, everything else as base64.
fn embedded(outgoing: &Outgoing, text: &str) -> Value {
    let parsed = if is_json(&outgoing.headers) {
        serde_json::from_str(text).ok()
    } else {
        None
    };
    parsed.unwrap_or_else(|| Value::String(STANDARD.encode(text)))
}

/// Header names in a batch are text: the service writes these with capitals.
fn spelled(name: &str) -> String {
    match name {
        "content-type" => "Content-Type".to_owned(),
        "retry-after" => "Retry-After".to_owned(),
        "location" => "Location".to_owned(),
        "odata-version" => "OData-Version".to_owned(),
        other => other.to_owned(),
    }
}
