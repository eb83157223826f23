//! How things are written to a tenant: the group with its policies and access, and the systems whose roles a group can
//! hold, one file each. A provider knows how a role of its system is bound, taken away and which permissions that
//! needs; when to do it is the planner's business.

mod app_role;
mod azure_rbac;
mod derived;
mod directory_role;
mod effect;
pub mod group;
mod intune_role;
mod kept;
pub mod requests;
mod role_provider;
mod scope_fault;

use std::collections::BTreeSet;

pub use effect::{Effect, Refused};
use entra_client::Services;
use entra_client::permissions::{
    self, ADMINISTRATIVE_UNITS, GROUPS, Permission, PermissionPart, TENANT,
};
pub use entra_client::permissions::{PermissionNeed, add_ons, is_any_granted, profile};
pub use entra_client::{Fence, Graph};
use pim_core::desired::ManagementPolicy;
use pim_core::permission::PermissionProfile;
use pim_core::role::RoleSystem;
pub use role_provider::{
    Asked, Bind, Catalogue, Catalogues, HeldRoles, Registration, RoleProvider, RoleProviders,
    WriteAnswer,
};

/// Every system, in the order of the documentation.
pub static PROVIDERS: &[Registration] = &[
    directory_role::REGISTRATION,
    azure_rbac::REGISTRATION,
    app_role::REGISTRATION,
    intune_role::REGISTRATION,
];

/// Begins to serve a tenant.
pub fn connect(services: &Services) -> RoleProviders {
    let all = PROVIDERS
        .iter()
        .filter_map(|system| (system.connect)(services));
    RoleProviders::new(all.collect())
}

/// What of the cluster needs permissions in one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InUse {
    /// What needs permissions whatever roles groups hold.
    pub needs: BTreeSet<PermissionNeed>,
    /// The systems whose roles bindings declare.
    pub systems: BTreeSet<RoleSystem>,
    /// Whether anything is written: who only observes needs permissions to read.
    pub management: ManagementPolicy,
}

/// Those of the granted permissions that the operator uses. A token may carry hundreds of others.
pub fn used_permissions(granted: &[String]) -> Vec<String> {
    let is_used =
        |name: &&String| permissions::all().any(|one| one.any_of.contains(&name.as_str()));
    granted.iter().filter(is_used).cloned().collect()
}

/// The permissions that are needed and not among those that are granted; alternatives are joined by `or`.
pub fn missing_permissions(granted: &[String], in_use: &InUse) -> Vec<String> {
    let systems = PROVIDERS.iter();
    let systems = systems.filter(|one| in_use.systems.contains(&one.system));
    let of_groups = [GROUPS, &[ADMINISTRATIVE_UNITS], TENANT]
        .into_iter()
        .flatten();
    let of_groups = of_groups.filter(|one| in_use.needs.contains(&one.needed_by));
    let needed = of_groups.chain(systems.flat_map(|one| one.permissions));
    let reads = |one: &Permission| {
        let observes = PermissionPart::Profile(PermissionProfile::Observe);
        one.part == observes || one.part == PermissionPart::Advice
    };
    let needed = needed.filter(|one| in_use.management == ManagementPolicy::Manage || reads(one));
    permissions::missing(needed, granted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_use(needs: &[PermissionNeed], systems: &[RoleSystem]) -> InUse {
        InUse {
            management: ManagementPolicy::Manage,
            needs: needs.iter().copied().collect(),
            systems: systems.iter().copied().collect(),
        }
    }

    #[test]
    fn permissions_that_the_operator_does_not_use_are_not_told() {
        let granted = ["Mail.ReadWrite", "User.Read.All"].map(str::to_owned);
        assert_eq!(used_permissions(&granted), ["User.Read.All"]);
    }

    #[test]
    fn a_missing_permission_is_named_with_its_alternatives() {
        let missing = missing_permissions(&[], &in_use(&[PermissionNeed::Groups], &[]));
        assert!(missing.contains(&"User.Read.All or Directory.Read.All".to_owned()));
        let granted = ["Directory.Read.All".to_owned()];
        let missing = missing_permissions(&granted, &in_use(&[PermissionNeed::Groups], &[]));
        assert!(!missing.iter().any(|one| one.contains("Directory.Read.All")));
    }

    #[test]
    fn what_only_some_roles_need_is_missing_where_they_are_in_use() {
        let lacks = |systems: &[RoleSystem]| {
            missing_permissions(&[], &in_use(&[], systems))
                .contains(&"AppRoleAssignment.ReadWrite.All".to_owned())
        };
        assert!(lacks(&[RoleSystem::APP, RoleSystem::AZURE]));
        assert!(!lacks(&[RoleSystem::DIRECTORY, RoleSystem::INTUNE]));
    }
}
