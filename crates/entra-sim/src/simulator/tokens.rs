//! The token endpoint as a request meets it: scripted faults, identity, journal.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header, request};
use serde_json::{Value, json};

use super::handle::Simulator;
use super::incoming::host;
use super::operations::{delayed, note};
use crate::error::GraphError;
use crate::faults::{FaultDecision, Traffic};
use crate::protocol::Outgoing;
use crate::protocol::envelope::{self, Identity};
use crate::state::Tenant;
use crate::token;

pub(super) async fn answer(
    simulator: &Simulator,
    parts: &request::Parts,
    name: &str,
    body: &Bytes,
) -> Outgoing {
    let path = parts.uri.path();
    let fault = simulator
        .lock()
        .faults
        .decide("token", Traffic::Reads, "POST", path);
    delayed(fault.as_ref()).await;
    let mut tenant = simulator.lock();
    tenant.catch_up();
    tenant.journal.counters.tokens += 1;
    let identity = Identity::new(tenant.new_request_id(), &parts.headers, tenant.now());
    let request = token::TokenRequest {
        tenant: name,
        headers: &parts.headers,
        body,
        host: &host(parts),
    };
    let (mut outgoing, code) = match fault.as_ref().map_or(Ok(()), FaultDecision::refusal) {
        Err(error) => (struck(&error, &identity), Some(error.code)),
        Ok(()) => judged(&mut tenant, &request, &identity),
    };
    let no_store = HeaderValue::from_static("no-store, no-cache");
    outgoing.headers.insert(header::CACHE_CONTROL, no_store);
    outgoing.lost = fault.as_ref().is_some_and(FaultDecision::drops);
    note(
        &mut tenant,
        ("token", path),
        &identity,
        &outgoing,
        code,
        fault.as_ref(),
    );
    outgoing
}

/// The answer of the endpoint itself, and the number of a refusal.
fn judged(
    tenant: &mut Tenant,
    request: &token::TokenRequest<'_>,
    identity: &Identity,
) -> (Outgoing, Option<String>) {
    match token::token(tenant, request) {
        Ok(answer) => (envelope::plain(StatusCode::OK, answer, identity), None),
        Err(refusal) => {
            let body: Value = refusal.body(
                &identity.request_id,
                &identity.client_request_id,
                identity.at,
            );
            let code = format!("AADSTS{}", refusal.code());
            (
                envelope::plain(refusal.status(), body, identity),
                Some(code),
            )
        }
    }
}

/// A scripted refusal in the shape of the endpoint.
fn struck(error: &GraphError, identity: &Identity) -> Outgoing {
    if error.raw.is_some() {
        return envelope::refusal(error, identity);
    }
    let body = json!({"error": error.code, "error_description": error.message, "error_codes": []});
    let mut outgoing = envelope::plain(error.status, body, identity);
    outgoing.headers.extend(envelope::retry(error, identity));
    outgoing
}
