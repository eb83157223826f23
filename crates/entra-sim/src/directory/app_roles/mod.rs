//! Roles of applications given to users, groups and service principals
//! (learn.microsoft.com: appRoleAssignment resource and its operations).

mod assign;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Answered, Call, Reply};
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
const USER: PrincipalKind = PrincipalKind::User;
const GROUP: PrincipalKind = PrincipalKind::Group;
const APPLICATION: PrincipalKind = PrincipalKind::ServicePrincipal;

routes! { pub(super) ROUTES, Service::DIRECTORY;
    get "/groups/{group}/appRoleAssignments", READ_APP_ROLES, |tenant, call| list(tenant, call, GROUP, Side::Principal), "groups.appRoleAssignments.list" => collection(KIND, "groups('{group}')/appRoleAssignments");
    get "/users/{user}/appRoleAssignments", READ_APP_ROLES, |tenant, call| list(tenant, call, USER, Side::Principal), "users.appRoleAssignments.list" => collection(KIND, "users('{user}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignments", READ_APP_ROLES, |tenant, call| list(tenant, call, APPLICATION, Side::Principal), "servicePrincipals.appRoleAssignments.list" => units(2), collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    get "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", READ_APP_ROLES, |tenant, call| list(tenant, call, APPLICATION, Side::Resource), "servicePrincipals.appRoleAssignedTo.list" => collection(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    post "/groups/{group}/appRoleAssignments", WRITE_APP_ROLES, |tenant, call| assign(tenant, call, GROUP, Side::Principal), "groups.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "groups('{group}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignments", WRITE_APP_ROLES, |tenant, call| assign(tenant, call, APPLICATION, Side::Principal), "servicePrincipals.appRoleAssignments.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignments");
    post "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo", WRITE_APP_ROLES, |tenant, call| assign(tenant, call, APPLICATION, Side::Resource), "servicePrincipals.appRoleAssignedTo.create" => roles(APP_ROLE_WRITERS), takes(KIND), entity(KIND, "servicePrincipals('{servicePrincipal}')/appRoleAssignedTo");
    delete "/groups/{group}/appRoleAssignments/{assignment}", WRITE_APP_ROLES, |tenant, call| remove(tenant, call, GROUP, Side::Principal), "groups.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignments/{assignment}", WRITE_APP_ROLES, |tenant, call| remove(tenant, call, APPLICATION, Side::Principal), "servicePrincipals.appRoleAssignments.delete" => roles(APP_ROLE_WRITERS);
    delete "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo/{assignment}", WRITE_APP_ROLES, |tenant, call| remove(tenant, call, APPLICATION, Side::Resource), "servicePrincipals.appRoleAssignedTo.delete" => roles(APP_ROLE_WRITERS);
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

fn list(tenant: &Tenant, call: &Call, kind: PrincipalKind, side: Side) -> Answered {
    let id = named(tenant, call, kind)?;
    let directory = &tenant.directory;
    let kept = directory.app_role_assignments.values();
    let kept = kept.filter(|one| side.of(one) == id);
    let rows = kept.filter_map(|one| row(directory, one)).collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

/// The object that the path names, if it is of that kind.
fn named(tenant: &Tenant, call: &Call, kind: PrincipalKind) -> Result<ObjectId, GraphError> {
    let name = match kind {
        PrincipalKind::User => "user",
        PrincipalKind::Group => "group",
        PrincipalKind::ServicePrincipal => "servicePrincipal",
    };
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

/// Which end of an assignment the path names.
#[derive(Clone, Copy, Debug)]
enum Side {
    Principal,
    Resource,
}

impl Side {
    fn of(self, one: &AppRoleAssignment) -> ObjectId {
        match self {
            Self::Principal => one.principal,
            Self::Resource => one.resource,
        }
    }

    /// The property of the body that the path has fixed.
    const fn property(self) -> &'static str {
        match self {
            Self::Principal => "principalId",
            Self::Resource => "resourceId",
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Assigned,
    Unassigned,
}

fn effect(tenant: &Tenant, one: &AppRoleAssignment, outcome: Outcome) -> Option<Effect> {
    let application = tenant
        .directory
        .service_principals
        .get(&one.resource)?
        .app_id;
    let (role, principal) = (one.role.to_string(), one.principal);
    Some(match outcome {
        Outcome::Assigned => Effect::AppRoleAssigned {
            application,
            role,
            principal,
        },
        Outcome::Unassigned => Effect::AppRoleUnassigned {
            application,
            role,
            principal,
        },
    })
}

fn remove(tenant: &mut Tenant, call: &Call, kind: PrincipalKind, side: Side) -> Answered {
    let id = named(tenant, call, kind)?;
    let key = call.param("assignment");
    let found = tenant.directory.app_role_assignments.get(key);
    if found.is_none_or(|one| side.of(one) != id) {
        return Err(GraphError::not_found(key));
    }
    drop_one(tenant, key, call.now);
    Ok(Reply::no_content())
}

fn drop_one(tenant: &mut Tenant, key: &str, at: Timestamp) {
    if let Some(one) = tenant.directory.app_role_assignments.remove(key)
        && let Some(effect) = effect(tenant, &one, Outcome::Unassigned)
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
