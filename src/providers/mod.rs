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
use entra_client::permissions::{GROUPS, OPTIONAL, Permission};
pub use entra_client::{Fence, Graph};
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

/// Those of the granted permissions that the operator uses. A token may carry hundreds of others.
pub fn used_permissions(granted: &[String]) -> Vec<String> {
    let all: BTreeSet<RoleSystem> = PROVIDERS.iter().map(|one| one.system).collect();
    let used = || needed(&all).chain(OPTIONAL);
    let is_used = |name: &&String| used().any(|one| one.any_of.contains(&name.as_str()));
    granted.iter().filter(is_used).cloned().collect()
}

/// What is needed by groups that hold roles of these systems.
fn needed(in_use: &BTreeSet<RoleSystem>) -> impl Iterator<Item = &'static Permission> {
    let systems = PROVIDERS.iter().filter(|one| in_use.contains(&one.system));
    GROUPS
        .iter()
        .chain(systems.flat_map(|system| system.permissions))
}

/// The permissions that groups with roles of these systems need and that are not among those that are granted; alternatives
/// are joined by `or`.
pub fn missing_permissions(granted: &[String], in_use: &BTreeSet<RoleSystem>) -> Vec<String> {
    let lacking = needed(in_use).filter(|one| {
        !one.any_of
            .iter()
            .any(|name| granted.iter().any(|grant| grant == name))
    });
    let mut missing: Vec<String> = lacking.map(|one| one.any_of.join(" or ")).collect();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_is_enough() {
        let all = PROVIDERS.iter().map(|one| one.system).collect();
        let granted: Vec<String> = needed(&all)
            .filter_map(|one| one.any_of.last().map(ToString::to_string))
            .collect();
        assert_eq!(missing_permissions(&granted, &all), Vec::<String>::new());
    }

    #[test]
    fn permissions_that_the_operator_does_not_use_are_not_told() {
        let granted = ["Mail.ReadWrite", "User.Read.All"].map(str::to_owned);
        assert_eq!(used_permissions(&granted), ["User.Read.All"]);
    }

    #[test]
    fn a_missing_permission_is_named() {
        let missing = missing_permissions(&[], &BTreeSet::new());
        assert!(missing.contains(&"User.Read.All or Directory.Read.All".to_owned()));
    }

    #[test]
    fn what_only_some_roles_need_is_missing_where_they_are_in_use() {
        let lacks = |in_use: &[RoleSystem]| {
            let in_use = in_use.iter().copied().collect();
            missing_permissions(&[], &in_use)
                .contains(&"AppRoleAssignment.ReadWrite.All".to_owned())
        };
        assert!(lacks(&[RoleSystem::APP, RoleSystem::AZURE]));
        assert!(!lacks(&[RoleSystem::DIRECTORY, RoleSystem::INTUNE]));
    }
}
