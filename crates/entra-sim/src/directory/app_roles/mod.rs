//! Roles of applications given to users, groups and service principals
//! (learn.microsoft.com: appRoleAssignment resource and its operations).

mod assign;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::odata::{self, Capabilities, EQ, Property, STARTS};
use crate::route::{Service, routes};
use crate::state::Tenant;

use assign::assign;

use super::delegation::APP_ROLE_WRITERS;
use super::model::{AppRoleAssignment, PrincipalKind};
use super::permissions::{READ_APP_ROLES, WRITE_APP_ROLES};
use super::registry::Directory;
use super::replication;

const KIND: &str = "microsoft.graph.appRoleAssignment";

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/groups/{group}/appRoleAssignments", READ_APP_ROLES, of_group, "groups.appRoleAssignments.list" => collection(KIND, "groups('{group}')/appRoleAssignments");
    get "/users/{user}/appRoleAssignments", READ_APP_ROLES, of_user, "users.appRoleAssignments.list" => collection(KIND, "users('{user}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignments", READ_APP_ROLES, of_service_principal, "servicePrincipals.appRoleAssignments.list" => units(2), collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", READ_APP_ROLES, on_resource, "servicePrincipals.appRoleAssignedTo.list" => collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    post "/groups/{group}/appRoleAssignments", WRITE_APP_ROLES, assign_to_group, "groups.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "groups('{group}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignments", WRITE_APP_ROLES, assign_to_service_principal, "servicePrincipals.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", WRITE_APP_ROLES, assign_on_resource, "servicePrincipals.appRoleAssignedTo.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    delete "/groups/{group}/appRoleAssignments/{assignment}", WRITE_APP_ROLES, remove_from_group, "groups.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignments/{assignment}", WRITE_APP_ROLES, remove_from_service_principal, "servicePrincipals.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo/{assignment}", WRITE_APP_ROLES, remove_from_resource, "servicePrincipals.appRoleAssignedTo.delete" => roles(APP_ROLE_WRITERS);
}

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("resourceId", EQ),
        Property::plain("principalDisplayName", EQ | STARTS),
    ],
    ..Capabilities::DIRECTORY
};

