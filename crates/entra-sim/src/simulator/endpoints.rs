//! Which endpoint a path belongs to: Graph, the Resource Manager, the token endpoint, discovery.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, request};

use super::handle::{Dropped, Simulator};
use super::incoming::{host, incoming};
use super::operations::{self, wait};
use super::tokens;
use crate::behaviours::protocol::LATENCY;
use crate::error::GraphError;
use crate::protocol::Outgoing;
use crate::protocol::envelope::{self, Identity};
use crate::resource_manager;
use crate::token::{self, discovery};
use crate::version::Version;

/// Bodies beyond this are refused by the router; the service takes 4 MiB.
pub(crate) const MAXIMUM_BODY: usize = 4 * 1024 * 1024;

impl Simulator {
    /// Answers a request: token endpoint, discovery, Graph and Resource Manager, told apart by path. No socket is involved.
    pub async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Dropped> {
        answer(self, request).await
    }

    /// The same as a router, for a server of your own. A dropped connection shows as a body that breaks off.
    pub fn router(&self) -> axum::Router {
        let simulator = self.clone();
        axum::Router::new().fallback(move |request: Request<Body>| {
            let simulator = simulator.clone();
            async move { routed(&simulator, request).await }
        })
    }
}

async fn answer(
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
            operations::batch(simulator, incoming(Version::V1, &parts, &body)).await
        }
        [tenant, "oauth2", "v2.0", "token"] if parts.method == Method::POST => {
            tokens::answer(simulator, &parts, tenant, &body).await
        }
        other => service(simulator, &parts, &body, other).await,
    };
    if outgoing.lost {
        Err(Dropped)
    } else {
        Ok(rendered(outgoing))
    }
}

/// An operation of Graph or of the Resource Manager, or else a document.
async fn service(
    simulator: &Simulator,
    parts: &request::Parts,
    body: &Bytes,
    segments: &[&str],
) -> Outgoing {
    if let Some(version) = segments.first().and_then(|first| Version::of(first)) {
        simulator.lock().journal.counters.requests += 1;
        return operations::single(simulator, incoming(version, parts, body)).await;
    }
    let Some(address) = resource_manager::find(parts.uri.path()) else {
        return document(simulator, parts, segments);
    };
    simulator.lock().journal.counters.requests += 1;
    let host = host(parts);
    let prepared = resource_manager::prepare(&mut simulator.lock(), address, parts, host, body);
    operations::delayed(prepared.fault.as_ref()).await;
    resource_manager::execute(&mut simulator.lock(), prepared)
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
    let message = format!(
        "entra-sim has nothing at {} {}.",
        parts.method,
        parts.uri.path()
    );
    let error = GraphError::new(StatusCode::NOT_FOUND, "NotFound", message);
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
