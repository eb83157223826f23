//! Administrative units and their members (learn.microsoft.com: administrativeUnit resource).

use serde_json::{Map, Value, json};

use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Advanced, Capabilities, EQ, IN, LIKE, Paging, Property};
use crate::route::{Denial, REFERENCE, Route};
use crate::state::Tenant;

use super::groups::{self, listed};
use super::json as render;
use super::model::AdministrativeUnit;
use super::permissions::{READ_UNITS, WRITE_UNITS};

const UNIT: &str = "microsoft.graph.administrativeUnit";
const OBJECT: &str = "microsoft.graph.directoryObject";

/// Operations of this module.
pub(super) const ROUTES: &[Route] = &[
    Route::get(
        "/directory/administrativeUnits",
        "administrativeUnits.list",
        list,
    )
    .permit(READ_UNITS, Denial::Directory)
    .collection(UNIT, "directory/administrativeUnits"),
    Route::get(
        "/directory/administrativeUnits/{unit}",
        "administrativeUnits.get",
        get,
    )
    .permit(READ_UNITS, Denial::Directory)
    .entity(UNIT, "directory/administrativeUnits/$entity"),
    Route::get(
        "/directory/administrativeUnits/{unit}/members",
        "administrativeUnits.members.list",
        members,
    )
    .permit(READ_UNITS, Denial::Directory)
    .mixed()
    .collection(OBJECT, "directoryObjects"),
    Route::post(
        "/directory/administrativeUnits/{unit}/members",
        "administrativeUnits.members.create",
        create_group,
    )
    .permit(WRITE_UNITS, Denial::Directory)
    .takes(OBJECT)
    .mixed()
    .entity(OBJECT, "groups/$entity"),
    Route::post(
        "/directory/administrativeUnits/{unit}/members/$ref",
        "administrativeUnits.members.add",
        add,
    )
    .permit(WRITE_UNITS, Denial::Directory)
    .takes(REFERENCE),
    Route::delete(
        "/directory/administrativeUnits/{unit}/members/{member}/$ref",
        "administrativeUnits.members.remove",
        remove,
    )
    .permit(WRITE_UNITS, Denial::Directory),
];

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN),
        Property::plain("displayName", LIKE),
    ],
    order_by: &["displayName"],
    expand: &[],
    paging: Paging {
        default: 100,
        maximum: 999,
    },
    advanced: Advanced::Offered,
    refusal: "Request_UnsupportedQuery",
    defaults: &[],
};

fn find<'a>(tenant: &'a Tenant, call: &Call) -> Result<&'a AdministrativeUnit, GraphError> {
    let id = call.object_id("unit")?;
    tenant
        .directory
        .units
        .get(&id)
        .ok_or_else(|| GraphError::not_found(id))
}

fn list(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let rows = tenant.directory.units.values().map(render::unit).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let unit = find(tenant, call)?;
    odata::entity(call, render::unit(unit), &CAPABILITIES).map(Reply::ok)
}

fn members(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let unit = find(tenant, call)?;
    let rows = unit
        .members
        .iter()
        .filter_map(|id| render::directory_object(tenant, *id, &call.caller))
        .collect();
    listed(call, rows)
}

/// Creates a group inside the unit: a group body that says its type.
fn create_group(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let unit = find(tenant, call)?.id;
    let body: &Map<String, Value> = call.body_object()?;
    if body.get("@odata.type").and_then(Value::as_str) != Some("#microsoft.graph.group") {
        return Err(GraphError::invalid(
            "Only groups can be created in an administrative unit: say so in '@odata.type'.",
        ));
    }
    let (group, bindings) = groups::new_group(tenant, call, body)?;
    let id = groups::plant(tenant, call, group, bindings);
    if let Some(unit) = tenant.directory.units.get_mut(&unit) {
        unit.members.insert(id);
    }
    let group = tenant
        .directory
        .group(id)
        .ok_or_else(|| GraphError::not_found(id))?;
    let mut value = render::group(tenant, group);
    value["@odata.type"] = json!("#microsoft.graph.group");
    Ok(Reply::created(value))
}

fn add(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let unit = find(tenant, call)?.id;
    let link = call
        .body_object()?
        .get("@odata.id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id: ObjectId = link
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| GraphError::invalid(format!("Invalid object reference '{link}'.")))?;
    if !tenant.directory.users.contains_key(&id) && !tenant.directory.groups.contains_key(&id) {
        return Err(GraphError::not_found(id));
    }
    let added = tenant
        .directory
        .units
        .get_mut(&unit)
        .is_some_and(|unit| unit.members.insert(id));
    if added {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::invalid(
            "One or more added object references already exist for the following modified properties: 'members'.",
        ))
    }
}

fn remove(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let unit = find(tenant, call)?.id;
    let id = call.object_id("member")?;
    let removed = tenant
        .directory
        .units
        .get_mut(&unit)
        .is_some_and(|unit| unit.members.remove(&id));
    if removed {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found(id))
    }
}
