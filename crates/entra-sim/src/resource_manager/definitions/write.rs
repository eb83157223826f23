//! Making, changing and deleting custom roles. Who does may do so at every scope at which the role can be given
//! (learn.microsoft.com: "Azure custom roles", who can create, delete, update, or view a custom role).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::body::{WantedRole, wanted};
use super::built_in;
use super::role::{Authored, AzureRole, RoleAuthor};
use crate::call::Caller;
use crate::error::GraphError;
use crate::journal::Effect;
use crate::pim::engine::Lookup;
use crate::resource_manager::assignments::existing;
use crate::resource_manager::authorize::{Attempt, check, permit};
use crate::resource_manager::scope::Scope;
use crate::state::Tenant;

const WRITES: &str = "Microsoft.Authorization/roleDefinitions/write";
const DELETES: &str = "Microsoft.Authorization/roleDefinitions/delete";

/// Makes a role, or changes the one of this name in place. The answer is the same.
pub(in crate::resource_manager) fn put(
    tenant: &mut Tenant,
    caller: &Caller,
    (scope, name): (&Scope, &str),
    body: Option<&Value>,
    now: Timestamp,
) -> Result<Value, GraphError> {
    may(tenant, caller, WRITES, (scope, name))?;
    let id = Uuid::try_parse(name).map_err(|_| {
        let message = format!("The role definition ID '{name}' is not valid.");
        GraphError::bad_request("InvalidRoleDefinitionId", message)
    })?;
    let wanted = wanted(body)?;
    may_everywhere(tenant, caller, WRITES, scope, &wanted.assignable_scopes)?;
    if built_in::find(id).is_some() {
        return Err(conflict(
            "RoleDefinitionExists",
            "A role definition with the same ID already exists.",
        ));
    }
    free(tenant, id, &wanted.name)?;
    let known = tenant.azure.custom_roles.get(&id).cloned();
    let mut authored = Authored {
        assignable_scopes: wanted.assignable_scopes.clone(),
        created_at: now,
        updated_at: now,
        created_by: Some(caller.principal()),
        updated_by: Some(caller.principal()),
    };
    if let Some(RoleAuthor::Tenant(before)) = known.as_ref().map(|known| &known.origin) {
        // A role that can be given elsewhere as well is not changed from here alone.
        may_everywhere(tenant, caller, WRITES, scope, &before.assignable_scopes)?;
        authored.created_at = before.created_at;
        authored.created_by = before.created_by;
    }
    let made = made(id, wanted, authored);
    let shown = made.shown(scope);
    let effect = Effect::AzureRoleDefined {
        role: id.to_string(),
        name: made.name.clone(),
    };
    tenant.azure.custom_roles.insert(id, made);
    tenant.effect(now, effect);
    Ok(shown)
}

fn made(id: Uuid, wanted: WantedRole, authored: Authored) -> AzureRole {
    AzureRole {
        id,
        name: wanted.name,
        description: wanted.description,
        allowed: wanted.allowed,
        origin: RoleAuthor::Tenant(authored),
    }
}

fn conflict(code: &str, message: &str) -> GraphError {
    GraphError::new(StatusCode::CONFLICT, code, message)
}

/// Names are unique in the tenant.
fn free(tenant: &Tenant, id: Uuid, name: &str) -> Result<(), GraphError> {
    let mut all = built_in::all().chain(tenant.azure.custom_roles.values());
    if all.any(|one| one.id != id && one.name.eq_ignore_ascii_case(name)) {
        return Err(conflict(
            "RoleDefinitionWithSameNameExists",
            "A custom role with the same name already exists in this directory. Use a different name.",
        ));
    }
    Ok(())
}

fn may(
    tenant: &Tenant,
    caller: &Caller,
    action: &'static str,
    (scope, name): (&Scope, &str),
) -> Result<(), GraphError> {
    let attempt = Attempt::at(action, scope).on("roleDefinitions", name);
    permit(tenant, caller, &attempt)?;
    existing(tenant, scope)
}

/// Whether somebody may do something at every one of some scopes, beside the one that they asked at.
fn may_everywhere(
    tenant: &Tenant,
    caller: &Caller,
    action: &'static str,
    asked_at: &Scope,
    scopes: &[Scope],
) -> Result<(), GraphError> {
    let refused = scopes.iter().filter(|scope| {
        check(tenant, caller, action, scope).is_err() || !tenant.azure.exists(scope)
    });
    let refused: Vec<&str> = refused.map(Scope::as_str).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let (name, scopes) = (caller.principal(), refused.join(","));
    Err(GraphError::new(
        StatusCode::FORBIDDEN,
        "LinkedAuthorizationFailed",
        format!(
            "The client '{name}' with object id '{name}' has permission to perform action '{action}' on scope '{asked_at}'; \
             however, it does not have permission to perform action '{action}' on the linked scope(s) '{scopes}' or the \
             linked scope(s) are invalid."
        ),
    ))
}

/// Deletes a role, and answers what it was; nothing if there was none.
pub(in crate::resource_manager) fn delete(
    tenant: &mut Tenant,
    caller: &Caller,
    (scope, name): (&Scope, &str),
    now: Timestamp,
) -> Result<Option<Value>, GraphError> {
    may(tenant, caller, DELETES, (scope, name))?;
    let id = Uuid::try_parse(name).ok();
    if id.is_some_and(|id| built_in::find(id).is_some()) {
        // The code is not published.
        return Err(GraphError::bad_request(
            "InvalidRoleDefinitionType",
            "A built-in role definition cannot be deleted.",
        ));
    }
    let Some(found) = id.and_then(|id| tenant.azure.custom_roles.get(&id)) else {
        return Ok(None);
    };
    if let RoleAuthor::Tenant(authored) = &found.origin {
        may_everywhere(tenant, caller, DELETES, scope, &authored.assignable_scopes)?;
    }
    if is_held(tenant, found.id) {
        return Err(GraphError::bad_request(
            "RoleDefinitionHasAssignments",
            "There are existing role assignments referencing role.",
        ));
    }
    let (id, shown) = (found.id, found.shown(scope));
    tenant.azure.custom_roles.remove(&id);
    let role = id.to_string();
    tenant.effect(now, Effect::AzureRoleDeleted { role });
    Ok(Some(shown))
}

/// Whether somebody holds a role or is eligible for it.
fn is_held(tenant: &Tenant, role: Uuid) -> bool {
    let azure = &tenant.azure;
    let schedules = azure.store.schedules(&Lookup::Everything);
    azure.assignments.values().any(|one| one.role == role)
        || schedules
            .iter()
            .any(|one| one.holding.privilege.role == role)
}
