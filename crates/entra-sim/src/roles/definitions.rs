//! Reading role definitions.
//!
//! learn.microsoft.com: rbacapplication-list-roledefinitions. The server compares `displayName` with regard to case, as
//! measured in live tenants.

use serde_json::{Value, json};

use super::definition::{RoleDefinition, RoleOrigin};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::odata::{self, Capabilities, EQ, IN, Paging, Property};
use crate::state::Tenant;

const DEFINITIONS: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN),
        Property::plain("displayName", EQ | IN).exact(),
        Property::plain("isBuiltIn", EQ | IN),
    ],
    expand: &["inheritsPermissionsFrom"],
    paging: Paging {
        default: 200,
        maximum: 999,
    },
    refusal: "Request_UnsupportedQuery",
    ..Capabilities::SERVICE
};

/// A role as the service sends it.
pub(super) fn body(definition: &RoleDefinition) -> Value {
    let permissions = match definition.origin {
        RoleOrigin::BuiltIn => json!([]),
        RoleOrigin::Custom => {
            json!([{"allowedResourceActions": definition.actions, "condition": null}])
        }
    };
    json!({
        "id": definition.id.to_string(),
        "displayName": definition.display_name,
        "description": null,
        "isBuiltIn": definition.origin == RoleOrigin::BuiltIn,
        "isEnabled": true,
        "templateId": definition.template_id.to_string(),
        "version": "1",
        "resourceScopes": ["/"],
        "rolePermissions": permissions,
    })
}

fn expand(call: &Call, row: &mut Value) {
    if call.query.expansion("inheritsPermissionsFrom").is_some() {
        row["inheritsPermissionsFrom"] = json!([]);
    }
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = tenant.roles.definitions().map(body).collect();
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &DEFINITIONS,
        |row| expand(call, row),
    )?))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("role");
    let definition = id.parse().ok().and_then(|id| tenant.roles.definition(id));
    let mut row = body(definition.ok_or_else(|| GraphError::not_found(id))?);
    expand(call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &DEFINITIONS)?))
}
