//! What operations are called, whose budget each draws on, whether it changes anything, and which permission it needs.
//!
//! The list is closed: its names are the values of a metric label, and the table here is the one place that says which
//! lane an operation uses and whether it writes.

use crate::permissions::{ADMINISTRATIVE_UNITS, AUDIT_LOG, CONDITIONAL_ACCESS, CONTEXTS, LICENCES};
use crate::service::Lane;

/// Whether an operation changes the tenant. It decides what may be repeated: a read always, a write never blindly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationEffect {
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

            pub(crate) fn effect(self) -> OperationEffect {
                match self { $(Self::$name => OperationEffect::$effect,)+ }
            }
        }
    };
}

operations! {
    /// Lists groups by their object ids.
    ListGroups = "list_groups", Directory, Read;
    /// Searches groups by mail nickname.
    FindGroups = "find_groups", Directory, Read;
    /// Searches soft-deleted groups.
    FindDeletedGroups = "find_deleted_groups", Directory, Read;
    /// Reads one group by its id.
    GetGroup = "get_group", Directory, Read;
    /// Reads one soft-deleted group by its id.
    GetDeletedGroup = "get_deleted_group", Directory, Read;
    /// Lists what changed in some groups since the last time.
    ListGroupChanges = "list_group_changes", Directory, Read;
    /// Lists records of the audit log.
    ListAuditRecords = "list_audit_records", Audit, Read;
    /// Lists the direct members of a group.
    ListMembers = "list_members", Directory, Read;
    /// Lists the direct owners of a group.
    ListOwners = "list_owners", Directory, Read;
    /// Takes a plain member or owner out of a group.
    RemoveDirect = "remove_direct", Directory, Write;
    /// Creates a group.
    CreateGroup = "create_group", Directory, Write;
    /// Changes a group by its unique name, and creates it if it is missing.
    UpsertGroup = "upsert_group", Directory, Write;
    /// Changes properties of a group.
    UpdateGroup = "update_group", Directory, Write;
    /// Deletes a group; it can still be restored.
    DeleteGroup = "delete_group", Directory, Write;
    /// Restores a group from the deleted items.
    RestoreGroup = "restore_group", Directory, Write;
    /// Reads an administrative unit.
    GetAdministrativeUnit = "get_administrative_unit", Directory, Read;
    /// Lists the administrative units that a group is in.
    ListUnitsOfGroup = "list_units_of_group", Directory, Read;
    /// Puts a group into an administrative unit.
    JoinAdministrativeUnit = "join_administrative_unit", Directory, Write;
    /// Searches users by user principal name.
    FindUsers = "find_users", Directory, Read;
    /// Searches service principals by application id.
    FindServicePrincipals = "find_service_principals", Directory, Read;
    /// Reads principals by id. A POST that reads.
    GetPrincipals = "get_principals", Directory, Read;
    /// Lists the definitions of directory roles.
    ListRoleDefinitions = "list_role_definitions", Directory, Read;
    /// Lists the plain role assignments of a principal.
    ListRoleAssignments = "list_role_assignments", Directory, Read;
    /// Deletes a plain role assignment.
    DeleteRoleAssignment = "delete_role_assignment", Directory, Write;
    /// Searches service principals with the roles that they declare.
    FindApplications = "find_applications", Directory, Read;
    /// Lists the app roles of a group.
    ListAppRoleAssignments = "list_app_role_assignments", Directory, Read;
    /// Gives a group an app role.
    AssignAppRole = "assign_app_role", Directory, Write;
    /// Takes an app role away.
    RemoveAppRole = "remove_app_role", Directory, Write;
    /// Lists what the tenant has subscribed to.
    ListSubscribedSkus = "list_subscribed_skus", Directory, Read;
    /// Lists the secrets of applications, without what is secret, to see when they end.
    ListApplicationSecrets = "list_application_secrets", Directory, Read;
    /// Counts the role-assignable groups of the tenant.
    CountRoleAssignableGroups = "count_role_assignable_groups", Directory, Read;
    /// Lists what the operator itself is eligible for, to see whether PIM answers.
    ListOwnEligibility = "list_own_eligibility", Schedules, Read;
    /// Lists authentication contexts.
    ListAuthenticationContexts = "list_authentication_contexts", ConditionalAccess, Read;
    /// Lists policies of Conditional Access.
    ListConditionalAccessPolicies = "list_conditional_access_policies", ConditionalAccess, Read;
    /// Lists the eligibility schedules of a group.
    ListGroupEligibility = "list_group_eligibility", Schedules, Read;
    /// Lists the assignment schedules of a group.
    ListGroupAssignments = "list_group_assignments", Schedules, Read;
    /// Requests that somebody becomes or stops being eligible for a group.
    RequestGroupEligibility = "request_group_eligibility", Schedules, Write;
    /// Requests that somebody becomes or stops being active in a group.
    RequestGroupAssignment = "request_group_assignment", Schedules, Write;
    /// Lists the active role schedules of a principal.
    ListRoleSchedules = "list_role_schedules", Schedules, Read;
    /// Lists the eligible role schedules of a principal.
    ListRoleEligibility = "list_role_eligibility", Schedules, Read;
    /// Reads a request for eligibility in a group, by its id.
    GetEligibilityRequest = "get_eligibility_request", Schedules, Read;
    /// Reads a request for assignment to a group, by its id.
    GetAssignmentRequest = "get_assignment_request", Schedules, Read;
    /// Reads a request for an eligible directory role, by its id.
    GetRoleEligibilityRequest = "get_role_eligibility_request", Schedules, Read;
    /// Reads a request for an active directory role, by its id.
    GetRoleRequest = "get_role_request", Schedules, Read;
    /// Requests an eligible directory role, or its removal.
    RequestRoleEligibility = "request_role_eligibility", Schedules, Write;
    /// Requests an active directory role, or its removal.
    RequestRoleAssignment = "request_role_assignment", Schedules, Write;
    /// Reads both policies of a group.
    ListGroupPolicies = "list_group_policies", Policies, Read;
    /// Changes rules of a policy.
    UpdatePolicy = "update_policy", Policies, Write;
    /// Lists the roles of Intune.
    ListIntuneRoles = "list_intune_roles", Intune, Read;
    /// Lists who holds roles of Intune.
    ListIntuneAssignments = "list_intune_assignments", Intune, Read;
    /// Reads which role of Intune an assignment gives.
    GetIntuneAssignmentRole = "get_intune_assignment_role", Intune, Read;
    /// Makes an assignment of a role of Intune.
    CreateIntuneAssignment = "create_intune_assignment", Intune, Write;
    /// Changes who holds a role of Intune, or over whom.
    UpdateIntuneAssignment = "update_intune_assignment", Intune, Write;
    /// Deletes an assignment of a role of Intune.
    DeleteIntuneAssignment = "delete_intune_assignment", Intune, Write;
    /// Lists role definitions of Azure at a scope.
    ListAzureRoleDefinitions = "list_azure_role_definitions", AzureRoles, Read;
    /// Lists role assignments of Azure at a scope.
    ListAzureRoleAssignments = "list_azure_role_assignments", AzureRoles, Read;
    /// Lists what the operator's own roles of Azure allow at a scope.
    ListAzurePermissions = "list_azure_permissions", AzureRoles, Read;
    /// Makes a role assignment of Azure, or changes it.
    PutAzureRoleAssignment = "put_azure_role_assignment", AzureRoles, Write;
    /// Deletes a role assignment of Azure.
    DeleteAzureRoleAssignment = "delete_azure_role_assignment", AzureRoles, Write;
    /// Lists the eligible role schedules of Azure at a scope.
    ListAzureRoleEligibility = "list_azure_role_eligibility", AzureRoles, Read;
    /// Lists the active role schedules of Azure at a scope.
    ListAzureRoleSchedules = "list_azure_role_schedules", AzureRoles, Read;
    /// Requests an eligible role of Azure, or its removal.
    RequestAzureRoleEligibility = "request_azure_role_eligibility", AzureRoles, Write;
    /// Requests an active role of Azure, or its removal.
    RequestAzureRoleAssignment = "request_azure_role_assignment", AzureRoles, Write;
    /// Reads a request for a role of Azure.
    GetAzureRoleRequest = "get_azure_role_request", AzureRoles, Read;
}

