//! Role assignments: made under a name that the caller chooses, read at a scope with what is inherited, deleted by name
//! (learn.microsoft.com: "Role Assignments", REST API 2022-04-01; "Troubleshoot Azure RBAC").

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::authorize::{Attempt, check, permit};
use super::condition::{AssignmentFacts, Particulars};
use super::filter::{Part, parse, unsupported};
use super::scope::{Scope, ScopeLevel};
use super::spelling::{principal_type, role_id, seven_digits};
use super::state::AzureAssignment;
use super::wanted::{Wanted, wanted};
use crate::behaviours::azure::AZURE_PRINCIPAL_DELAY;
use crate::call::Caller;
use crate::directory::model::PrincipalKind;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::pim::operations::mirror::overridden;
use crate::state::Tenant;

const READS: &str = "Microsoft.Authorization/roleAssignments/read";
const WRITES: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETES: &str = "Microsoft.Authorization/roleAssignments/delete";

/// Refuses whoever may not do something at a scope, and a scope that there is not.
pub(super) fn at_scope(
    tenant: &Tenant,
    caller: &Caller,
    action: &'static str,
    scope: &Scope,
) -> Result<(), GraphError> {
    check(tenant, caller, action, scope)?;
    existing(tenant, scope)
}

/// Refuses a scope that there is not.
pub(super) fn existing(tenant: &Tenant, scope: &Scope) -> Result<(), GraphError> {
    if tenant.azure.exists(scope) {
        return Ok(());
    }
    let (code, what) = match scope.level() {
        Some(ScopeLevel::Subscription(_)) => ("SubscriptionNotFound", "subscription"),
        Some(ScopeLevel::ResourceGroup { .. }) => ("ResourceGroupNotFound", "resource group"),
        Some(ScopeLevel::ManagementGroup(_)) => ("ManagementGroupNotFound", "management group"),
        // learn.microsoft.com: azure-resource-manager, troubleshooting, error-not-found
        _ => ("ResourceNotFound", "resource"),
    };
    let message = format!("The {what} '{scope}' could not be found.");
    Err(GraphError::new(StatusCode::NOT_FOUND, code, message))
}

/// Makes an assignment, or changes its words and conditions. 201 for a new one, 200 for one that was there.
pub(super) fn put(
    tenant: &mut Tenant,
    caller: &Caller,
    (scope, name): (&Scope, &str),
    body: Option<&Value>,
    now: Timestamp,
) -> Result<(StatusCode, Value), GraphError> {
    let attempt = |particulars| {
        let attempt = Attempt::at(WRITES, scope).on("roleAssignments", name);
        attempt.with(particulars)
    };
    permit(tenant, caller, &attempt(Particulars::Unread))?;
    existing(tenant, scope)?;
    let wanted = wanted(&tenant.azure, scope, body)?;
    permit(
        tenant,
        caller,
        &attempt(Particulars::Request(AssignmentFacts {
            role: wanted.role,
            principal: wanted.principal,
            kind: wanted.kind,
        })),
    )?;
    let name = Uuid::try_parse(name).map_err(|_| {
        let message = format!(
            "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        );
        GraphError::bad_request("InvalidRoleAssignmentId", message)
    })?;
    if let Some(known) = tenant.azure.assignments.get(&name) {
        let is_same = known.scope == *scope
            && known.principal == wanted.principal
            && known.role == wanted.role;
        if !is_same {
            return Err(GraphError::bad_request(
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
            ));
        }
        return Ok((StatusCode::OK, update(tenant, caller, name, wanted, now)));
    }
    let kind = principal_kind(tenant, &wanted, now)?;
    if let Some(same) = tenant.azure.same(scope, wanted.principal, wanted.role) {
        let id = same.name.as_simple();
        let message = format!(
            "The role assignment already exists. The ID of the existing role assignment is {id}."
        );
        return Err(GraphError::new(
            StatusCode::CONFLICT,
            "RoleAssignmentExists",
            message,
        ));
    }
    let made = AzureAssignment {
        name,
        scope: scope.clone(),
        role: wanted.role,
        principal: wanted.principal,
        kind,
        condition: wanted.condition,
        condition_version: wanted.condition_version,
        description: wanted.description,
        created_at: now,
        updated_at: now,
        updated_by: Some(caller.principal()),
    };
    let mut shown = shown(tenant, &made);
    // Who made it is told by later reads.
    shown["properties"]["createdBy"] = Value::Null;
    tenant.effect(now, made.assigned());
    tenant.azure.assignments.insert(name, made);
    Ok((StatusCode::CREATED, shown))
}

fn update(
    tenant: &mut Tenant,
    caller: &Caller,
    name: Uuid,
    wanted: Wanted,
    now: Timestamp,
) -> Value {
    let Some(known) = tenant.azure.assignments.get_mut(&name) else {
        return Value::Null;
    };
    let is_same = known.condition == wanted.condition
        && known.condition_version == wanted.condition_version
        && known.description == wanted.description;
    if !is_same {
        known.condition = wanted.condition;
        known.condition_version = wanted.condition_version;
        known.description = wanted.description;
        known.updated_at = now;
        known.updated_by = Some(caller.principal());
    }
    let known = known.clone();
    if !is_same {
        let effect = Effect::AzureAssignmentUpdated {
            name: name.to_string(),
            scope: known.scope.to_string(),
        };
        tenant.effect(now, effect);
    }
    shown(tenant, &known)
}

/// What the principal is. One that the service has not heard of yet is refused, also when the request says what it is: that
/// helps users and service principals only.
fn principal_kind(
    tenant: &Tenant,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<PrincipalKind, GraphError> {
    let delay = tenant.behaviours.get(&AZURE_PRINCIPAL_DELAY);
    let found = tenant.directory.principal(wanted.principal);
    let known = found.filter(|found| {
        let is_told = matches!(
            wanted.kind,
            Some(PrincipalKind::User | PrincipalKind::ServicePrincipal)
        );
        is_told || now.duration_since(found.created_at) >= delay
    });
    let Some(known) = known else {
        let (id, directory) = (wanted.principal.uuid(), tenant.id.uuid());
        let (id, directory) = (id.as_simple(), directory.as_simple());
        let message = format!(
            "Principal {id} does not exist in the directory {directory}. Check that you have the correct principal ID. If you \
             are creating this principal and then immediately assigning a role, this error might be related to a replication \
             delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or \
             Group."
        );
        return Err(GraphError::bad_request("PrincipalNotFound", message));
    };
    match wanted.kind {
        Some(kind) if kind != known.kind => Err(GraphError::bad_request(
            "UnmatchedPrincipalType",
            format!(
                "The PrincipalId '{}' has type '{}', which is not the type in the request.",
                wanted.principal,
                principal_type(known.kind)
            ),
        )),
        _ => Ok(known.kind),
    }
}

/// Where an assignment stands as the answer writes it.
fn shown(tenant: &Tenant, one: &AzureAssignment) -> Value {
    let before = if one.scope.as_str() == "/" {
        ""
    } else {
        one.scope.as_str()
    };
    let kind = tenant.directory.principal(one.principal);
    json!({
        "id": format!("{before}/providers/Microsoft.Authorization/roleAssignments/{}", one.name),
        "name": one.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": role_id(&one.scope, one.role),
            "principalId": one.principal,
            "principalType": kind.map_or("Unknown", |_| principal_type(one.kind)),
            "scope": one.scope.as_str(),
            "condition": one.condition, "conditionVersion": one.condition_version,
            "createdOn": seven_digits(one.created_at), "updatedOn": seven_digits(one.updated_at),
            "createdBy": one.updated_by, "updatedBy": one.updated_by,
            "delegatedManagedIdentityResourceId": null,
            "description": one.description,
        },
    })
}

pub(super) fn get(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, READS, scope)?;
    let found = standing(tenant, scope, name);
    found.map(|one| shown(tenant, one)).ok_or_else(|| {
        let message = format!("The role assignment '{name}' is not found.");
        GraphError::new(StatusCode::NOT_FOUND, "RoleAssignmentNotFound", message)
    })
}

