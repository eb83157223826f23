//! The operations of PIM for Groups.
//!
//! learn.microsoft.com: privilegedidentitymanagement-for-groups-api-overview. Eligibilities and active assignments have the same
//! operations, so each is written once and asks the path which kind is meant.

mod approvals;
mod lists;
mod requests;
pub(crate) mod subject;
#[cfg(test)]
mod tests;

use super::engine::Kind;
use crate::call::Call;
use crate::route::{Bucket, Denial, NO_APPLICATION, Permissions, Route};

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
    ($word:literal, $type:literal, $read:expr, $write:expr) => {
        [
            Route::post(
                concat!(
                    "/identityGovernance/privilegedAccess/group/",
                    $word,
                    "ScheduleRequests"
                ),
                concat!("pimGroups.", $word, "Requests.create"),
                requests::create,
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
                requests::cancel,
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
                lists::requests,
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
                lists::request,
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
                lists::my_requests,
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
                lists::schedules,
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
                lists::schedule,
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
                lists::my_schedules,
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
                lists::instances,
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
                lists::instance,
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
                lists::my_instances,
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
    "eligibility",
    "Eligibility",
    ELIGIBILITY_READ,
    ELIGIBILITY_WRITE
);

/// Active assignments and activations.
pub(crate) const ASSIGNMENT_ROUTES: &[Route] = &schedules!(
    "assignment",
    "Assignment",
    ASSIGNMENT_READ,
    ASSIGNMENT_WRITE
);

/// Approvals: for signed-in approvers only.
pub(crate) const APPROVAL_ROUTES: &[Route] = approvals::ROUTES;

/// Which kind of schedule a call is about.
fn kind(call: &Call) -> Kind {
    // The word stands in the path before the first parameter, so it can not come from an id.
    if call.path.contains("/group/eligibility") {
        Kind::Eligible
    } else {
        Kind::Active
    }
}
