//! What operations are called, whose budget each draws on, whether it changes anything, and which permission it needs.
//!
//! The list is closed: its names are the values of a metric label, and the table here is the one place that says which
//! lane an operation uses and whether it writes.

use crate::service::Lane;

/// Whether an operation changes the tenant. It decides what may be repeated: a read always, a write never blindly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OperationEffect {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $label:literal, $lane:ident, $effect:ident;)+) => {
        /// The name of an operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationName {
            $($(#[$doc])* $name,)+
        }

        impl OperationName {
            /// All names.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The value of the metric label.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// Whose budget it draws on.
            pub(crate) fn lane(self) -> Lane {
                match self { $(Self::$name => Lane::$lane,)+ }
            }

            /// Whether it writes.
            pub(crate) fn effect(self) -> OperationEffect {
                match self { $(Self::$name => OperationEffect::$effect,)+ }
            }
        }
    };
}

operations! {
    /// Groups by id.
    ListGroups = "list_groups", Directory, Read;
    /// Groups by mail nickname.
    FindGroups = "find_groups", Directory, Read;
    /// Soft-deleted groups.
    FindDeletedGroups = "find_deleted_groups", Directory, Read;
    /// One group by its id.
    GetGroup = "get_group", Directory, Read;
    /// Members of a group.
    ListMembers = "list_members", Directory, Read;
    /// Owners of a group.
    ListOwners = "list_owners", Directory, Read;
    /// A plain member or owner.
    RemoveDirect = "remove_direct", Directory, Write;
    /// A new group.
    CreateGroup = "create_group", Directory, Write;
    /// A group by its unique name, made if missing.
    UpsertGroup = "upsert_group", Directory, Write;
    /// Properties of a group.
    UpdateGroup = "update_group", Directory, Write;
    /// Soft deletion.
    DeleteGroup = "delete_group", Directory, Write;
    /// Back from the deleted items.
    RestoreGroup = "restore_group", Directory, Write;
    /// Users by principal name.
    FindUsers = "find_users", Directory, Read;
    /// Service principals by application id.
    FindServicePrincipals = "find_service_principals", Directory, Read;
    /// Principals by id. A POST that reads.
    GetPrincipals = "get_principals", Directory, Read;
    /// Directory roles.
    ListRoleDefinitions = "list_role_definitions", Directory, Read;
    /// Plain role assignments of a principal.
    ListRoleAssignments = "list_role_assignments", Directory, Read;
    /// A plain role assignment.
    DeleteRoleAssignment = "delete_role_assignment", Directory, Write;
    /// Eligibility schedules of a group.
    ListGroupEligibility = "list_group_eligibility", Schedules, Read;
    /// Assignment schedules of a group.
    ListGroupAssignments = "list_group_assignments", Schedules, Read;
    /// A request for eligibility in a group.
    RequestGroupEligibility = "request_group_eligibility", Schedules, Write;
    /// A request for assignment to a group.
    RequestGroupAssignment = "request_group_assignment", Schedules, Write;
    /// Active role schedules of a principal.
    ListRoleSchedules = "list_role_schedules", Schedules, Read;
    /// Eligible role schedules of a principal.
    ListRoleEligibility = "list_role_eligibility", Schedules, Read;
    /// A request for eligibility in a group, by its id.
    GetEligibilityRequest = "get_eligibility_request", Schedules, Read;
    /// A request for assignment to a group, by its id.
    GetAssignmentRequest = "get_assignment_request", Schedules, Read;
    /// A request for a directory role, by its id.
    GetRoleRequest = "get_role_request", Schedules, Read;
    /// A request for an eligible directory role.
    RequestRoleEligibility = "request_role_eligibility", Schedules, Write;
    /// A request for an active directory role.
    RequestRoleAssignment = "request_role_assignment", Schedules, Write;
    /// Both policies of a group.
    ListGroupPolicies = "list_group_policies", Policies, Read;
    /// Rules of a policy.
    UpdatePolicy = "update_policy", Policies, Write;
}

impl OperationName {
    /// The application permissions any of which lets it be done (learn.microsoft.com: permissions section of each call).
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::ListGroups
            | Self::FindGroups
            | Self::FindDeletedGroups
            | Self::GetGroup
            | Self::ListMembers
            | Self::ListOwners
            | Self::UpdateGroup
            | Self::RemoveDirect => &["Group.ReadWrite.All"],
            Self::CreateGroup | Self::UpsertGroup | Self::DeleteGroup | Self::RestoreGroup => {
                &["Group.ReadWrite.All with RoleManagement.ReadWrite.Directory"]
            }
            Self::FindUsers | Self::GetPrincipals => &["User.Read.All", "Directory.Read.All"],
            Self::FindServicePrincipals => &["Application.Read.All", "Directory.Read.All"],
            Self::ListRoleDefinitions | Self::ListRoleAssignments => &[
                "RoleManagement.Read.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            Self::DeleteRoleAssignment => &["RoleManagement.ReadWrite.Directory"],
            Self::ListGroupEligibility
            | Self::RequestGroupEligibility
            | Self::GetEligibilityRequest => {
                &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"]
            }
            Self::ListGroupAssignments
            | Self::RequestGroupAssignment
            | Self::GetAssignmentRequest => {
                &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"]
            }
            Self::ListRoleSchedules | Self::RequestRoleAssignment | Self::GetRoleRequest => &[
                "RoleAssignmentSchedule.ReadWrite.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            Self::ListRoleEligibility | Self::RequestRoleEligibility => &[
                "RoleEligibilitySchedule.ReadWrite.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            Self::ListGroupPolicies | Self::UpdatePolicy => {
                &["RoleManagementPolicy.ReadWrite.AzureADGroup"]
            }
        }
    }

    /// Whether it asks PIM for a change of a schedule.
    pub(crate) fn is_schedule_request(self) -> bool {
        matches!(
            self,
            Self::RequestGroupEligibility
                | Self::RequestGroupAssignment
                | Self::RequestRoleAssignment
                | Self::RequestRoleEligibility
        )
    }
}

impl std::fmt::Display for OperationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_label_of_its_own() {
        let labels: BTreeSet<_> = OperationName::ALL
            .iter()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(labels.len(), OperationName::ALL.len());
    }
}
