//! The operations of PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview. Eligibilities and active assignments have the same
//! operations, so each is written once and told which kind is meant.

mod approvals;
mod area;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use super::access::GroupAccess;
use super::engine::{Holding, Kind};
use super::operations::mirror;
use super::operations::routes::schedule_routes;
use super::switches::MEMBERS_API_ENDS_PIM;
use crate::ids::{Access, ObjectId};
use crate::route::{Route, Service, permissions};
use crate::state::Tenant;

permissions! {
    ELIGIBILITY_READ = "PrivilegedEligibilitySchedule.Read.AzureADGroup" | "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup";
    ELIGIBILITY_WRITE = "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
        | "PrivilegedEligibilitySchedule.Remove.AzureADGroup";
    ASSIGNMENT_READ = "PrivilegedAssignmentSchedule.Read.AzureADGroup" | "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup";
    ASSIGNMENT_WRITE = "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup" | "PrivilegedAssignmentSchedule.Remove.AzureADGroup";
}

schedule_routes! { pub(crate) ELIGIBILITY_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Eligible, "identityGovernance/privilegedAccess/group/eligibility", "pimGroups.eligibility", "privilegedAccessGroupEligibility", ELIGIBILITY_READ, ELIGIBILITY_WRITE }
schedule_routes! { pub(crate) ASSIGNMENT_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Active, "identityGovernance/privilegedAccess/group/assignment", "pimGroups.assignment", "privilegedAccessGroupAssignment", ASSIGNMENT_READ, ASSIGNMENT_WRITE }

/// Approvals: for signed-in approvers only.
pub(crate) const APPROVAL_ROUTES: &[Route] = approvals::ROUTES;

/// The groups API took a member or owner out, which overrides PIM.
pub(super) fn member_removed(
    tenant: &mut Tenant,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
) {
    if tenant.behaviours.get(&MEMBERS_API_ENDS_PIM) {
        let holding = Holding {
            kind: Kind::Active,
            privilege: GroupAccess { group, access },
            principal,
        };
        mirror::overridden(tenant, &holding, tenant.now());
    }
}

/// A group was deleted: what it gave ends, and its settings are forgotten.
pub(super) fn group_deleted(tenant: &mut Tenant, group: ObjectId) {
    let now = tenant.now();
    for change in tenant.pim.store.place_deleted(&group, now) {
        mirror::note(tenant, &change);
    }
    tenant.pim.policies.forget_group(group);
    tenant.pim.onboarded.remove(&group);
}
