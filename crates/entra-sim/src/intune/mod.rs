//! Intune: its roles, and who holds them over which groups of people and devices
//! (learn.microsoft.com: "Role-based access control", Intune reference of Microsoft Graph v1.0).
//!
//! | Module | What |
//! | --- | --- |
//! | [`definitions`] | built-in and custom roles |
//! | [`assignments`] | who holds a role, and over whom |
//! | [`body`] | what a request to write an assignment holds |
//! | [`approval`] | a second administrator who must agree |
//! | [`state`] | what there is |

mod approval;
mod assignments;
mod body;
mod definitions;
pub(crate) mod state;

use crate::permission::permissions;
use crate::route::{Route, Service, routes};

pub(crate) use approval::approve;

permissions! {
    READ = "DeviceManagementRBAC.Read.All" | "DeviceManagementRBAC.ReadWrite.All";
    WRITE = "DeviceManagementRBAC.ReadWrite.All";
}

const ROLE: &str = "microsoft.graph.roleDefinition";
const ASSIGNMENT: &str = "microsoft.graph.deviceAndAppManagementRoleAssignment";

routes! { ROUTES, Service::INTUNE;
    get "/deviceManagement/roleDefinitions", READ, definitions::list,
        "intune.roleDefinitions.list" => collection(ROLE, "deviceManagement/roleDefinitions");
    get "/deviceManagement/roleDefinitions/{role}", READ, definitions::get,
        "intune.roleDefinitions.get" => entity(ROLE, "deviceManagement/roleDefinitions");
    get "/deviceManagement/roleAssignments", READ, assignments::list,
        "intune.roleAssignments.list" => collection(ASSIGNMENT, "deviceManagement/roleAssignments");
    get "/deviceManagement/roleAssignments/{assignment}", READ, assignments::get,
        "intune.roleAssignments.get" => entity(ASSIGNMENT, "deviceManagement/roleAssignments");
    get "/deviceManagement/roleAssignments/{assignment}/roleDefinition", READ, assignments::role,
        "intune.roleAssignments.roleDefinition" =>
            entity(ROLE, "deviceManagement/roleAssignments('{assignment}')/roleDefinition");
    post "/deviceManagement/roleAssignments", WRITE, assignments::create,
        "intune.roleAssignments.create" => takes(ASSIGNMENT), entity(ASSIGNMENT, "deviceManagement/roleAssignments");
    patch "/deviceManagement/roleAssignments/{assignment}", WRITE, assignments::update,
        "intune.roleAssignments.update" => takes(ASSIGNMENT), entity(ASSIGNMENT, "deviceManagement/roleAssignments");
    delete "/deviceManagement/roleAssignments/{assignment}", WRITE, assignments::delete,
        "intune.roleAssignments.delete";
}

pub(crate) const TABLES: &[&[Route]] = &[ROUTES];
