//! Giving a role: what is checked, and what is written.

use serde_json::Value;
use uuid::Uuid;

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

use super::super::model::{AppRoleAssignment, PrincipalKind, ServicePrincipal};
use super::super::replication;
use super::assignment::{Outcome, Side, assignment_id, effect, named, row};

/// Assignments of one principal, counting all applications (learn.microsoft.com:
/// directory-service-limits-restrictions).
const MAXIMUM: usize = 1500;

/// Assigns to the principal, or on the resource, that the path names.
pub(super) fn assign(
    tenant: &mut Tenant,
    call: &Call,
    kind: PrincipalKind,
    side: Side,
) -> Answered {
    let fixed = named(tenant, call, kind)?;
    let body = call.body_object()?;
    let guid = |name: &str| {
        let text = body.get(name).and_then(Value::as_str).unwrap_or_default();
        Uuid::try_parse(text).map_err(|_| {
            GraphError::invalid(format!(
                "A value is required for property '{name}' of resource 'AppRoleAssignment'."
            ))
        })
    };
    let principal = ObjectId::new(guid("principalId")?);
    let resource = ObjectId::new(guid("resourceId")?);
    let role = guid("appRoleId")?;
    let given = match side {
        Side::Principal => principal,
        Side::Resource => resource,
    };
    if given != fixed {
        let side = side.property();
        return Err(GraphError::invalid(format!(
            "The value of '{side}' differs from the object in the request."
        )));
    }
    check(tenant, call, principal, resource, role)?;
    let assignment = AppRoleAssignment {
        id: assignment_id(principal, tenant.new_guid()),
        role,
        principal,
        resource,
        created_at: call.now,
    };
    let value =
        row(&tenant.directory, &assignment).ok_or_else(|| GraphError::not_found(resource))?;
    let effect = effect(tenant, &assignment, Outcome::Assigned);
    tenant
        .directory
        .app_role_assignments
        .insert(assignment.id.clone(), assignment);
    if let Some(effect) = effect {
        tenant.effect(call.now, effect);
    }
    Ok(Reply::created(value))
}

fn check(
    tenant: &Tenant,
    call: &Call,
    principal: ObjectId,
    resource: ObjectId,
    role: Uuid,
) -> Result<(), GraphError> {
    let directory = &tenant.directory;
    let found = directory
        .principal(principal)
        .filter(|found| {
            replication::replicated(tenant, principal, found.created_at, call.operation)
        })
        .ok_or_else(|| GraphError::not_found(principal))?;
    let application = directory
        .service_principals
        .get(&resource)
        .ok_or_else(|| GraphError::not_found(resource))?;
    declared(application, role, found.kind)?;
    let held: Vec<&AppRoleAssignment> = directory
        .app_role_assignments
        .values()
        .filter(|one| one.principal == principal)
        .collect();
    if held
        .iter()
        .any(|one| one.resource == resource && one.role == role)
    {
        return Err(GraphError::invalid(
            "Permission being assigned already exists on the object",
        ));
    }
    if held.len() >= MAXIMUM {
        return Err(GraphError::invalid(
            "The maximum number of app role assignments of the principal is reached.",
        ));
    }
    Ok(())
}

/// The zero GUID is for applications without roles of their own; groups count as users.
fn declared(
    application: &ServicePrincipal,
    role: Uuid,
    kind: PrincipalKind,
) -> Result<(), GraphError> {
    let member_type = match kind {
        PrincipalKind::User | PrincipalKind::Group => "User",
        PrincipalKind::ServicePrincipal => "Application",
    };
    let fits = if role.is_nil() {
        application.app_roles.is_empty()
    } else {
        application.app_roles.iter().any(|one| {
            one.id == role
                && one.enabled
                && one
                    .allowed_member_types
                    .iter()
                    .any(|name| name == member_type)
        })
    };
    if fits {
        Ok(())
    } else {
        Err(GraphError::invalid(
            "Permission being assigned was not found on application.",
        ))
    }
}
