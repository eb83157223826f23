//! Who calls: the bearer token, judged by the clock of the tenant.

use http::HeaderMap;

use crate::behaviours::protocol::{CLOUD, Cloud};
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::pim::session::check_proofs;
use crate::state::Tenant;
use crate::token::{self, Claims};

/// The header that signs a user in: their object id or user principal name. It stands in for the delegated sign-in that
/// a simulator can not offer, so that activations and approvals can be shown end to end.
pub(crate) const SIGNED_IN_USER: &str = "x-entra-sim-user";

/// Whether a token of this audience is taken, where the simulator was asked by this host.
type Suits = fn(&str, &str, Cloud) -> bool;

/// Reads the token and the signed-in user of a request to Graph.
pub(crate) fn caller(
    tenant: &mut Tenant,
    headers: &HeaderMap,
    host: &str,
) -> Result<Caller, GraphError> {
    caller_for(tenant, headers, host, token::audience::is_graph)
}

/// The same of a request to the Resource Manager, which speaks otherwise of what is wrong with a token.
pub(crate) fn caller_of_resource_manager(
    tenant: &mut Tenant,
    headers: &HeaderMap,
    host: &str,
) -> Result<Caller, GraphError> {
    let found = caller_for(tenant, headers, host, token::audience::is_resource_manager);
    found.map_err(|error| {
        if headers.contains_key(http::header::AUTHORIZATION) {
            return GraphError {
                code: "InvalidAuthenticationToken".to_owned(),
                ..error
            };
        }
        GraphError {
            code: "AuthenticationFailed".to_owned(),
            message: "Authentication failed. The 'Authorization' header is missing.".to_owned(),
            ..error
        }
    })
}

fn caller_for(
    tenant: &mut Tenant,
    headers: &HeaderMap,
    host: &str,
    suits: Suits,
) -> Result<Caller, GraphError> {
    let token = bearer(headers)?;
    let session = tenant.sessions.read(token).map_err(|_| {
        GraphError::unauthorized("IDX14100: JWT is not well formed or its signature is invalid.")
    })?;
    judge(tenant, &session.claims, host, suits)?;
    Ok(Caller {
        app_id: session.claims.appid,
        object_id: session.claims.oid,
        permissions: session.permissions.clone(),
        signed_in_user: signed_in_user(tenant, headers)?,
    })
}

fn bearer(headers: &HeaderMap) -> Result<&str, GraphError> {
    headers
        .get(http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| GraphError::unauthorized("Access token is empty."))
}

fn judge(tenant: &Tenant, claims: &Claims, host: &str, suits: Suits) -> Result<(), GraphError> {
    let now = tenant.now().as_second();
    if now >= claims.exp || now < claims.nbf {
        return Err(GraphError::unauthorized(
            "Lifetime validation failed, the token is expired.",
        ));
    }
    if claims.tid != tenant.id {
        return Err(GraphError::unauthorized(
            "Access token validation failure. Invalid tenant.",
        ));
    }
    if !suits(&claims.aud, host, tenant.behaviours.get(&CLOUD)) {
        return Err(GraphError::unauthorized(
            "Access token validation failure. Invalid audience.",
        ));
    }
    Ok(())
}

fn signed_in_user(tenant: &Tenant, headers: &HeaderMap) -> Result<Option<ObjectId>, GraphError> {
    let Some(value) = headers.get(SIGNED_IN_USER) else {
        return Ok(None);
    };
    check_proofs(headers)?;
    let key = value.to_str().unwrap_or_default();
    match tenant.directory.user(key) {
        Some(user) if user.account_enabled => Ok(Some(user.id)),
        Some(_) => Err(GraphError::unauthorized(
            "The signed-in account is disabled.",
        )),
        None => Err(GraphError::unauthorized(format!(
            "The header {SIGNED_IN_USER} names no user of this tenant."
        ))),
    }
}