/// The id of an assignment: principal and a random part, both in the byte order of Windows.
pub(crate) fn assignment_id(principal: ObjectId, random: Uuid) -> String {
    let mut bytes = principal.uuid().to_bytes_le().to_vec();
    bytes.extend(random.to_bytes_le());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn row(directory: &Directory, one: &AppRoleAssignment) -> Option<Value> {
    let principal = directory.principal(one.principal)?;
    let resource = directory.service_principals.get(&one.resource)?;
    let kind = match principal.kind {
        PrincipalKind::User => "User",
        PrincipalKind::Group => "Group",
        PrincipalKind::ServicePrincipal => "ServicePrincipal",
    };
    Some(json!({
        "id": one.id,
        "deletedDateTime": null,
        "appRoleId": one.role,
        "createdDateTime": one.created_at,
        "principalDisplayName": principal.display_name,
        "principalId": one.principal,
        "principalType": kind,
        "resourceDisplayName": resource.display_name,
        "resourceId": one.resource,
    }))
}

fn list(
    tenant: &Tenant,
    call: &Call,
    keep: impl Fn(&AppRoleAssignment) -> bool,
) -> Result<Reply, GraphError> {
    let directory = &tenant.directory;
    let kept = directory
        .app_role_assignments
        .values()
        .filter(|one| keep(one));
    let rows = kept.filter_map(|one| row(directory, one)).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

/// The principal that a parameter of the path names, if it is of that kind.
fn principal(
    tenant: &Tenant,
    call: &Call,
    name: &str,
    kind: PrincipalKind,
) -> Result<ObjectId, GraphError> {
    let id = match kind {
        PrincipalKind::User => tenant.directory.user(call.param(name)).map(|user| user.id),
        PrincipalKind::Group | PrincipalKind::ServicePrincipal => Some(call.object_id(name)?),
    };
    id.and_then(|id| tenant.directory.principal(id))
        .filter(|principal| principal.kind == kind)
        .filter(|principal| {
            replication::replicated(tenant, principal.id, principal.created_at, call.operation)
        })
        .map(|principal| principal.id)
        .ok_or_else(|| GraphError::not_found(call.param(name)))
}

fn of_group(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(tenant, call, "group", PrincipalKind::Group)?;
    list(tenant, call, |one| one.principal == id)
}

fn of_user(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(tenant, call, "user", PrincipalKind::User)?;
    list(tenant, call, |one| one.principal == id)
}

fn of_service_principal(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    list(tenant, call, |one| one.principal == id)
}

fn on_resource(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    list(tenant, call, |one| one.resource == id)
}

fn assign_to_group(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(tenant, call, "group", PrincipalKind::Group)?;
    assign(tenant, call, "principalId", id)
}

fn assign_to_service_principal(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    assign(tenant, call, "principalId", id)
}

fn assign_on_resource(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    assign(tenant, call, "resourceId", id)
}

#[derive(Clone, Copy)]
enum Side {
    Assigned,
    Unassigned,
}

fn effect(tenant: &Tenant, one: &AppRoleAssignment, side: Side) -> Option<Effect> {
    let application = tenant
        .directory
        .service_principals
        .get(&one.resource)?
        .app_id;
    let (role, principal) = (one.role.to_string(), one.principal);
    Some(match side {
        Side::Assigned => Effect::AppRoleAssigned {
            application,
            role,
            principal,
        },
        Side::Unassigned => Effect::AppRoleUnassigned {
            application,
            role,
            principal,
        },
    })
}

fn remove_from_group(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(tenant, call, "group", PrincipalKind::Group)?;
    remove(tenant, call, |one| one.principal == id)
}

fn remove_from_service_principal(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    remove(tenant, call, |one| one.principal == id)
}

fn remove_from_resource(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = principal(
        tenant,
        call,
        "servicePrincipal",
        PrincipalKind::ServicePrincipal,
    )?;
    remove(tenant, call, |one| one.resource == id)
}

fn remove(
    tenant: &mut Tenant,
    call: &Call,
    belongs: impl Fn(&AppRoleAssignment) -> bool,
) -> Result<Reply, GraphError> {
    let key = call.param("assignment");
    let found = tenant
        .directory
        .app_role_assignments
        .get(key)
        .filter(|one| belongs(one));
    if found.is_none() {
        return Err(GraphError::not_found(key));
    }
    drop_one(tenant, key, call.now);
    Ok(Reply::no_content())
}

fn drop_one(tenant: &mut Tenant, key: &str, at: Timestamp) {
    if let Some(one) = tenant.directory.app_role_assignments.remove(key)
        && let Some(effect) = effect(tenant, &one, Side::Unassigned)
    {
        tenant.effect(at, effect);
    }
}

/// Takes every application role from a principal that is gone for good.
pub(crate) fn withdraw(tenant: &mut Tenant, principal: ObjectId, at: Timestamp) {
    let keys: Vec<String> = tenant
        .directory
        .app_role_assignments
        .values()
        .filter(|one| one.principal == principal)
        .map(|one| one.id.clone())
        .collect();
    for key in keys {
        drop_one(tenant, &key, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_id_begins_with_its_principal() {
        let principal = ObjectId::new(Uuid::from_u128(0x1122_3344_5566_4788_99aa_bbcc_ddee_ff00));
        let id = assignment_id(principal, Uuid::from_u128(7));
        let bytes = URL_SAFE_NO_PAD.decode(&id).unwrap();
        assert_eq!(bytes.len(), 32);
        assert_eq!(Uuid::from_slice_le(&bytes[..16]).unwrap(), principal.uuid());
    }
}
