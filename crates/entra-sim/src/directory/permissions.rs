//! Application permissions of directory operations, as the reference pages list them. A permission implies no other; writing
//! covers reading of the same objects.

use crate::route::Permissions;

pub(super) const READ_GROUPS: Permissions = &[
    &["GroupMember.Read.All"],
    &["Group.Read.All"],
    &["Directory.Read.All"],
    &["GroupMember.ReadWrite.All"],
    &["Group.ReadWrite.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const CREATE_GROUPS: Permissions = &[
    &["Group.Create"],
    &["Group.ReadWrite.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const WRITE_GROUPS: Permissions =
    &[&["Group.ReadWrite.All"], &["Directory.ReadWrite.All"]];

pub(super) const DELETE_GROUPS: Permissions = &[&["Group.ReadWrite.All"]];

pub(super) const WRITE_MEMBERS: Permissions = &[
    &["GroupMember.ReadWrite.All"],
    &["Group.ReadWrite.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const READ_USERS: Permissions = &[
    &["User.Read.All"],
    &["User.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
    &["User.ReadBasic.All"],
];

pub(super) const WRITE_USERS: Permissions =
    &[&["User.ReadWrite.All"], &["Directory.ReadWrite.All"]];

/// The last set disables and enables users and does nothing else (learn.microsoft.com: user-update).
pub(super) const UPDATE_USERS: Permissions = &[
    &["User.ReadWrite.All"],
    &["Directory.ReadWrite.All"],
    &["User.EnableDisableAccount.All", "User.Read.All"],
];

/// learn.microsoft.com: user-delete. Writing the directory is not enough.
pub(super) const DELETE_USERS: Permissions =
    &[&["User.DeleteRestore.All"], &["User.ReadWrite.All"]];

pub(super) const READ_APPLICATIONS: Permissions = &[
    &["Application.Read.All"],
    &["Application.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];

/// Any of the permissions to read one kind of directory object.
pub(super) const READ_OBJECTS: Permissions = &[
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
    &["User.Read.All"],
    &["User.ReadWrite.All"],
    &["User.ReadBasic.All"],
    &["Application.Read.All"],
    &["Application.ReadWrite.All"],
    &["GroupMember.Read.All"],
    &["GroupMember.ReadWrite.All"],
    &["Group.Read.All"],
    &["Group.ReadWrite.All"],
];

pub(super) const READ_ORGANIZATION: Permissions = &[
    &["Organization.Read.All"],
    &["Organization.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
    &["User.Read.All"],
];

pub(super) const READ_LICENCES: Permissions = &[
    &["LicenseAssignment.Read.All"],
    &["Organization.Read.All"],
    &["Organization.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const READ_UNITS: Permissions = &[
    &["AdministrativeUnit.Read.All"],
    &["AdministrativeUnit.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const WRITE_UNITS: Permissions = &[&["AdministrativeUnit.ReadWrite.All"]];

pub(super) const READ_APP_ROLES: Permissions = &[
    &["Application.Read.All"],
    &["Application.ReadWrite.All"],
    &["AppRoleAssignment.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];

pub(super) const WRITE_APP_ROLES: Permissions = &[
    &["AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
    &[
        "AppRoleAssignment.ReadWrite.All",
        "Application.ReadWrite.All",
    ],
    &["AppRoleAssignment.ReadWrite.All", "Directory.Read.All"],
];

pub(super) const READ_CONTEXTS: Permissions = &[
    &["AuthenticationContext.Read.All"],
    &["AuthenticationContext.ReadWrite.All"],
    &["Policy.Read.ConditionalAccess"],
    &["Policy.Read.All"],
];

pub(super) const WRITE_CONTEXTS: Permissions = &[
    &["AuthenticationContext.ReadWrite.All"],
    &["Policy.ReadWrite.ConditionalAccess", "Policy.Read.All"],
];

/// What changing role-assignable groups takes beside the permission for groups.
pub(super) const ROLE_ASSIGNABLE: &[&str] = &["RoleManagement.ReadWrite.Directory"];
