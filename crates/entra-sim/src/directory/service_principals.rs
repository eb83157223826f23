//! Service principals (learn.microsoft.com: servicePrincipal resource and its operations).

use serde_json::Value;

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::AppId;
use crate::odata::{self, ANY, Capabilities, EQ, IN, LIKE, NE, NOT, Property};
use crate::route::{Service, routes};
use crate::state::Tenant;

use super::groups::listed;
use super::model::ServicePrincipal;
use super::permissions::{READ_APPLICATIONS, READ_GROUPS};
use super::users::owned_groups;
use super::{json as render, replication};

const SERVICE_PRINCIPAL: &str = "microsoft.graph.servicePrincipal";
const OBJECT: &str = "microsoft.graph.directoryObject";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/servicePrincipals", READ_APPLICATIONS, list, "servicePrincipals.list" => collection(SERVICE_PRINCIPAL, "servicePrincipals");
    get "/servicePrincipals/{servicePrincipal}", READ_APPLICATIONS, get,
        "servicePrincipals.get" => entity(SERVICE_PRINCIPAL, "servicePrincipals");
    get "/servicePrincipals(appId='{appId}')", READ_APPLICATIONS, get_by_app_id,
        "servicePrincipals.getByAppId" => entity(SERVICE_PRINCIPAL, "servicePrincipals");
    get "/servicePrincipals/{servicePrincipal}/memberOf", READ_GROUPS, member_of,
        "servicePrincipals.memberOf.list" => mixed(), collection(OBJECT, "directoryObjects");
    get "/servicePrincipals/{servicePrincipal}/ownedObjects", READ_APPLICATIONS, owned,
        "servicePrincipals.ownedObjects.list" => mixed(), collection(OBJECT, "directoryObjects");
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN).advanced(NE | NOT),
        Property::plain("appId", EQ | IN).advanced(NE | NOT),
        Property::plain("displayName", LIKE).advanced(NE | NOT),
        Property::plain("accountEnabled", EQ | IN).advanced(NE | NOT),
        Property::plain("servicePrincipalType", EQ | IN).advanced(NE | NOT),
        Property::plain("servicePrincipalNames", EQ | ANY).advanced(NOT),
        Property::plain("tags", EQ | ANY).advanced(NOT),
    ],
    order_by: &["displayName"],
    ..Capabilities::DIRECTORY
};

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows: Vec<Value> = tenant
        .directory
        .service_principals
        .values()
        .filter(|one| replication::indexed(tenant, one.id, one.created_at, call.operation))
        .map(|one| render::service_principal(tenant, one))
        .collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

/// The service principal that the path names by its object id.
pub(super) fn find<'a>(
    tenant: &'a Tenant,
    call: &Call,
) -> Result<&'a ServicePrincipal, GraphError> {
    let id = call.object_id("servicePrincipal")?;
    tenant
        .directory
        .service_principals
        .get(&id)
        .filter(|one| replication::replicated(tenant, id, one.created_at, call.operation))
        .ok_or_else(|| GraphError::not_found(id))
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let found = find(tenant, call)?;
    one(tenant, call, found)
}

fn get_by_app_id(tenant: &mut Tenant, call: &Call) -> Answered {
    let app = app_id(call)?;
    let found = tenant
        .directory
        .service_principal_of(app)
        .filter(|found| replication::replicated(tenant, found.id, found.created_at, call.operation))
        .ok_or_else(|| GraphError::not_found(app))?;
    one(tenant, call, found)
}

/// The application that the path names by its client id.
pub(super) fn app_id(call: &Call) -> Result<AppId, GraphError> {
    let key = call.param("appId");
    key.parse().map_err(|_| {
        GraphError::invalid(format!(
            "Invalid value specified for property 'appId': '{key}'."
        ))
    })
}

fn one(tenant: &Tenant, call: &Call, found: &ServicePrincipal) -> Answered {
    odata::entity(
        call,
        render::service_principal(tenant, found),
        &CAPABILITIES,
    )
    .map(Reply::ok)
}

fn member_of(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = find(tenant, call)?.id;
    listed(call, render::containers(tenant, id, &call.caller))
}

fn owned(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = find(tenant, call)?.id;
    listed(call, owned_groups(tenant, call, id))
}
