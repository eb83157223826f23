//! An assignment of an application role: its id, its row, its effect, and which end of it a path names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::pim::window::stamp;
use crate::state::Tenant;

use super::super::model::{AppRoleAssignment, PrincipalKind};
use super::super::registry::Directory;
use super::super::replication;

/// Which end of an assignment the path names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Principal,
    Resource,
}

impl Side {
    pub(super) fn of(self, one: &AppRoleAssignment) -> ObjectId {
        match self {
            Self::Principal => one.principal,
            Self::Resource => one.resource,
        }
    }

    /// The property of the body that the path has fixed.
    pub(super) const fn property(self) -> &'static str {
        match self {
            Self::Principal => "principalId",
            Self::Resource => "resourceId",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    Assigned,
    Unassigned,
}

/// The id of an assignment: principal and a random part, both in the byte order of Windows.
pub(crate) fn assignment_id(principal: ObjectId, random: Uuid) -> String {
    let mut bytes = principal.uuid().to_bytes_le().to_vec();
    bytes.extend(random.to_bytes_le());
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn row(directory: &Directory, one: &AppRoleAssignment) -> Option<Value> {
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
        "createdDateTime": stamp(one.created_at),
        "principalDisplayName": principal.display_name,
        "principalId": one.principal,
        "principalType": kind,
        "resourceDisplayName": resource.display_name,
        "resourceId": one.resource,
    }))
}

/// The object that the path names, if it is of that kind.
pub(super) fn named(
    tenant: &Tenant,
    call: &Call,
    kind: PrincipalKind,
) -> Result<ObjectId, GraphError> {
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

pub(super) fn effect(tenant: &Tenant, one: &AppRoleAssignment, outcome: Outcome) -> Option<Effect> {
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
