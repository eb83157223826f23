//! The operations of PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview. Eligibilities and active assignments have the same
//! operations, so each is written once and told which kind is meant.

mod approvals;
mod lists;
mod requests;
mod rows;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use super::engine::Kind;
use crate::route::{Bucket, Denial, NO_APPLICATION, Permissions, Route};
use rows::Form;

const ELIGIBILITY_READ: Permissions = &[
    &["PrivilegedEligibilitySchedule.Read.AzureADGroup"],
    &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
];
const ELIGIBILITY_WRITE: Permissions = &[
    &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
    &["PrivilegedEligibilitySchedule.Remove.AzureADGroup"],
];
const ASSIGNMENT_READ: Permissions = &[
    &["PrivilegedAssignmentSchedule.Read.AzureADGroup"],
    &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
];
const ASSIGNMENT_WRITE: Permissions = &[
    &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
    &["PrivilegedAssignmentSchedule.Remove.AzureADGroup"],
];

/// The operations of one kind of schedule. Patterns, types and contexts differ in one word.
macro_rules! schedules {
    ($kind:expr, $word:literal, $type:literal, $read:expr, $write:expr) => {
        [
            Route::post(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests"
                ),
                concat!("pimGroups.", $word, "Requests.create"),
                |tenant, call| requests::create(tenant, call, $kind),
            )
            .permit($write, Denial::Scope)
            .draws(Bucket::Pim)
            .entity(
                concat!("privilegedAccessGroup", $type, "ScheduleRequest"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests/$entity"
                ),
            ),
            Route::post(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests/{request}/cancel"
                ),
                concat!("pimGroups.", $word, "Requests.cancel"),
                |tenant, call| requests::cancel(tenant, call, $kind),
            )
            .permit($write, Denial::Scope)
            .draws(Bucket::Pim),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests"
                ),
                concat!("pimGroups.", $word, "Requests.list"),
                |tenant, call| lists::requests(tenant, call, $kind),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "ScheduleRequest"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests/{request}"
                ),
                concat!("pimGroups.", $word, "Requests.get"),
                |tenant, call| lists::request(tenant, call, $kind),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .entity(
                concat!("privilegedAccessGroup", $type, "ScheduleRequest"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests/$entity"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests/filterByCurrentUser(on='{on}')"
                ),
                concat!("pimGroups.", $word, "Requests.mine"),
                |tenant, call| lists::my_requests(tenant, call, $kind),
            )
            .permit(NO_APPLICATION, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "ScheduleRequest"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules"
                ),
                concat!("pimGroups.", $word, "Schedules.list"),
                |tenant, call| lists::list(tenant, call, $kind, Form::Schedule),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "Schedule"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules/{schedule}"
                ),
                concat!("pimGroups.", $word, "Schedules.get"),
                |tenant, call| lists::one(tenant, call, $kind, Form::Schedule),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .entity(
                concat!("privilegedAccessGroup", $type, "Schedule"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules/$entity"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules/filterByCurrentUser(on='{on}')"
                ),
                concat!("pimGroups.", $word, "Schedules.mine"),
                |tenant, call| lists::mine(tenant, call, $kind, Form::Schedule),
            )
            .permit(NO_APPLICATION, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "Schedule"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "Schedules"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances"
                ),
                concat!("pimGroups.", $word, "Instances.list"),
                |tenant, call| lists::list(tenant, call, $kind, Form::Instance),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "ScheduleInstance"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances/{schedule}"
                ),
                concat!("pimGroups.", $word, "Instances.get"),
                |tenant, call| lists::one(tenant, call, $kind, Form::Instance),
            )
            .permit($read, Denial::Scope)
            .draws(Bucket::Pim)
            .entity(
                concat!("privilegedAccessGroup", $type, "ScheduleInstance"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances/$entity"
                ),
            ),
            Route::get(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances/filterByCurrentUser(on='{on}')"
                ),
                concat!("pimGroups.", $word, "Instances.mine"),
                |tenant, call| lists::mine(tenant, call, $kind, Form::Instance),
            )
            .permit(NO_APPLICATION, Denial::Scope)
            .draws(Bucket::Pim)
            .collection(
                concat!("privilegedAccessGroup", $type, "ScheduleInstance"),
                concat!(
                    "identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleInstances"
                ),
            ),
        ]
    };
}

/// Eligibilities.
pub(crate) const ELIGIBILITY_ROUTES: &[Route] = &schedules!(
    Kind::Eligible,
    "eligibility",
    "Eligibility",
    ELIGIBILITY_READ,
    ELIGIBILITY_WRITE
);

/// Active assignments and activations.
pub(crate) const ASSIGNMENT_ROUTES: &[Route] = &schedules!(
    Kind::Active,
    "assignment",
    "Assignment",
    ASSIGNMENT_READ,
    ASSIGNMENT_WRITE
);

/// Approvals: for signed-in approvers only.
pub(crate) const APPROVAL_ROUTES: &[Route] = approvals::ROUTES;
