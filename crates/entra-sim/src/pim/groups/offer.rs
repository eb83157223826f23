//! What lists of PIM for Groups can be asked for, and which permissions its operations take.

use crate::odata::{Capabilities, EQ, NE, Property};
use crate::permission::permissions;

permissions! {
    pub(super) READ_ELIGIBILITY = "PrivilegedEligibilitySchedule.Read.AzureADGroup"
        | "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup";
    pub(super) WRITE_ELIGIBILITY = "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup";
    pub(super) REMOVE_ELIGIBILITY = "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
        | "PrivilegedEligibilitySchedule.Remove.AzureADGroup";
    pub(super) READ_ASSIGNMENT = "PrivilegedAssignmentSchedule.Read.AzureADGroup"
        | "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup";
    pub(super) WRITE_ASSIGNMENT = "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup";
    pub(super) REMOVE_ASSIGNMENT = "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"
        | "PrivilegedAssignmentSchedule.Remove.AzureADGroup";
    pub(super) MANAGE_ROLES = "RoleManagement.ReadWrite.Directory";
}

pub(super) const LISTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("groupId", EQ),
        Property::plain("principalId", EQ),
        Property::plain("accessId", EQ),
        Property::plain("status", EQ),
        Property::plain("targetScheduleId", EQ),
        Property::plain("createdUsing", EQ),
        Property::plain("assignmentType", EQ),
        Property::plain("memberType", EQ),
        Property::plain("assignmentScheduleId", EQ),
        Property::plain("eligibilityScheduleId", EQ),
    ],
    order_by: &["createdDateTime"],
    expand: &["group", "principal"],
    ..Capabilities::SERVICE
};

/// Requests can be asked for all that do not have some status (microsoftgraph/microsoft-graph-docs#21378).
pub(super) const REQUESTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("groupId", EQ),
        Property::plain("principalId", EQ),
        Property::plain("accessId", EQ),
        Property::plain("status", EQ | NE),
        Property::plain("targetScheduleId", EQ),
    ],
    ..LISTS
};
