//! What lists of PIM for directory roles can be asked for, and which permissions its operations take.

use crate::odata::{Capabilities, EQ, IN, Property};
use crate::permission::permissions;

permissions! {
    pub(super) READ_ELIGIBILITY = "RoleManagement.Read.All" | "RoleManagement.Read.Directory"
        | "RoleManagement.ReadWrite.Directory"
        | "RoleEligibilitySchedule.Read.Directory" | "RoleEligibilitySchedule.ReadWrite.Directory";
    pub(super) WRITE_ELIGIBILITY = "RoleEligibilitySchedule.ReadWrite.Directory" | "RoleManagement.ReadWrite.Directory";
    pub(super) REMOVE_ELIGIBILITY = "RoleEligibilitySchedule.ReadWrite.Directory" | "RoleManagement.ReadWrite.Directory"
        | "RoleEligibilitySchedule.Remove.Directory";
    pub(super) READ_ASSIGNMENT = "RoleManagement.Read.All" | "RoleManagement.Read.Directory"
        | "RoleManagement.ReadWrite.Directory"
        | "RoleAssignmentSchedule.Read.Directory" | "RoleAssignmentSchedule.ReadWrite.Directory";
    pub(super) WRITE_ASSIGNMENT = "RoleAssignmentSchedule.ReadWrite.Directory" | "RoleManagement.ReadWrite.Directory";
    pub(super) REMOVE_ASSIGNMENT = "RoleAssignmentSchedule.ReadWrite.Directory" | "RoleManagement.ReadWrite.Directory"
        | "RoleAssignmentSchedule.Remove.Directory";
}

pub(super) const SCHEDULES: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ | IN),
        Property::plain("roleDefinitionId", EQ | IN),
        Property::plain("directoryScopeId", EQ | IN),
        Property::plain("appScopeId", EQ),
        Property::plain("assignmentType", EQ),
        Property::plain("memberType", EQ),
        Property::plain("status", EQ),
        Property::plain("createdUsing", EQ),
        Property::plain("roleAssignmentScheduleId", EQ),
        Property::plain("roleEligibilityScheduleId", EQ),
        Property::plain("roleAssignmentOriginId", EQ),
    ],
    order_by: &["createdDateTime"],
    expand: &["principal", "roleDefinition", "directoryScope"],
    ..Capabilities::SERVICE
};

/// What live tenants take on requests.
pub(super) const REQUESTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ),
        Property::plain("roleDefinitionId", EQ),
        Property::plain("directoryScopeId", EQ),
        Property::plain("targetScheduleId", EQ),
    ],
    order_by: &[],
    ..SCHEDULES
};

/// What the documentation lets expect of requests.
pub(super) const REQUESTS_AS_DOCUMENTED: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ),
        Property::plain("roleDefinitionId", EQ),
        Property::plain("directoryScopeId", EQ),
        Property::plain("targetScheduleId", EQ),
        Property::plain("status", EQ),
    ],
    ..SCHEDULES
};
