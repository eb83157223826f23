//! The operations on directory roles.

use super::rows::Form;
use super::{assignments, definitions, lists, requests};
use crate::pim::engine::Kind;
use crate::route::{ANYONE, Bucket, Denial, NO_APPLICATION, Permissions, Route};

const READ: Permissions = &[
    &["RoleManagement.Read.Directory"],
    &["RoleManagement.Read.All"],
    &["RoleManagement.ReadWrite.Directory"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];

const WRITE: Permissions = &[&["RoleManagement.ReadWrite.Directory"]];

const PLAIN: &[Route] = &[
    Route::get(
        "/roleManagement/directory/roleDefinitions",
        "roleDefinitions.list",
        definitions::list,
    )
    .permit(READ, Denial::Directory)
    .collection(
        "unifiedRoleDefinition",
        "roleManagement/directory/roleDefinitions",
    ),
    Route::get(
        "/roleManagement/directory/roleDefinitions/{role}",
        "roleDefinitions.get",
        definitions::get,
    )
    .permit(READ, Denial::Directory)
    .entity(
        "unifiedRoleDefinition",
        "roleManagement/directory/roleDefinitions/$entity",
    ),
    Route::get(
        "/roleManagement/directory/roleAssignments",
        "roleAssignments.list",
        assignments::list,
    )
    .permit(READ, Denial::Directory)
    .collection(
        "unifiedRoleAssignment",
        "roleManagement/directory/roleAssignments",
    ),
    Route::get(
        "/roleManagement/directory/roleAssignments/{assignment}",
        "roleAssignments.get",
        assignments::get,
    )
    .permit(READ, Denial::Directory)
    .entity(
        "unifiedRoleAssignment",
        "roleManagement/directory/roleAssignments/$entity",
    ),
    Route::post(
        "/roleManagement/directory/roleAssignments",
        "roleAssignments.create",
        assignments::create,
    )
    .permit(WRITE, Denial::Directory)
    .takes("unifiedRoleAssignment")
    .entity(
        "unifiedRoleAssignment",
        "roleManagement/directory/roleAssignments/$entity",
    ),
    Route::delete(
        "/roleManagement/directory/roleAssignments/{assignment}",
        "roleAssignments.delete",
        assignments::delete,
    )
    .permit(WRITE, Denial::Directory),
];

/// The operations of one kind of schedule. Which permission suffices depends on the action, so handlers ask.
macro_rules! schedules {
    ($kind:expr, $word:literal) => {
        [
            Route::post(
                concat!("/roleManagement/directory/role", $word, "ScheduleRequests"),
                concat!("role", $word, "Requests.create"),
                |tenant, call| requests::create(tenant, call, $kind),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .entity(
                concat!("unifiedRole", $word, "ScheduleRequest"),
                concat!(
                    "roleManagement/directory/role",
                    $word,
                    "ScheduleRequests/$entity"
                ),
            ),
            Route::post(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "ScheduleRequests/{request}/cancel"
                ),
                concat!("role", $word, "Requests.cancel"),
                |tenant, call| requests::cancel(tenant, call, $kind),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim),
            Route::get(
                concat!("/roleManagement/directory/role", $word, "ScheduleRequests"),
                concat!("role", $word, "Requests.list"),
                |tenant, call| lists::requests(tenant, call, $kind),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "ScheduleRequest"),
                concat!("roleManagement/directory/role", $word, "ScheduleRequests"),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "ScheduleRequests/{request}"
                ),
                concat!("role", $word, "Requests.get"),
                |tenant, call| lists::request(tenant, call, $kind),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .entity(
                concat!("unifiedRole", $word, "ScheduleRequest"),
                concat!(
                    "roleManagement/directory/role",
                    $word,
                    "ScheduleRequests/$entity"
                ),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "ScheduleRequests/filterByCurrentUser(on='{on}')"
                ),
                concat!("role", $word, "Requests.mine"),
                |tenant, call| lists::my_requests(tenant, call, $kind),
            )
            .permit(NO_APPLICATION, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "ScheduleRequest"),
                concat!("roleManagement/directory/role", $word, "ScheduleRequests"),
            ),
            Route::get(
                concat!("/roleManagement/directory/role", $word, "Schedules"),
                concat!("role", $word, "Schedules.list"),
                |tenant, call| lists::list(tenant, call, $kind, Form::Schedule),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "Schedule"),
                concat!("roleManagement/directory/role", $word, "Schedules"),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "Schedules/{schedule}"
                ),
                concat!("role", $word, "Schedules.get"),
                |tenant, call| lists::one(tenant, call, $kind, Form::Schedule),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .entity(
                concat!("unifiedRole", $word, "Schedule"),
                concat!("roleManagement/directory/role", $word, "Schedules/$entity"),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "Schedules/filterByCurrentUser(on='{on}')"
                ),
                concat!("role", $word, "Schedules.mine"),
                |tenant, call| lists::mine(tenant, call, $kind, Form::Schedule),
            )
            .permit(NO_APPLICATION, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "Schedule"),
                concat!("roleManagement/directory/role", $word, "Schedules"),
            ),
            Route::get(
                concat!("/roleManagement/directory/role", $word, "ScheduleInstances"),
                concat!("role", $word, "Instances.list"),
                |tenant, call| lists::list(tenant, call, $kind, Form::Instance),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "ScheduleInstance"),
                concat!("roleManagement/directory/role", $word, "ScheduleInstances"),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "ScheduleInstances/{schedule}"
                ),
                concat!("role", $word, "Instances.get"),
                |tenant, call| lists::one(tenant, call, $kind, Form::Instance),
            )
            .permit(ANYONE, Denial::RoleScope)
            .draws(Bucket::Pim)
            .entity(
                concat!("unifiedRole", $word, "ScheduleInstance"),
                concat!(
                    "roleManagement/directory/role",
                    $word,
                    "ScheduleInstances/$entity"
                ),
            ),
            Route::get(
                concat!(
                    "/roleManagement/directory/role",
                    $word,
                    "ScheduleInstances/filterByCurrentUser(on='{on}')"
                ),
                concat!("role", $word, "Instances.mine"),
                |tenant, call| lists::mine(tenant, call, $kind, Form::Instance),
            )
            .permit(NO_APPLICATION, Denial::RoleScope)
            .draws(Bucket::Pim)
            .collection(
                concat!("unifiedRole", $word, "ScheduleInstance"),
                concat!("roleManagement/directory/role", $word, "ScheduleInstances"),
            ),
        ]
    };
}

const ELIGIBILITY: &[Route] = &schedules!(Kind::Eligible, "Eligibility");
const ASSIGNMENT: &[Route] = &schedules!(Kind::Active, "Assignment");

/// Operations of this area.
pub(crate) const AREAS: &[&[Route]] = &[PLAIN, ELIGIBILITY, ASSIGNMENT];
