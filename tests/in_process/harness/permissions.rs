//! What the operator's application is granted in the tenant. A token shows what it was granted when it was made.

use std::collections::BTreeSet;

use entra_sim::ids::AppId;
use entra_sim::seed::SeedPermissions;

use super::{World, demo};

/// The operator's application in the demo's tenant.
pub const OPERATOR: &str = "22222222-2222-4222-8222-222222222222";

impl World {
    /// Grants the operator just these permissions.
    pub fn permit_only(&self, permissions: &[&str]) {
        let operator: AppId = OPERATOR.parse().unwrap();
        self.tenant.set_permissions(operator, permissions).unwrap();
    }

    /// Grants the operator what the demo grants it, with some more and without some.
    pub fn permit(&self, more: &[&str], without: &[&str]) {
        let (seed, operator): (_, AppId) = (demo(), OPERATOR.parse().unwrap());
        let mut applications = seed.applications.iter();
        let of_operator = applications.find(|one| one.client_id == operator);
        let SeedPermissions::List(usual) = &of_operator.unwrap().permissions else {
            panic!("the demo grants what is needed and nothing more");
        };
        let granted: BTreeSet<&str> = usual
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied())
            .filter(|one| !without.contains(one))
            .collect();
        self.permit_only(&Vec::from_iter(granted));
    }
}
