//! The application permissions of Microsoft Graph that the operator needs, by what they are for. The table of the guide is
//! generated from here; which call needs which stands with the calls (learn.microsoft.com: "Microsoft Graph permissions
//! reference").

/// A permission that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Its names; any of them will do.
    pub any_of: &'static [&'static str],
    /// What it is for.
    pub purpose: &'static str,
}

/// What is needed whatever roles groups hold: groups, people, schedules, policies.
pub const GROUPS: &[Permission] = &[
    Permission {
        any_of: &["Group.ReadWrite.All"],
        purpose: "creating, renaming, deleting and restoring groups; before a group is taken up, listing its members and owners as the \
                  directory has them; before it is deleted, the service principals among them; and taking away those that PIM does not know",
    },
    Permission {
        any_of: &["RoleManagement.ReadWrite.Directory"],
        purpose: "role-assignable groups, their members and owners, and the directory roles that they hold or are eligible for",
    },
    Permission {
        any_of: &["User.Read.All", "Directory.Read.All"],
        purpose: "looking up users",
    },
    Permission {
        any_of: &["Application.Read.All", "Directory.Read.All"],
        purpose: "looking up service principals",
    },
    Permission {
        any_of: &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
        purpose: "eligible members and owners, and what became of a request for them",
    },
    Permission {
        any_of: &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
        purpose: "active members and owners, activations, and what became of a request for them",
    },
    Permission {
        any_of: &["RoleManagementPolicy.ReadWrite.AzureADGroup"],
        purpose: "the PIM settings of groups",
    },
];

/// What directory roles need (permissions of unifiedRoleAssignmentScheduleRequest, unifiedRoleEligibilityScheduleRequest and
/// unifiedRoleDefinition).
pub const DIRECTORY_ROLES: &[Permission] = &[
    Permission {
        any_of: &[
            "RoleAssignmentSchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        purpose: "active directory roles",
    },
    Permission {
        any_of: &[
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        purpose: "eligible directory roles",
    },
    Permission {
        any_of: &[
            "RoleManagement.Read.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        purpose: "looking up directory roles",
    },
];

/// What app roles need (serviceprincipal-post-approleassignedto).
pub const APP_ROLES: &[Permission] = &[Permission {
    any_of: &["AppRoleAssignment.ReadWrite.All"],
    purpose: "app roles",
}];

/// What roles of Intune need (intune-rbac-roleassignment-create).
pub const INTUNE_ROLES: &[Permission] = &[Permission {
    any_of: &["DeviceManagementRBAC.ReadWrite.All"],
    purpose: "roles of Intune",
}];

/// What is used where it is granted, and not asked for (directoryaudit-list).
pub const OPTIONAL: &[Permission] = &[Permission {
    any_of: &["AuditLog.Read.All"],
    purpose: "seeing sooner that somebody changed eligibility or settings by hand, saying who did, and not giving back what an \
              access review took away",
}];

/// What is needed only where groups hold roles of one system or another.
pub const WHERE_IN_USE: [&[Permission]; 3] = [DIRECTORY_ROLES, APP_ROLES, INTUNE_ROLES];
