//! The operations on directory roles.

use super::{RoleAt, assignments, definitions};
use crate::pim::engine::Kind;
use crate::pim::operations::routes::schedule_routes;
use crate::route::{ANYONE, Route, Service, permissions, routes};

permissions! {
    READ = "RoleManagement.Read.Directory" | "RoleManagement.Read.All" | "RoleManagement.ReadWrite.Directory"
        | "Directory.Read.All" | "Directory.ReadWrite.All";
    WRITE = "RoleManagement.ReadWrite.Directory";
}

routes! { PLAIN, Service::DIRECTORY;
    get "/roleManagement/directory/roleDefinitions", READ, definitions::list, "roleDefinitions.list" => collection("unifiedRoleDefinition", "roleManagement/directory/roleDefinitions");
    get "/roleManagement/directory/roleDefinitions/{role}", READ, definitions::get, "roleDefinitions.get" => entity("unifiedRoleDefinition", "roleManagement/directory/roleDefinitions");
    get "/roleManagement/directory/roleAssignments", READ, assignments::list, "roleAssignments.list" => collection("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    get "/roleManagement/directory/roleAssignments/{assignment}", READ, assignments::get, "roleAssignments.get" => entity("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    post "/roleManagement/directory/roleAssignments", WRITE, assignments::create, "roleAssignments.create" => takes("unifiedRoleAssignment"), entity("unifiedRoleAssignment", "roleManagement/directory/roleAssignments");
    delete "/roleManagement/directory/roleAssignments/{assignment}", WRITE, assignments::delete, "roleAssignments.delete";
}

// Which permission suffices depends on the action, so handlers ask.
schedule_routes! { ELIGIBILITY, Service::ROLE_PIM, RoleAt, Kind::Eligible, "roleManagement/directory/roleEligibility", "roleEligibility", "unifiedRoleEligibility", ANYONE, ANYONE }
schedule_routes! { ASSIGNMENT, Service::ROLE_PIM, RoleAt, Kind::Active, "roleManagement/directory/roleAssignment", "roleAssignment", "unifiedRoleAssignment", ANYONE, ANYONE }

/// Operations of this area.
pub(crate) const AREAS: &[&[Route]] = &[PLAIN, ELIGIBILITY, ASSIGNMENT];
