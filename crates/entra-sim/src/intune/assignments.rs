//! Who holds a role, and over whom. Nothing keeps two assignments from saying the same.

use serde_json::{Value, json};
use uuid::Uuid;

use super::approval::agreed;
use super::body::{WantedAssignment, invalid, wanted};
use super::definitions::{self, require_licence, unknown};
use super::state::IntuneAssignment;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::odata::{self, Capabilities};
use crate::state::Tenant;

fn body(one: &IntuneAssignment) -> Value {
    json!({
        "id": one.id, "displayName": one.display_name, "description": one.description,
        "members": one.members, "resourceScopes": one.scopes,
    })
}

fn given(role: String, principal: ObjectId, scope: String) -> Effect {
    Effect::IntuneRoleAssigned {
        role,
        principal,
        scope,
    }
}

fn taken(role: String, principal: ObjectId, scope: String) -> Effect {
    Effect::IntuneRoleUnassigned {
        role,
        principal,
        scope,
    }
}

fn named<'a>(tenant: &'a Tenant, call: &Call) -> Result<&'a IntuneAssignment, GraphError> {
    let id = call.param("assignment");
    let known: Option<Uuid> = id.parse().ok();
    let found = known.and_then(|id| tenant.intune.assignments.get(&id));
    found.ok_or_else(|| unknown(id))
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let rows = tenant.intune.assignments.values().map(body).collect();
    odata::collection(call, rows, &Capabilities::SERVICE).map(Reply::rows)
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let row = body(named(tenant, call)?);
    odata::entity(call, row, &Capabilities::SERVICE).map(Reply::ok)
}

/// The role of an assignment.
pub(super) fn role(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let role = named(tenant, call)?.role;
    let found = tenant.intune.roles.get(&role).map(definitions::body);
    let row = found.ok_or_else(|| unknown(&role.to_string()))?;
    odata::entity(call, row, &Capabilities::SERVICE).map(Reply::ok)
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let wanted = wanted(tenant, call.body_object()?)?;
    let missing = |name: &str| invalid(format!("'{name}' is missing."));
    let members = wanted.members.filter(|members| !members.is_empty());
    let made = IntuneAssignment {
        id: Uuid::nil(),
        role: wanted.role.ok_or_else(|| missing("roleDefinition"))?,
        display_name: wanted.display_name.ok_or_else(|| missing("displayName"))?,
        description: wanted.description,
        members: members.ok_or_else(|| missing("members"))?,
        scopes: wanted.scopes.unwrap_or_default(),
    };
    agreed(tenant, call)?;
    let made = IntuneAssignment {
        id: tenant.new_guid(),
        ..made
    };
    for effect in made.held(given) {
        tenant.effect(call.now, effect);
    }
    let row = body(&made);
    tenant.intune.assignments.insert(made.id, made);
    Ok(Reply::created(row))
}

/// Replaces what is sent, whole lists included.
pub(super) fn update(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let before = named(tenant, call)?.clone();
    let WantedAssignment {
        role,
        display_name,
        description,
        members,
        scopes,
    } = wanted(tenant, call.body_object()?)?;
    if role.is_some_and(|role| role != before.role) {
        return Err(invalid("The role of an assignment can not be changed."));
    }
    agreed(tenant, call)?;
    let after = IntuneAssignment {
        display_name: display_name.unwrap_or_else(|| before.display_name.clone()),
        description: description.or_else(|| before.description.clone()),
        members: members.unwrap_or_else(|| before.members.clone()),
        scopes: scopes.unwrap_or_else(|| before.scopes.clone()),
        ..before
    };
    let (held, holds) = (before.held(given), after.held(given));
    let gone = before.held(taken).into_iter().zip(&held);
    for (effect, _) in gone.filter(|(_, was)| !holds.contains(was)) {
        tenant.effect(call.now, effect);
    }
    for effect in holds.into_iter().filter(|now| !held.contains(now)) {
        tenant.effect(call.now, effect);
    }
    let row = body(&after);
    tenant.intune.assignments.insert(after.id, after);
    Ok(Reply::ok(row))
}

pub(super) fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    require_licence(tenant)?;
    let gone = named(tenant, call)?.clone();
    agreed(tenant, call)?;
    tenant.intune.assignments.remove(&gone.id);
    for effect in gone.held(taken) {
        tenant.effect(call.now, effect);
    }
    Ok(Reply::no_content())
}
