//! An HTTP request as the operations of Graph take it.

use bytes::Bytes;
use http::{header, request};

use crate::protocol::envelope::is_json;
use crate::protocol::{Incoming, NotJson};
use crate::version::Version;

/// The request as an operation below its version.
pub(super) fn incoming(version: Version, parts: &request::Parts, body: &Bytes) -> Incoming {
    let host = host(parts);
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let target = target
        .trim_start_matches('/')
        .strip_prefix(version.segment())
        .unwrap_or_default();
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    let body = if body.is_empty() {
        Ok(None)
    } else if is_json(&parts.headers) {
        serde_json::from_slice(body).map(Some).map_err(|_| NotJson)
    } else {
        Err(NotJson)
    };
    Incoming {
        method: parts.method.clone(),
        version,
        target,
        headers: parts.headers.clone(),
        body,
        base_url: format!("https://{host}/{}", version.segment()),
        host,
        batch: None,
    }
}

pub(super) fn host(parts: &request::Parts) -> String {
    let authority = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().to_owned());
    let named = || {
        parts
            .headers
            .get(header::HOST)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    authority
        .or_else(named)
        .unwrap_or_else(|| "graph.microsoft.com".to_owned())
}
