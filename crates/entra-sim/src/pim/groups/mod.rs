//! The operations of PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview. Eligibilities and active assignments have
//! the same operations, so each is written once and told which kind is meant.

mod approvals;
mod area;
mod events;
mod graph;
mod offer;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use super::access::GroupAccess;
use super::engine::Kind;
use super::operations::routes::schedule_routes;
use crate::route::{Route, Service};

pub(crate) use events::react;
use offer::{READ_ASSIGNMENT, READ_ELIGIBILITY, REMOVE_ASSIGNMENT, REMOVE_ELIGIBILITY};

schedule_routes! {
    pub(crate) ELIGIBILITY_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Eligible,
    "identityGovernance/privilegedAccess/group/eligibility", "pimGroups.eligibility", "privilegedAccessGroupEligibility",
    READ_ELIGIBILITY, REMOVE_ELIGIBILITY
}
schedule_routes! {
    pub(crate) ASSIGNMENT_ROUTES, Service::GROUP_PIM, GroupAccess, Kind::Active,
    "identityGovernance/privilegedAccess/group/assignment", "pimGroups.assignment", "privilegedAccessGroupAssignment",
    READ_ASSIGNMENT, REMOVE_ASSIGNMENT
}

pub(crate) const APPROVAL_ROUTES: &[Route] = approvals::ROUTES;
