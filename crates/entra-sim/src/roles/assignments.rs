//! Role assignments: plain ones are made here, and the rows show every assignment in force whatever made it.
//!
//! learn.microsoft.com: rbacapplication-post-roleassignments, unifiedroleassignment, groups-concept. No policy of PIM
//! is asked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::definition::RoleDefinition;
use super::effects::{assigned, unassigned};
use super::held::{active, holds};
use super::privilege::{RoleAt, RoleScope};
use super::{alert, definitions};
use crate::behaviours::roles::{
    DELETE_PIM_OWNED_ROW, DUPLICATE_ROLE_ASSIGNMENT, DuplicateAnswer, ROLE_ASSIGNMENT_READ_DELAY,
    ROLE_PRINCIPAL_DELAY,
};
use crate::call::{Answered, Call, Reply};
use crate::directory::model::{Principal, PrincipalKind};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Capabilities, EQ, IN, Property};
use crate::pim::engine::{Holding, Lookup};
use crate::pim::operations::mirror::overridden;
use crate::pim::refusal::Refusal;
use crate::pim::session::may_manage_roles;
use crate::state::Tenant;

const ASSIGNMENTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ | IN),
        Property::plain("principalId", EQ | IN),
        Property::plain("roleDefinitionId", EQ | IN),
        Property::plain("directoryScopeId", EQ | IN),
        Property::plain("appScopeId", EQ | IN),
    ],
    expand: &["principal", "roleDefinition", "directoryScope"],
    refusal: "Request_UnsupportedQuery",
    ..Capabilities::SERVICE
};

/// Why a role can not be given to somebody somewhere; plain assignments and PIM word it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    NotAtThisScope,
    ScopeUnknown,
    GroupNotAssignable,
}

/// Whether a role may be given at a scope.
pub(super) fn check_scope(
    tenant: &Tenant,
    definition: &RoleDefinition,
    scope: RoleScope,
) -> Result<(), Unfit> {
    let (fits, known) = match scope {
        RoleScope::Tenant => (true, true),
        RoleScope::Unit(unit) => (
            definition.fits_units(),
            tenant.directory.units.contains_key(&unit),
        ),
        RoleScope::Object(object) => {
            let found = tenant.directory.principal(object).map(|one| one.kind);
            let kinds = found.map_or(
                vec![PrincipalKind::Group, PrincipalKind::ServicePrincipal],
                |kind| vec![kind],
            );
            let fits = kinds.into_iter().any(|kind| definition.fits_objects(kind));
            (fits, found.is_some())
        }
    };
    match (fits, known) {
        (false, _) => Err(Unfit::NotAtThisScope),
        (true, false) => Err(Unfit::ScopeUnknown),
        (true, true) => Ok(()),
    }
}

/// Roles go to users, service principals and role-assignable groups.
pub(super) fn check_principal(tenant: &Tenant, principal: &Principal) -> Result<(), Unfit> {
    let assignable = tenant
        .directory
        .group(principal.id)
        .is_some_and(crate::directory::model::Group::is_role_assignable);
    if principal.kind == PrincipalKind::Group && !assignable {
        Err(Unfit::GroupNotAssignable)
    } else {
        Ok(())
    }
}

/// A principal that the role service has heard of.
pub(super) fn principal(tenant: &Tenant, id: ObjectId, now: Timestamp) -> Option<Principal> {
    let delay = tenant.behaviours.get(&ROLE_PRINCIPAL_DELAY);
    tenant
        .directory
        .principal(id)
        .filter(|principal| now.duration_since(principal.created_at) >= delay)
}

pub(super) fn create(tenant: &mut Tenant, call: &Call) -> Answered {
    may_manage_roles(tenant, call)?;
    let body = call.body_object()?;
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let missing = |name: &str| {
        GraphError::invalid(format!(
            "A value is required for property '{name}' of resource 'RoleAssignment'."
        ))
    };
    let (role, holder) = (
        text("roleDefinitionId").ok_or_else(|| missing("roleDefinitionId"))?,
        text("principalId").ok_or_else(|| missing("principalId"))?,
    );
    let scope = scope_of(body)?;
    let definition = role
        .parse()
        .ok()
        .and_then(|role| tenant.roles.resolve(role))
        .ok_or_else(|| GraphError::not_found(role))?;
    check_scope(tenant, definition, scope).map_err(|unfit| refusal(unfit, scope))?;
    let grant = RoleAt {
        role: definition.id,
        scope,
    };
    let known = holder
        .parse()
        .ok()
        .and_then(|holder| principal(tenant, holder, call.now));
    let known = known.ok_or_else(|| GraphError::not_found(holder))?;
    check_principal(tenant, &known).map_err(|unfit| refusal(unfit, scope))?;
    if holds(tenant, grant, known.id) {
        return Err(duplicate(tenant));
    }
    assign(tenant, grant, known.id, call.now);
    Ok(Reply::created(row(tenant, grant, known.id)))
}

/// Exactly one of two scopes; the scope of an application's own directory is not part of the simulator.
fn scope_of(body: &Map<String, Value>) -> Result<RoleScope, GraphError> {
    let given = |name: &str| body.get(name).and_then(Value::as_str);
    match (given("directoryScopeId"), given("appScopeId")) {
        (Some(scope), None) => RoleScope::parse(scope)
            .ok_or_else(|| GraphError::invalid(format!("'{scope}' is no directory scope."))),
        (None, Some(_)) => Err(GraphError::not_simulated("appScopeId")),
        _ => Err(GraphError::invalid(
            "Exactly one of directoryScopeId and appScopeId is needed.",
        )),
    }
}

