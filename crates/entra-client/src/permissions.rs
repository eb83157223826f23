//! The application permissions of Microsoft Graph that the operator uses: what each is for, to which profile it belongs, and
//! what in the cluster needs it. The status of a tenant, the table of the guide and the notes of the chart come from here;
//! which call needs which stands with the calls (learn.microsoft.com: "Microsoft Graph permissions reference").

use std::collections::BTreeSet;

use pim_core::permission::{PermissionAddOn, PermissionProfile};

use PermissionAddOn::{AdministrativeUnits, AppRoles, DirectoryRoles, IntuneRoles};
use PermissionProfile::{Assign, Govern, Observe, Own};

/// A permission that the operator uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Its names, the least power first; any of them will do.
    pub any_of: &'static [&'static str],
    /// What it is for.
    pub purpose: &'static str,
    /// To what it belongs.
    pub part: PermissionPart,
    /// What needs it.
    pub needed_by: PermissionNeed,
}

/// To what a permission belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionPart {
    /// A profile and all those above it.
    Profile(PermissionProfile),
    /// The roles of one system.
    AddOn(PermissionAddOn),
    /// Nothing rests on it: it lets the operator tell something earlier.
    Advice,
}

/// What in a cluster needs a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PermissionNeed {
    /// Any group.
    Groups,
    /// A group that the operator makes, and does not take up.
    MadeGroups,
    /// A group that can hold directory roles.
    RoleAssignableGroups,
    /// Such a group that the operator makes.
    MadeRoleAssignableGroups,
    /// A group whose PIM settings are not seen to be as declared.
    Policies,
    /// Assignments of people who may activate.
    Eligibility,
    /// Assignments of any kind: whoever loses an eligibility may have activated it.
    Assignments,
    /// A binding of a role of the system in whose table it stands.
    Roles,
    /// PIM settings that name an authentication context by its display name.
    ContextNames,
    /// A group that is to be in an administrative unit.
    Units,
    /// Nothing: without it nothing stops.
    Nothing,
}

const fn permission(
    part: PermissionPart,
    needed_by: PermissionNeed,
    any_of: &'static [&'static str],
    purpose: &'static str,
) -> Permission {
    Permission {
        any_of,
        purpose,
        part,
        needed_by,
    }
}

const fn of(profile: PermissionProfile) -> PermissionPart {
    PermissionPart::Profile(profile)
}

const fn with(add_on: PermissionAddOn) -> PermissionPart {
    PermissionPart::AddOn(add_on)
}

use PermissionNeed::{
    Assignments, ContextNames, Eligibility, Groups, MadeGroups, MadeRoleAssignableGroups, Nothing,
    Policies, RoleAssignableGroups, Roles, Units,
};
use PermissionPart::Advice;

