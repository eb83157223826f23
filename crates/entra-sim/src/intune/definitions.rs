//! Built-in and custom roles. What a role allows is not told: nothing here asks for it.

use http::StatusCode;
use serde_json::{Value, json};

use super::state::{IntuneOrigin, IntuneRole};
use crate::behaviours::intune::INTUNE_LICENCE;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::odata::{self, Capabilities};
use crate::state::Tenant;

pub(super) fn body(role: &IntuneRole) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
        "id": role.id, "displayName": role.display_name, "description": null,
        "isBuiltIn": role.origin == IntuneOrigin::BuiltIn,
        "rolePermissions": [],
    })
}

/// Refuses a tenant that does not have Intune.
pub(super) fn require_licence(tenant: &Tenant) -> Result<(), GraphError> {
    if tenant.behaviours.get(&INTUNE_LICENCE) {
        return Ok(());
    }
    let message = "Request not applicable to target tenant.";
    Err(GraphError::bad_request("BadRequest", message))
}

pub(super) fn unknown(id: &str) -> GraphError {
    let message = format!("The resource '{id}' is not found.");
    GraphError::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let rows = tenant.intune.roles.values().map(body).collect();
    odata::collection(call, rows, &Capabilities::SERVICE).map(Reply::rows)
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let id = call.param("role");
    let found = id.parse().ok().and_then(|id| tenant.intune.roles.get(&id));
    let row = found.map(body).ok_or_else(|| unknown(id))?;
    odata::entity(call, row, &Capabilities::SERVICE).map(Reply::ok)
}
