//! The operations of PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview. Eligibilities and active assignments have the same
//! operations, so each is written once and told which kind is meant.

mod approvals;
mod area;
mod events;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use super::access::GroupAccess;
use super::engine::Kind;
use super::operations::routes::schedule_routes;
use crate::route::{Route, Service, permissions};

pub(crate) use events::react;

permissions! {
    ELIGIBILITY_READ = "PrivilegedEligibilitySchedule.Read.AzureADGroup" | "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup";
    ELIGIBILITY_WRITE = "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
        | "PrivilegedEligibilitySchedule.Remove.AzureADGroup";
    ASSIGNMENT_READ = "PrivilegedAssignmentSchedule.Read.AzureADGroup" | "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup";
    ASSIGNMENT_WRITE = "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup" | "PrivilegedAssignmentSchedule.Remove.AzureADGroup";
}

schedule_routes! { pub(crate) ELIGIBILITY_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Eligible, "identityGovernance/privilegedAccess/group/eligibility", "pimGroups.eligibility", "privilegedAccessGroupEligibility", ELIGIBILITY_READ, ELIGIBILITY_WRITE }
schedule_routes! { pub(crate) ASSIGNMENT_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Active, "identityGovernance/privilegedAccess/group/assignment", "pimGroups.assignment", "privilegedAccessGroupAssignment", ASSIGNMENT_READ, ASSIGNMENT_WRITE }

pub(crate) const APPROVAL_ROUTES: &[Route] = approvals::ROUTES;
