//! Administrative units and their members (learn.microsoft.com: administrativeUnit resource).

use serde_json::{Map, Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Capabilities, EQ, IN, LIKE, Property};
use crate::roles::well_known::ROLE_MANAGERS;
use crate::route::{REFERENCE, Service, routes};
use crate::state::Tenant;

use super::groups::{self, listed};
use super::json as render;
use super::model::{AdministrativeUnit, Group};
use super::permissions::{READ_UNITS, WRITE_UNITS};
use super::unit_members::{put, take};

const UNIT: &str = "microsoft.graph.administrativeUnit";
const OBJECT: &str = "microsoft.graph.directoryObject";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/directory/administrativeUnits", READ_UNITS, list, "administrativeUnits.list" => collection(UNIT, "directory/administrativeUnits");
    get "/directory/administrativeUnits/{unit}", READ_UNITS, get,
        "administrativeUnits.get" => entity(UNIT, "directory/administrativeUnits");
    get "/directory/administrativeUnits/{unit}/members", READ_UNITS, members,
        "administrativeUnits.members.list" => mixed(), collection(OBJECT, "directoryObjects");
    post "/directory/administrativeUnits/{unit}/members", WRITE_UNITS, create_group,
        "administrativeUnits.members.create" => roles(&ROLE_MANAGERS), takes(OBJECT), mixed(), entity(OBJECT, "groups");
    post "/directory/administrativeUnits/{unit}/members/$ref", WRITE_UNITS, add,
        "administrativeUnits.members.add" => roles(&ROLE_MANAGERS), takes(REFERENCE);
    delete "/directory/administrativeUnits/{unit}/members/{member}/$ref", WRITE_UNITS, remove,
        "administrativeUnits.members.remove" => roles(&ROLE_MANAGERS);
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN),
        Property::plain("displayName", LIKE),
    ],
    order_by: &["displayName"],
    ..Capabilities::DIRECTORY
};

fn find<'a>(tenant: &'a Tenant, call: &Call) -> Result<&'a AdministrativeUnit, GraphError> {
    let id = call.object_id("unit")?;
    tenant
        .directory
        .units
        .get(&id)
        .ok_or_else(|| GraphError::not_found(id))
}

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = tenant.directory.units.values().map(render::unit).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let unit = find(tenant, call)?;
    odata::entity(call, render::unit(unit), &CAPABILITIES).map(Reply::ok)
}

fn members(tenant: &mut Tenant, call: &Call) -> Answered {
    let unit = find(tenant, call)?;
    let rows = unit
        .members
        .iter()
        .filter_map(|id| render::directory_object(tenant, *id, &call.caller))
        .collect();
    listed(call, rows)
}

/// Creates a group inside the unit: a group body that says its type.
fn create_group(tenant: &mut Tenant, call: &Call) -> Answered {
    let unit = find(tenant, call)?;
    let body: &Map<String, Value> = call.body_object()?;
    if body.get("@odata.type").and_then(Value::as_str) != Some("#microsoft.graph.group") {
        return Err(GraphError::invalid(
            "Only groups can be created in an administrative unit: say so in '@odata.type'.",
        ));
    }
    let (group, bindings) = groups::new_group(tenant, call, body)?;
    suits(unit, &group)?;
    let unit = unit.id;
    let id = groups::insert_new(tenant, call, group, bindings);
    put(tenant, unit, id, call.now);
    let group = tenant
        .directory
        .group(id)
        .ok_or_else(|| GraphError::not_found(id))?;
    let mut value = render::group(tenant, group);
    value["@odata.type"] = json!("#microsoft.graph.group");
    Ok(Reply::created(value))
}

fn add(tenant: &mut Tenant, call: &Call) -> Answered {
    let unit = find(tenant, call)?;
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
    match tenant.directory.groups.get(&id) {
        Some(group) => suits(unit, group)?,
        None if tenant.directory.users.contains_key(&id) => {}
        None => return Err(GraphError::not_found(id)),
    }
    let unit = unit.id;
    if put(tenant, unit, id, call.now) {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::invalid(
            "One or more added object references already exist for the following modified properties: 'members'.",
        ))
    }
}

/// A unit with restricted management holds users, devices and security groups, and no other kind of group
/// (learn.microsoft.com: admin-units-restricted-management; the text of the refusal is not published).
fn suits(unit: &AdministrativeUnit, group: &Group) -> Result<(), GraphError> {
    if unit.restricted && (group.mail_enabled || !group.security_enabled) {
        return Err(GraphError::invalid(
            "Only security groups can be members of a restricted management administrative unit.",
        ));
    }
    Ok(())
}

fn remove(tenant: &mut Tenant, call: &Call) -> Answered {
    let unit = find(tenant, call)?.id;
    let member = call.object_id("member")?;
    if take(tenant, unit, member, call.now) {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found(member))
    }
}