impl OperationName {
    /// The application permissions any of which lets it be done (learn.microsoft.com: permissions section of each call).
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::ListGroups
            | Self::FindGroups
            | Self::FindDeletedGroups
            | Self::GetGroup
            | Self::GetDeletedGroup
            | Self::CountRoleAssignableGroups
            | Self::ListMembers
            | Self::ListOwners
            | Self::UpdateGroup
            | Self::RemoveDirect => &["Group.ReadWrite.All"],
            Self::ListAuditRecords => AUDIT_LOG.any_of,
            Self::ListGroupChanges => &[
                "Group.ReadWrite.All",
                "Group.Read.All",
                "GroupMember.Read.All",
                "Directory.Read.All",
            ],
            Self::CreateGroup | Self::UpsertGroup | Self::DeleteGroup | Self::RestoreGroup => {
                &["Group.ReadWrite.All with RoleManagement.ReadWrite.Directory"]
            }
            Self::GetAdministrativeUnit | Self::ListUnitsOfGroup | Self::JoinAdministrativeUnit => {
                ADMINISTRATIVE_UNITS.any_of
            }
            Self::FindUsers | Self::GetPrincipals => &["User.Read.All", "Directory.Read.All"],
            Self::ListAppRoleAssignments | Self::AssignAppRole | Self::RemoveAppRole => {
                &["AppRoleAssignment.ReadWrite.All"]
            }
            Self::FindServicePrincipals | Self::FindApplications | Self::ListApplicationSecrets => {
                &["Application.Read.All", "Directory.Read.All"]
            }
            Self::ListRoleDefinitions | Self::ListRoleAssignments => &[
                "RoleManagement.Read.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            Self::DeleteRoleAssignment => &["RoleManagement.ReadWrite.Directory"],
            Self::ListSubscribedSkus => LICENCES.any_of,
            Self::ListAuthenticationContexts => CONTEXTS.any_of,
            Self::ListConditionalAccessPolicies => CONDITIONAL_ACCESS.any_of,
            Self::ListGroupEligibility
            | Self::ListOwnEligibility
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
            Self::ListRoleEligibility
            | Self::RequestRoleEligibility
            | Self::GetRoleEligibilityRequest => &[
                "RoleEligibilitySchedule.ReadWrite.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
            Self::ListGroupPolicies | Self::UpdatePolicy => {
                &["RoleManagementPolicy.ReadWrite.AzureADGroup"]
            }
            Self::ListIntuneRoles
            | Self::ListIntuneAssignments
            | Self::GetIntuneAssignmentRole
            | Self::CreateIntuneAssignment
            | Self::UpdateIntuneAssignment
            | Self::DeleteIntuneAssignment => &["DeviceManagementRBAC.ReadWrite.All"],
            // Rights in Azure come by its own roles, which the message of the refusal names with the scope.
            Self::ListAzureRoleDefinitions
            | Self::ListAzurePermissions
            | Self::ListAzureRoleAssignments
            | Self::PutAzureRoleAssignment
            | Self::DeleteAzureRoleAssignment
            | Self::ListAzureRoleEligibility
            | Self::ListAzureRoleSchedules
            | Self::GetAzureRoleRequest => &[],
            // Who may assign roles may not ask PIM for them (learn.microsoft.com: pim-apis).
            Self::RequestAzureRoleEligibility | Self::RequestAzureRoleAssignment => &[
                "the Azure role User Access Administrator",
                "Owner at the scope",
            ],
        }
    }