fn standing<'a>(tenant: &'a Tenant, scope: &Scope, name: &str) -> Option<&'a AzureAssignment> {
    let found = tenant.azure.assignments.get(&Uuid::try_parse(name).ok()?)?;
    (found.scope == *scope).then_some(found)
}

/// Deletes an assignment, and answers what it was; nothing if there was none.
pub(super) fn delete(
    tenant: &mut Tenant,
    caller: &Caller,
    (scope, name): (&Scope, &str),
    now: Timestamp,
) -> Result<Option<Value>, GraphError> {
    let attempt = |particulars| {
        let attempt = Attempt::at(DELETES, scope).on("roleAssignments", name);
        attempt.with(particulars)
    };
    permit(tenant, caller, &attempt(Particulars::Unread))?;
    existing(tenant, scope)?;
    let Some(found) = standing(tenant, scope, name).cloned() else {
        return Ok(None);
    };
    permit(
        tenant,
        caller,
        &attempt(Particulars::Resource(AssignmentFacts {
            role: found.role,
            principal: found.principal,
            kind: Some(found.kind),
        })),
    )?;
    let answer = shown(tenant, &found);
    // What PIM gives ends with the assignment that it has made.
    overridden(tenant, &found.holding(), now);
    if tenant.azure.assignments.remove(&found.name).is_some() {
        tenant.effect(now, found.unassigned());
    }
    Ok(Some(answer))
}

/// What holds at a scope: there, above and below. In a management group what lies below is not told.
pub(super) fn list(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, READS, scope)?;
    let parts = parse(filter)?;
    let azure = &tenant.azure;
    let with_below = !matches!(
        scope.level(),
        Some(ScopeLevel::ManagementGroup(_) | ScopeLevel::Tenant)
    ) && !parts.contains(&Part::Function("atscope".to_owned(), String::new()));
    let mut principals: Option<Vec<ObjectId>> = None;
    for part in &parts {
        match part {
            Part::Equals(name, id) if name == "principalid" => {
                principals = Some(id.parse().into_iter().collect());
            }
            Part::Function(name, id) if name == "assignedto" => {
                principals = Some(everybody_of(tenant, id)?);
            }
            Part::Function(name, none) if name == "atscope" && none.is_empty() => {}
            _ => return Err(unsupported(filter)),
        }
    }
    let rows = azure.assignments.values().filter(|one| {
        let stands =
            azure.covers(&one.scope, scope) || with_below && azure.covers(scope, &one.scope);
        stands
            && principals
                .as_ref()
                .is_none_or(|all| all.contains(&one.principal))
    });
    let rows: Vec<Value> = rows.map(|one| shown(tenant, one)).collect();
    Ok(json!({"value": rows}))
}

/// A user or service principal with all groups that they are in. Groups are not taken.
pub(super) fn everybody_of(tenant: &Tenant, id: &str) -> Result<Vec<ObjectId>, GraphError> {
    let found = id
        .parse()
        .ok()
        .and_then(|id| tenant.directory.principal(id));
    match found {
        Some(found) if found.kind != PrincipalKind::Group => {
            let mut all = tenant.directory.all_groups_of(found.id);
            all.push(found.id);
            Ok(all)
        }
        _ => Err(GraphError::bad_request(
            "PrincipalTypeNotSupported",
            format!("assignedTo takes users and service principals, and '{id}' is neither."),
        )),
    }
}
