//! What a tenant says of certain people, whatever the objects of its groups declare.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::PrincipalId;

/// What the operator may do in a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ManagementPolicy {
    /// It makes true what the objects declare.
    #[default]
    Manage,
    /// It compares and tells what it would do, and writes nothing.
    Observe,
}

/// What happens where somebody took access away in the tenant that an object declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum RemovedByOthers {
    /// It is given again.
    #[default]
    Restore,
    /// It is told, and not given again before the object that declares it is edited.
    Hold,
}

/// Whether the tenant has the licence that PIM needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Licence {
    /// A usable subscription has it, or PIM answers all the same.
    Available,
    /// No subscription has it, and PIM refuses to answer because of that.
    Missing,
    /// Nobody can say; nothing is held back.
    #[default]
    Unknown,
}

/// What a tenant says of all of its groups, and of certain people in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantRules {
    /// Whether anything is written.
    pub management: ManagementPolicy,
    /// Who loses every access and gets none.
    pub denied: BTreeSet<PrincipalId>,
    /// From whom nothing is taken away.
    pub protected: BTreeSet<PrincipalId>,
    /// What happens where somebody took away what is declared.
    pub removed_by_others: RemovedByOthers,
}

impl TenantRules {
    /// Whether somebody loses every access and gets none.
    pub fn denies(&self, principal: PrincipalId) -> bool {
        self.denied.contains(&principal)
    }

    /// Whether nothing is taken away from somebody. The emergency stop is stronger, should both lists name them.
    pub fn protects(&self, principal: PrincipalId) -> bool {
        self.protected.contains(&principal) && !self.denies(principal)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_emergency_stop_is_stronger_than_a_protection() {
        let (one, other) = (
            PrincipalId(Uuid::from_u128(1)),
            PrincipalId(Uuid::from_u128(2)),
        );
        let rules = TenantRules {
            denied: [one].into(),
            protected: [one, other].into(),
            ..TenantRules::default()
        };
        assert!(rules.denies(one) && !rules.protects(one));
        assert!(rules.protects(other) && !rules.denies(other));
    }
}
