//! Which groups and principals PIM takes, and when it has heard of them.
//!
//! learn.microsoft.com: concept-pim-for-groups (no dynamic and no synchronised groups),
//! admin-units-restricted-management, groups-concept (no groups as active members of role-assignable groups).

use jiff::Timestamp;

use crate::behaviours::pim::{
    ELIGIBLE_SERVICE_PRINCIPALS, PIM_PHASE_1, PIM_PHASE_2, YOUNG_PRINCIPAL_DELAY,
};
use crate::directory::model::{Group, Principal, PrincipalKind};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::pim::access::GroupAccess;
use crate::pim::area::Readiness;
use crate::pim::engine::{Holding, Kind};
use crate::pim::refusal::Refusal;
use crate::state::Tenant;

/// How far a group has come.
pub(crate) fn readiness(tenant: &Tenant, group: &Group, now: Timestamp) -> Readiness {
    let age = now.duration_since(group.fresh_since);
    let first = tenant.behaviours.get(&PIM_PHASE_1);
    if age < first {
        Readiness::Unknown
    } else if age < first.saturating_add(tenant.behaviours.get(&PIM_PHASE_2)) {
        Readiness::Failing
    } else {
        Readiness::Ready
    }
}

pub(crate) fn manageable(tenant: &Tenant, id: ObjectId) -> Result<&Group, GraphError> {
    let group = tenant
        .directory
        .group(id)
        .ok_or(Refusal::ResourceNotFound)?;
    let distribution = group.mail_enabled && !group.is_unified();
    if group.is_dynamic() || group.is_synced() || distribution {
        return Err(GraphError::bad_request(
            "ResourceTypeNotSupported",
            "Resource type not supported for onboarding",
        ));
    }
    Ok(group)
}

/// Every write to a group in a restricted management administrative unit is refused.
pub(crate) fn refuse_restricted(tenant: &Tenant, group: ObjectId) -> Result<(), GraphError> {
    if tenant.directory.is_management_restricted(group) {
        Err(GraphError::denied())
    } else {
        Ok(())
    }
}

pub(crate) fn principal(
    tenant: &Tenant,
    id: ObjectId,
    now: Timestamp,
) -> Result<Principal, Refusal> {
    let delay = tenant.behaviours.get(&YOUNG_PRINCIPAL_DELAY);
    tenant
        .directory
        .principal(id)
        .filter(|principal| now.duration_since(principal.created_at) >= delay)
        .ok_or(Refusal::SubjectNotFound)
}

/// Whether this principal may get this access.
pub(crate) fn admissible(
    tenant: &Tenant,
    group: &Group,
    holding: &Holding<GroupAccess>,
    principal: &Principal,
) -> Result<(), Refusal> {
    let access = holding.privilege.access;
    match (principal.kind, holding.kind) {
        (PrincipalKind::Group, _) if access == Access::Owner => {
            Err(Refusal::request("A group can not own a group."))
        }
        (PrincipalKind::Group, _) if principal.id == group.id => {
            Err(Refusal::request("A group can not be a member of itself."))
        }
        (PrincipalKind::Group, Kind::Active) if group.is_role_assignable() => Err(
            Refusal::request("A group can not be an active member of a role-assignable group."),
        ),
        (PrincipalKind::ServicePrincipal, Kind::Eligible)
            if !tenant.behaviours.get(&ELIGIBLE_SERVICE_PRINCIPALS) =>
        {
            Err(Refusal::request("A service principal can not be eligible."))
        }
        _ => Ok(()),
    }
}
