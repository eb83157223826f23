//! What a request to write an assignment holds.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

/// What is asked for; what is left out stays.
pub(super) struct WantedAssignment {
    pub(super) role: Option<Uuid>,
    pub(super) display_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) members: Option<Vec<ObjectId>>,
    pub(super) scopes: Option<Vec<ObjectId>>,
}

pub(super) fn wanted(
    tenant: &Tenant,
    body: &Map<String, Value>,
) -> Result<WantedAssignment, GraphError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(WantedAssignment {
        role: role(tenant, body)?,
        display_name: text("displayName"),
        description: text("description"),
        members: groups(tenant, body, "members")?,
        scopes: groups(tenant, body, "resourceScopes")?,
    })
}

pub(super) fn invalid(message: impl Into<String>) -> GraphError {
    GraphError::bad_request("BadRequest", message)
}

/// The role that a reference names: `.../deviceManagement/roleDefinitions('{id}')`, or with the id as a segment.
fn role(tenant: &Tenant, body: &Map<String, Value>) -> Result<Option<Uuid>, GraphError> {
    let Some(reference) = body.get("roleDefinition@odata.bind") else {
        return Ok(None);
    };
    let reference = reference.as_str().unwrap_or_default();
    let (_, rest) = reference
        .rsplit_once("/deviceManagement/roleDefinitions")
        .unwrap_or_default();
    let id = rest.trim_matches(['(', ')', '\'', '/']);
    let known = id
        .parse()
        .ok()
        .filter(|id| tenant.intune.roles.contains_key(id));
    known
        .map(Some)
        .ok_or_else(|| invalid(format!("The role definition '{reference}' does not exist.")))
}

/// Groups that there are. Whatever else an id names is refused.
fn groups(
    tenant: &Tenant,
    body: &Map<String, Value>,
    name: &str,
) -> Result<Option<Vec<ObjectId>>, GraphError> {
    let Some(Value::Array(ids)) = body.get(name) else {
        return Ok(None);
    };
    let found = ids.iter().map(|id| {
        let id = id.as_str().unwrap_or_default();
        let known = id.parse().ok();
        let group = known.filter(|id| tenant.directory.group(*id).is_some());
        group.ok_or_else(|| invalid(format!("'{id}' in {name} is no group.")))
    });
    found
        .collect::<Result<Vec<ObjectId>, GraphError>>()
        .map(Some)
}
