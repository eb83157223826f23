//! Application permissions of directory operations, as the reference pages list them. A permission implies no other;
//! writing covers reading of the same objects.

use crate::permission::permissions;

permissions! {
    pub(super) READ_GROUPS = "GroupMember.Read.All" | "Group.Read.All" | "Directory.Read.All"
        | "GroupMember.ReadWrite.All"
        | "Group.ReadWrite.All" | "Directory.ReadWrite.All";
    pub(super) CREATE_GROUPS = "Group.Create" | "Group.ReadWrite.All" | "Directory.ReadWrite.All";
    pub(super) WRITE_GROUPS = "Group.ReadWrite.All" | "Directory.ReadWrite.All";
    pub(super) DELETE_GROUPS = "Group.ReadWrite.All";
    pub(super) WRITE_MEMBERS = "GroupMember.ReadWrite.All" | "Group.ReadWrite.All" | "Directory.ReadWrite.All";
    pub(super) READ_USERS = "User.Read.All" | "User.ReadWrite.All" | "Directory.Read.All" | "Directory.ReadWrite.All"
        | "User.ReadBasic.All";
    pub(super) WRITE_USERS = "User.ReadWrite.All" | "Directory.ReadWrite.All";
    /// The last set disables and enables users and does nothing else (learn.microsoft.com: user-update).
    pub(super) UPDATE_USERS = "User.ReadWrite.All" | "Directory.ReadWrite.All"
        | "User.EnableDisableAccount.All" & "User.Read.All";
    /// learn.microsoft.com: user-delete. Writing the directory is not enough.
    pub(super) DELETE_USERS = "User.DeleteRestore.All" | "User.ReadWrite.All";
    pub(super) READ_APPLICATIONS = "Application.Read.All" | "Application.ReadWrite.All" | "Directory.Read.All"
        | "Directory.ReadWrite.All";
    /// Any of the permissions to read one kind of directory object.
    pub(super) READ_OBJECTS = "Directory.Read.All" | "Directory.ReadWrite.All" | "User.Read.All" | "User.ReadWrite.All"
        | "User.ReadBasic.All" | "Application.Read.All" | "Application.ReadWrite.All" | "GroupMember.Read.All"
        | "GroupMember.ReadWrite.All" | "Group.Read.All" | "Group.ReadWrite.All";
    pub(super) READ_ORGANIZATION = "Organization.Read.All" | "Organization.ReadWrite.All" | "Directory.Read.All"
        | "Directory.ReadWrite.All" | "User.Read.All";
    pub(super) READ_LICENCES = "LicenseAssignment.Read.All" | "Organization.Read.All" | "Organization.ReadWrite.All"
        | "Directory.Read.All" | "Directory.ReadWrite.All";
    pub(super) READ_UNITS = "AdministrativeUnit.Read.All" | "AdministrativeUnit.ReadWrite.All" | "Directory.Read.All"
        | "Directory.ReadWrite.All";
    pub(super) WRITE_UNITS = "AdministrativeUnit.ReadWrite.All";
    // Reading those of a group takes more than reading the application (learn.microsoft.com: group-list-approleassignments).
    pub(super) READ_GROUP_APP_ROLES = "AppRoleAssignment.ReadWrite.All" | "Directory.Read.All" | "Directory.ReadWrite.All";
    pub(super) READ_APP_ROLES = "Application.Read.All" | "Application.ReadWrite.All" | "AppRoleAssignment.ReadWrite.All"
        | "Directory.Read.All" | "Directory.ReadWrite.All";
    pub(super) WRITE_APP_ROLES = "AppRoleAssignment.ReadWrite.All" & "Application.Read.All"
        | "AppRoleAssignment.ReadWrite.All" & "Application.ReadWrite.All"
        | "AppRoleAssignment.ReadWrite.All" & "Directory.Read.All";
    pub(super) READ_CONTEXTS = "AuthenticationContext.Read.All" | "AuthenticationContext.ReadWrite.All"
        | "Policy.Read.ConditionalAccess" | "Policy.Read.All";
    pub(super) WRITE_CONTEXTS = "AuthenticationContext.ReadWrite.All"
        | "Policy.ReadWrite.ConditionalAccess" & "Policy.Read.All";
    /// learn.microsoft.com: conditionalaccessroot-list-policies.
    pub(super) READ_ACCESS_POLICIES = "Policy.Read.ConditionalAccess" | "Policy.Read.All";
    pub(super) WRITE_ACCESS_POLICIES = "Policy.ReadWrite.ConditionalAccess" & "Policy.Read.All";
    /// What changing role-assignable groups takes beside the permission for groups.
    pub(super) ROLE_ASSIGNABLE = "RoleManagement.ReadWrite.Directory";
    /// What shows more of a user than `User.ReadBasic.All`.
    pub(super) READ_WHOLE_USERS = "User.Read.All" | "User.ReadWrite.All" | "Directory.Read.All"
        | "Directory.ReadWrite.All";
}