fn refusal(unfit: Unfit, scope: RoleScope) -> GraphError {
    match unfit {
        Unfit::NotAtThisScope => GraphError::invalid(
            "The given built-in role is not supported to be assigned to a single resource scope.",
        ),
        Unfit::ScopeUnknown => GraphError::not_found(scope),
        Unfit::GroupNotAssignable => GraphError::invalid(
            "Groups without IsAssignableToRole property set cannot be assigned to roles.",
        ),
    }
}

fn duplicate(tenant: &Tenant) -> GraphError {
    match tenant.behaviours.get(&DUPLICATE_ROLE_ASSIGNMENT) {
        DuplicateAnswer::Conflict => GraphError::invalid(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ),
        DuplicateAnswer::Exists => Refusal::Exists.into(),
    }
}

pub(super) fn assign(tenant: &mut Tenant, grant: RoleAt, principal: ObjectId, at: Timestamp) {
    if !holds(tenant, grant, principal) {
        tenant.effect(at, assigned(grant, principal));
    }
    tenant.roles.plain.insert((grant, principal), at);
    alert::watch(tenant, grant, principal, at);
}

pub(super) fn unassign(tenant: &mut Tenant, grant: RoleAt, principal: ObjectId, at: Timestamp) {
    if tenant.roles.plain.remove(&(grant, principal)).is_some() && !holds(tenant, grant, principal)
    {
        tenant.effect(at, unassigned(grant, principal));
    }
}

fn row(tenant: &Tenant, grant: RoleAt, principal: ObjectId) -> Value {
    json!({
        "id": grant.assignment_id(principal),
        "principalId": principal.to_string(),
        "roleDefinitionId": grant.role.to_string(),
        "directoryScopeId": grant.scope.to_string(),
        "appScopeId": null,
        "principalOrganizationId": tenant.id.to_string(),
        "condition": null,
    })
}

/// Assignments in force with the time since when: plain ones and those that PIM gives. Those of a principal that was
/// deleted for good are forgotten.
fn in_force(tenant: &Tenant) -> BTreeMap<(RoleAt, ObjectId), Timestamp> {
    let directory = &tenant.directory;
    let mut found: BTreeMap<(RoleAt, ObjectId), Timestamp> = tenant
        .roles
        .plain
        .iter()
        .filter(|((_, holder), _)| {
            directory.principal(*holder).is_some() || directory.deleted.contains_key(holder)
        })
        .map(|(key, since)| (*key, *since))
        .collect();
    for schedule in active(tenant, &Lookup::Everything) {
        found
            .entry((schedule.holding.privilege, schedule.holding.principal))
            .or_insert(schedule.window.start);
    }
    found
}

fn shown(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    let delay = tenant.behaviours.get(&ROLE_ASSIGNMENT_READ_DELAY);
    in_force(tenant)
        .into_iter()
        .filter(|(_, since)| now.duration_since(*since) >= delay)
        .map(|((grant, principal), _)| row(tenant, grant, principal))
        .collect()
}

/// Adds what `$expand` asks for.
pub(super) fn expand(tenant: &Tenant, call: &Call, row: &mut Value) {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let (holder, role, scope) = (
        text("principalId"),
        text("roleDefinitionId"),
        text("directoryScopeId"),
    );
    if call.query.expansion("principal").is_some() {
        row["principal"] = object(tenant, holder.and_then(|id| id.parse().ok()));
    }
    if call.query.expansion("roleDefinition").is_some() {
        let definition = role
            .and_then(|id| id.parse().ok())
            .and_then(|id| tenant.roles.resolve(id));
        row["roleDefinition"] = definition.map_or(Value::Null, definitions::body);
    }
    if call.query.expansion("directoryScope").is_some() {
        row["directoryScope"] = match scope.as_deref().and_then(RoleScope::parse) {
            Some(RoleScope::Unit(id)) => {
                json!({"@odata.type": "#microsoft.graph.administrativeUnit", "id": id.to_string()})
            }
            Some(RoleScope::Object(id)) => object(tenant, Some(id)),
            // Users report an object of nothing but its path; learn.microsoft.com: unifiedroleassignment is silent.
            Some(RoleScope::Tenant) => json!({"id": "/"}),
            None => Value::Null,
        };
    }
}

fn object(tenant: &Tenant, id: Option<ObjectId>) -> Value {
    match id.and_then(|id| tenant.directory.principal(id)) {
        Some(principal) => json!({
            "@odata.type": principal.kind.odata_type(),
            "id": principal.id.to_string(),
            "displayName": principal.display_name,
        }),
        None => Value::Null,
    }
}

pub(super) fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = shown(tenant, call.now);
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &ASSIGNMENTS,
        |row| expand(tenant, call, row),
    )?))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("assignment");
    let mut row = shown(tenant, call.now)
        .into_iter()
        .find(|row| row["id"].as_str() == Some(id))
        .ok_or_else(|| GraphError::not_found(id))?;
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &ASSIGNMENTS)?))
}

/// `DELETE roleAssignments/{id}`: at once, without the rule of five minutes.
pub(super) fn delete(tenant: &mut Tenant, call: &Call) -> Answered {
    may_manage_roles(tenant, call)?;
    let id = call.param("assignment");
    let ((privilege, principal), _) = in_force(tenant)
        .into_iter()
        .find(|((grant, principal), _)| grant.assignment_id(*principal) == id)
        .ok_or_else(|| GraphError::not_found(id))?;
    let plain = tenant.roles.plain.contains_key(&(privilege, principal));
    if !plain && !tenant.behaviours.get(&DELETE_PIM_OWNED_ROW) {
        return Err(GraphError::invalid(
            "The role assignment is managed by Privileged Identity Management.",
        ));
    }
    unassign(tenant, privilege, principal, call.now);
    let holding = Holding::active(privilege, principal);
    overridden(tenant, &holding, call.now);
    Ok(Reply::no_content())
}
