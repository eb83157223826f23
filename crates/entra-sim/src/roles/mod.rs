//! Directory roles: definitions, plain assignments, and what PIM adds to them.
//!
//! | Module | What |
//! | --- | --- |
//! | [`definitions`] | built-in and custom roles |
//! | [`privilege`] | a role at a scope; ids of assignments |
//! | [`alert`] | the warning about plain assignments of groups |
//! | [`assignments`] | plain assignments and the rows of all that are in force |
//! | [`area`] | what PIM for directory roles does differently from PIM for Groups |
//! | [`held`] | who holds which role, by whatever way |

mod alert;
mod area;
mod assignments;
pub(crate) mod definition;
mod definitions;
mod effects;
mod graph;
pub(crate) mod held;
mod offer;
pub(crate) mod privilege;
pub(crate) mod state;
#[cfg(test)]
mod tests;
pub(crate) mod well_known;

use crate::permission::{ANYONE, permissions};
use crate::pim::engine::Kind;
use crate::pim::operations::mirror;
use crate::pim::operations::routes::schedule_routes;
use crate::route::{Route, Service, routes};
use crate::state::{Event, Tenant};

use privilege::RoleAt;

permissions! {
    READ = "RoleManagement.Read.Directory" | "RoleManagement.Read.All" | "RoleManagement.ReadWrite.Directory"
        | "Directory.Read.All" | "Directory.ReadWrite.All";
    WRITE = "RoleManagement.ReadWrite.Directory";
}

routes! { PLAIN, Service::DIRECTORY;
    get "/roleManagement/directory/roleDefinitions", READ, definitions::list,
        "roleDefinitions.list" => collection("unifiedRoleDefinition", "roleManagement/directory/roleDefinitions");
    get "/roleManagement/directory/roleDefinitions/{role}", READ, definitions::get,
        "roleDefinitions.get" => entity("unifiedRoleDefinition", "roleManagement/directory/roleDefinitions");
    get "/roleManagement/directory/roleAssignments", READ, assignments::list,
        "roleAssignments.list" => collection("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    get "/roleManagement/directory/roleAssignments/{assignment}", READ, assignments::get,
        "roleAssignments.get" => entity("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    post "/roleManagement/directory/roleAssignments", WRITE, assignments::create,
        "roleAssignments.create" => takes("unifiedRoleAssignment"),
            entity("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    delete "/roleManagement/directory/roleAssignments/{assignment}", WRITE, assignments::delete, "roleAssignments.delete";
}

// Which permission suffices depends on the action, so handlers ask.
schedule_routes! {
    ELIGIBILITY, Service::ROLE_PIM, RoleAt, Kind::Eligible,
    "roleManagement/directory/roleEligibility", "roleEligibility", "unifiedRoleEligibility", ANYONE, ANYONE
}
schedule_routes! {
    ASSIGNMENT, Service::ROLE_PIM, RoleAt, Kind::Active,
    "roleManagement/directory/roleAssignment", "roleAssignment", "unifiedRoleAssignment", ANYONE, ANYONE
}

pub(crate) const TABLES: &[&[Route]] = &[PLAIN, ELIGIBILITY, ASSIGNMENT];

/// Does the part of directory roles: warns, and carries out what PIM does.
pub(crate) fn react(tenant: &mut Tenant, event: &Event<'_>) {
    if let Event::Clock(now) = event {
        alert::advance(tenant, *now);
    }
    mirror::react::<RoleAt>(tenant, event);
}
