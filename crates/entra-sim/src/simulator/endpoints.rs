//! Which endpoint a path belongs to: Graph, the token endpoint, discovery.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header, request};

use super::operations::{self, wait};
use super::tokens;
use super::{Dropped, Simulator};
use crate::behaviours::protocol::LATENCY;
use crate::error::GraphError;
use crate::protocol::envelope::{self, Identity, is_json};
use crate::protocol::{Incoming, NotJson, Outgoing};
use crate::token::{self, discovery};

/// Bodies beyond this are refused by the router; the service takes 4 MiB.
pub(crate) const MAXIMUM_BODY: usize = 4 * 1024 * 1024;

pub(super) async fn answer(
    simulator: &Simulator,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Dropped> {
    let latency = simulator.lock().behaviours.get(&LATENCY);
    wait(latency).await;
    let (parts, body) = request.into_parts();
    let segments: Vec<&str> = parts
        .uri
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let outgoing = match segments.as_slice() {
        ["v1.0", "$batch" | "%24batch"] if parts.method == Method::POST => {
            simulator.lock().journal.counters.requests += 1;
            operations::batch(simulator, incoming(&parts, &body)).await
        }
        ["v1.0", ..] => {
            simulator.lock().journal.counters.requests += 1;
            operations::single(simulator, incoming(&parts, &body)).await
        }
        [tenant, "oauth2", "v2.0", "token"] if parts.method == Method::POST => {
            tokens::answer(simulator, &parts, tenant, &body).await
        }
        other => document(simulator, &parts, other),
    };
    if outgoing.lost {
        Err(Dropped)
    } else {
        Ok(rendered(outgoing))
    }
}

/// The request as an operation below the version.
fn incoming(parts: &request::Parts, body: &Bytes) -> Incoming {
    let host = host(parts);
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let target = target
        .trim_start_matches('/')
        .strip_prefix("v1.0")
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
        target,
        headers: parts.headers.clone(),
        body,
        base_url: format!("https://{host}/v1.0"),
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

/// Documents without side effects, and what is at no address.
fn document(simulator: &Simulator, parts: &request::Parts, segments: &[&str]) -> Outgoing {
    let mut tenant = simulator.lock();
    let identity = Identity::new(tenant.new_request_id(), &parts.headers, tenant.now());
    let origin = format!("https://{}", host(parts));
    let option = |name: &str| {
        let query = parts.uri.query().unwrap_or_default();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let known = |name: &str| tenant.goes_by(name) || matches!(name, "common" | "organizations");
    let found = match segments {
        ["metadata", "endpoints"] => {
            Some(discovery::resource_manager(&origin, &option("api-version")))
        }
        ["common", "discovery", "instance"] => Some(discovery::instance(&origin, tenant.id)),
        [name, "v2.0", ".well-known", "openid-configuration"]
        | [name, ".well-known", "openid-configuration"]
            if known(name) =>
        {
            Some(discovery::openid_configuration(&origin, name, tenant.id))
        }
        [name, "discovery", "v2.0", "keys"] | [name, "discovery", "keys"] if known(name) => {
            token::key_set()
                .ok()
                .and_then(|keys| serde_json::to_value(keys).ok())
        }
        _ => None,
    };
    if let Some(body) = found {
        return envelope::plain(StatusCode::OK, body, &identity);
    }
    let error = match segments {
        ["beta", ..] => GraphError::not_simulated("the beta version of Graph"),
        _ => GraphError::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!(
                "entra-sim has nothing at {} {}.",
                parts.method,
                parts.uri.path()
            ),
        ),
    };
    envelope::refusal(&error, &identity)
}

fn rendered(outgoing: Outgoing) -> Response<Bytes> {
    let body = outgoing
        .text
        .or_else(|| outgoing.body.map(|body| body.to_string()))
        .map(Bytes::from)
        .unwrap_or_default();
    let mut response = Response::new(body);
    *response.status_mut() = outgoing.status;
    *response.headers_mut() = outgoing.headers;
    response
}

/// A router whose every path is answered by the simulator.
pub(super) fn router(simulator: Simulator) -> axum::Router {
    axum::Router::new().fallback(move |request: Request<Body>| {
        let simulator = simulator.clone();
        async move { routed(&simulator, request).await }
    })
}

async fn routed(simulator: &Simulator, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAXIMUM_BODY).await else {
        return too_large();
    };
    match simulator.call(Request::from_parts(parts, body)).await {
        Ok(response) => response.map(Body::from),
        Err(dropped) => {
            let broken =
                futures::stream::once(
                    async move { Err::<Bytes, _>(std::io::Error::other(dropped)) },
                );
            Response::new(Body::from_stream(broken))
        }
    }
}

fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}