    /// Whether it goes to the part of the tenant on which everything rests. What another service answers says nothing of that.
    pub fn speaks_for_tenant(self) -> bool {
        !matches!(
            self.lane(),
            Lane::AzureRoles | Lane::Intune | Lane::ConditionalAccess | Lane::Audit
        )
    }

    /// Whether it changes what Intune keeps, for which a tenant may ask a second administrator.
    pub(crate) fn is_change_of_intune(self) -> bool {
        self.lane() == Lane::Intune && self.effect() == OperationEffect::Write
    }

    /// Whether the Resource Manager answers it.
    pub(crate) fn is_of_azure(self) -> bool {
        self.lane() == Lane::AzureRoles
    }

    /// Whether it asks PIM for a change of a schedule.
    pub(crate) fn is_schedule_request(self) -> bool {
        matches!(
            self,
            Self::RequestGroupEligibility | Self::RequestGroupAssignment
        ) || self.is_role_request()
    }

    /// Whether it asks PIM for a change of a role, about which the role's own settings have a say.
    pub fn is_role_request(self) -> bool {
        matches!(
            self,
            Self::RequestRoleAssignment
                | Self::RequestRoleEligibility
                | Self::RequestAzureRoleAssignment
                | Self::RequestAzureRoleEligibility
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
