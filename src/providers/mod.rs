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

pub use effect::{Effect, Refused};
use entra_client::Services;
pub use entra_client::{Fence, Graph};
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

/// What the operator needs whatever roles its groups hold: groups, people, schedules, policies
/// (learn.microsoft.com: permissions reference of each call).
pub const GROUP_PERMISSIONS: &[&[&str]] = &[
    &["Group.ReadWrite.All"],
    &["RoleManagement.ReadWrite.Directory"],
    &["User.Read.All", "Directory.Read.All"],
    &["Application.Read.All", "Directory.Read.All"],
    &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
    &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
    &["RoleManagementPolicy.ReadWrite.AzureADGroup"],
];

/// Those of the granted permissions that the operator uses. A token may carry hundreds of others.
pub fn used_permissions(granted: &[String]) -> Vec<String> {
    let is_used = |name: &&String| needed().any(|any_of| any_of.contains(&name.as_str()));
    granted.iter().filter(is_used).cloned().collect()
}

fn needed() -> impl Iterator<Item = &'static &'static [&'static str]> {
    let of_roles = PROVIDERS.iter().flat_map(|system| system.permissions);
    GROUP_PERMISSIONS.iter().chain(of_roles)
}

/// The permissions that are needed and not among those that are granted; alternatives are joined by `or`.
pub fn missing_permissions(granted: &[String]) -> Vec<String> {
    let lacking = needed().filter(|any_of| {
        !any_of
            .iter()
            .any(|name| granted.iter().any(|grant| grant == name))
    });
    let mut missing: Vec<String> = lacking.map(|any_of| any_of.join(" or ")).collect();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_is_enough() {
        let granted: Vec<String> = GROUP_PERMISSIONS
            .iter()
            .chain(PROVIDERS.iter().flat_map(|system| system.permissions))
            .filter_map(|any_of| any_of.last().map(ToString::to_string))
            .collect();
        assert_eq!(missing_permissions(&granted), Vec::<String>::new());
    }

    #[test]
    fn permissions_that_the_operator_does_not_use_are_not_told() {
        let granted = ["Mail.ReadWrite", "User.Read.All"].map(str::to_owned);
        assert_eq!(used_permissions(&granted), ["User.Read.All"]);
    }

    #[test]
    fn a_missing_permission_is_named() {
        assert!(
            missing_permissions(&[]).contains(&"User.Read.All or Directory.Read.All".to_owned())
        );
    }
}
