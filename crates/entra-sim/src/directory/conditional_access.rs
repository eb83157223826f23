//! Authentication contexts of Conditional Access (learn.microsoft.com: authenticationContextClassReference).

use serde_json::{Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::journal::Effect;
use crate::odata::{self, Capabilities, EQ, Paging, Property};
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::delegation::CONTEXT_WRITERS;
use super::model::AuthenticationContext;
use super::permissions::{READ_CONTEXTS, WRITE_CONTEXTS};

const CONTEXT: &str = "microsoft.graph.authenticationContextClassReference";
const COLLECTION: &str = "identity/conditionalAccess/authenticationContextClassReferences";

routes! { pub(super) ROUTES, Service::ACCESS;
    get "/identity/conditionalAccess/authenticationContextClassReferences", READ_CONTEXTS, list,
        "authenticationContexts.list" => collection(CONTEXT, COLLECTION);
    get "/identity/conditionalAccess/authenticationContextClassReferences/{context}", READ_CONTEXTS, get,
        "authenticationContexts.get" => entity(CONTEXT, "identity/conditionalAccess/authenticationContextClassReferences");
    patch "/identity/conditionalAccess/authenticationContextClassReferences/{context}", WRITE_CONTEXTS, upsert,
        "authenticationContexts.upsert" => roles(CONTEXT_WRITERS), takes(CONTEXT);
    delete "/identity/conditionalAccess/authenticationContextClassReferences/{context}", WRITE_CONTEXTS, delete,
        "authenticationContexts.delete" => roles(CONTEXT_WRITERS);
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("isAvailable", EQ),
        Property::plain("id", EQ),
    ],
    paging: Paging {
        default: 100,
        maximum: 100,
    },
    refusal: "BadRequest",
    ..Capabilities::SERVICE
};

fn row(context: &AuthenticationContext) -> Value {
    json!({
        "id": context.id,
        "description": context.description,
        "displayName": context.display_name,
        "isAvailable": context.available,
    })
}

fn unknown(id: &str) -> GraphError {
    GraphError::new(
        http::StatusCode::NOT_FOUND,
        "NotFound",
        format!("The authentication context '{id}' does not exist."),
    )
}

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = tenant.directory.contexts.values().map(row).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("context");
    let context = tenant
        .directory
        .contexts
        .get(id)
        .ok_or_else(|| unknown(id))?;
    odata::entity(call, row(context), &CAPABILITIES).map(Reply::ok)
}

/// Creates the context when the id is free, else updates it; 204 either way.
fn upsert(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("context").to_owned();
    let number: Option<u8> = id.strip_prefix('c').and_then(|number| number.parse().ok());
    if !number.is_some_and(|number| (1..=99).contains(&number)) {
        return Err(GraphError::bad_request(
            "BadRequest",
            format!("'{id}' is no id of an authentication context: use c1 to c99."),
        ));
    }
    let body = call.body_object()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let before = tenant.directory.contexts.get(&id).cloned();
    let mut context = before.clone().unwrap_or_else(|| AuthenticationContext {
        id: id.clone(),
        display_name: None,
        description: None,
        available: false,
    });
    if let Some(name) = text("displayName") {
        context.display_name = Some(name);
    }
    if let Some(description) = text("description") {
        context.description = Some(description);
    }
    if let Some(available) = body.get("isAvailable").and_then(Value::as_bool) {
        context.available = available;
    }
    if before.as_ref() != Some(&context) {
        tenant.directory.contexts.insert(id.clone(), context);
        let effect = Effect::AuthenticationContextChanged { context: id };
        tenant.effect(call.now, effect);
    }
    Ok(Reply::no_content())
}

fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("context");
    let removed = tenant.directory.contexts.remove(id);
    let context = removed.ok_or_else(|| unknown(id))?.id;
    tenant.effect(call.now, Effect::AuthenticationContextDeleted { context });
    Ok(Reply::no_content())
}