/// What is used whatever roles groups hold.
pub const GROUPS: &[Permission] = &[
    permission(
        of(Observe),
        Groups,
        &[
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
        ],
        "finding groups, also among the deleted items, and listing their members and owners as the directory has them",
    ),
    permission(
        of(Observe),
        Groups,
        &["User.Read.All", "Directory.Read.All"],
        "looking up users",
    ),
    permission(
        of(Observe),
        Groups,
        &["Application.Read.All", "Directory.Read.All"],
        "looking up service principals, listing those among members and owners, and seeing when the operator's own client \
         secret ends",
    ),
    permission(
        of(Observe),
        RoleAssignableGroups,
        &[
            "RoleManagement.Read.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        "looking up directory roles, and which of them role-assignable groups hold or are eligible for",
    ),
    permission(
        of(Observe),
        Groups,
        &[
            "PrivilegedEligibilitySchedule.Read.AzureADGroup",
            "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
        ],
        "listing eligible members and owners",
    ),
    permission(
        of(Observe),
        Groups,
        &[
            "PrivilegedAssignmentSchedule.Read.AzureADGroup",
            "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
        ],
        "listing active members and owners, and activations",
    ),
    permission(
        of(Observe),
        Groups,
        &[
            "RoleManagementPolicy.Read.AzureADGroup",
            "RoleManagementPolicy.ReadWrite.AzureADGroup",
        ],
        "comparing the PIM settings of groups",
    ),
    permission(
        of(Assign),
        Eligibility,
        &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
        "making members and owners eligible, and ending that",
    ),
    permission(
        of(Assign),
        Assignments,
        &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
        "making members and owners active, ending that, and ending activations of people who are taken out",
    ),
    permission(
        of(Govern),
        Policies,
        &["RoleManagementPolicy.ReadWrite.AzureADGroup"],
        "changing the PIM settings of groups",
    ),
    permission(
        of(Own),
        MadeGroups,
        &["Group.ReadWrite.All"],
        "creating, renaming, deleting and restoring groups, and taking out members and owners whom PIM does not know",
    ),
    permission(
        of(Own),
        MadeRoleAssignableGroups,
        &["RoleManagement.ReadWrite.Directory"],
        "the same of role-assignable groups",
    ),
];

/// What directory roles need (permissions of unifiedRoleAssignmentScheduleRequest, unifiedRoleEligibilityScheduleRequest and
/// unifiedRoleDefinition).
pub const DIRECTORY_ROLES: &[Permission] = &[
    permission(
        with(DirectoryRoles),
        Roles,
        &[
            "RoleAssignmentSchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        "active directory roles",
    ),
    permission(
        with(DirectoryRoles),
        Roles,
        &[
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        "eligible directory roles",
    ),
];

/// What app roles need (serviceprincipal-post-approleassignedto).
pub const APP_ROLES: &[Permission] = &[permission(
    with(AppRoles),
    Roles,
    &["AppRoleAssignment.ReadWrite.All"],
    "app roles",
)];

/// What roles of Intune need (intune-rbac-roleassignment-create).
pub const INTUNE_ROLES: &[Permission] = &[permission(
    with(IntuneRoles),
    Roles,
    &["DeviceManagementRBAC.ReadWrite.All"],
    "roles of Intune",
)];

/// What administrative units need (administrativeunit-post-members).
pub const ADMINISTRATIVE_UNITS: Permission = permission(
    with(AdministrativeUnits),
    Units,
    &["AdministrativeUnit.ReadWrite.All"],
    "administrative units",
);

/// What lets a listing of subscriptions be read (subscribedsku-list).
pub const LICENCES: Permission = permission(
    Advice,
    Nothing,
    &[
        "LicenseAssignment.Read.All",
        "Organization.Read.All",
        "Directory.Read.All",
    ],
    "telling from the tenant's subscriptions that a licence is missing, before a write is refused for it",
);

/// What lets authentication contexts be looked up (conditionalaccessroot-list-authenticationcontextclassreferences).
pub const CONTEXTS: Permission = permission(
    Advice,
    ContextNames,
    &[
        "AuthenticationContext.Read.All",
        "Policy.Read.ConditionalAccess",
        "Policy.Read.All",
    ],
    "authentication contexts by their display names, and whether those that settings name exist and are published",
);

/// What lets the policies of Conditional Access be read (conditionalaccessroot-list-policies).
pub const CONDITIONAL_ACCESS: Permission = permission(
    Advice,
    Nothing,
    &["Policy.Read.ConditionalAccess", "Policy.Read.All"],
    "telling that no policy of Conditional Access targets an authentication context that settings name",
);

/// What lets the audit log be read (directoryaudit-list).
pub const AUDIT_LOG: Permission = permission(
    Advice,
    Nothing,
    &["AuditLog.Read.All"],
    "seeing sooner that somebody changed eligibility or settings by hand, saying who did, and not giving back what an access \
     review took away",
);

/// What is of use for a whole tenant.
pub const TENANT: &[Permission] = &[LICENCES, CONTEXTS, CONDITIONAL_ACCESS, AUDIT_LOG];

/// Everything that the operator uses.
pub fn all() -> impl Iterator<Item = &'static Permission> {
    [
        GROUPS,
        &[ADMINISTRATIVE_UNITS],
        DIRECTORY_ROLES,
        APP_ROLES,
        INTUNE_ROLES,
        TENANT,
    ]
    .into_iter()
    .flatten()
}

/// Whether one of these names is granted.
pub fn is_any_granted(any_of: &[&str], granted: &[String]) -> bool {
    granted.iter().any(|name| any_of.contains(&name.as_str()))
}

impl Permission {
    /// Whether one of its names is granted.
    pub fn is_granted(&self, granted: &[String]) -> bool {
        is_any_granted(self.any_of, granted)
    }

    /// Whether whoever grants another permission grants this one with it.
    fn comes_with(&self, other: &Self) -> bool {
        self != other && other.any_of.iter().all(|name| self.any_of.contains(name))
    }
}

/// The strongest profile that these permissions amount to, if they amount to any.
pub fn profile(granted: &[String]) -> Option<PermissionProfile> {
    let is_whole = |profile: &PermissionProfile| {
        let mut of_profile = GROUPS
            .iter()
            .filter(|one| matches!(one.part, PermissionPart::Profile(part) if part <= *profile));
        of_profile.all(|one| one.is_granted(granted))
    };
    PermissionProfile::ALL
        .into_iter()
        .take_while(is_whole)
        .last()
}

/// What an application with these permissions can do beside its profile.
pub fn add_ons(granted: &[String]) -> Vec<PermissionAddOn> {
    let is_whole = |add_on: &PermissionAddOn| {
        let mut of_add_on = all().filter(|one| one.part == PermissionPart::AddOn(*add_on));
        of_add_on.all(|one| one.is_granted(granted))
    };
    let add_ons = [DirectoryRoles, AppRoles, IntuneRoles, AdministrativeUnits].into_iter();
    add_ons.filter(is_whole).collect()
}

/// Which of these permissions are missing; alternatives are joined by `or`. What comes with another missing one is not
/// named by itself.
pub fn missing<'a>(
    needed: impl IntoIterator<Item = &'a Permission>,
    granted: &[String],
) -> Vec<String> {
    let lacking: Vec<&Permission> = needed
        .into_iter()
        .filter(|one| !one.is_granted(granted))
        .collect();
    let named = lacking
        .iter()
        .filter(|one| !lacking.iter().any(|other| one.comes_with(other)));
    let mut told = BTreeSet::new();
    named
        .map(|one| one.any_of.join(" or "))
        .filter(|names| told.insert(names.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted_by(profile: PermissionProfile) -> Vec<String> {
        let of_profile = GROUPS
            .iter()
            .filter(|one| matches!(one.part, PermissionPart::Profile(part) if part <= profile));
        of_profile.map(|one| one.any_of[0].to_owned()).collect()
    }

    #[test]
    fn each_profile_is_what_its_least_permissions_amount_to() {
        for one in PermissionProfile::ALL {
            assert_eq!(profile(&granted_by(one)), Some(one));
        }
        assert_eq!(profile(&[]), None);
    }

    #[test]
    fn a_profile_that_lacks_one_permission_is_the_one_below() {
        let mut granted = granted_by(Own);
        granted.retain(|name| name != "RoleManagementPolicy.ReadWrite.AzureADGroup");
        assert_eq!(profile(&granted), Some(Assign));
        granted.retain(|name| name != "User.Read.All");
        assert_eq!(profile(&granted), None);
    }

    #[test]
    fn what_comes_with_another_missing_permission_is_not_named_twice() {
        let needed = GROUPS.iter().filter(|one| one.needed_by != Eligibility);
        let missing_all = missing(needed, &[]);
        let both = |names: &String| names.contains("PrivilegedEligibilitySchedule");
        assert_eq!(
            missing_all
                .iter()
                .filter(|one| both(one))
                .collect::<Vec<_>>(),
            [
                "PrivilegedEligibilitySchedule.Read.AzureADGroup or PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
            ]
        );
        let missing_all = missing(GROUPS, &[]);
        assert_eq!(
            missing_all
                .iter()
                .filter(|one| both(one))
                .collect::<Vec<_>>(),
            ["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"]
        );
    }

    #[test]
    fn whoever_owns_groups_may_give_them_directory_roles() {
        let granted = granted_by(Own);
        assert_eq!(add_ons(&granted), [DirectoryRoles]);
    }
}
