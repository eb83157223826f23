//! What a tenant says of certain people, for all of its groups. They are named by their ids, so nothing is looked up.

use pim_api::EntraTenant;
use pim_core::desired::TenantRules;

/// What the tenant says of certain people.
pub fn rules(tenant: &EntraTenant) -> TenantRules {
    let spec = &tenant.spec;
    TenantRules {
        management: spec.management_policy,
        denied: spec.denied_principals.iter().copied().collect(),
        protected: spec.protected_principals.iter().copied().collect(),
        removed_by_others: spec.removed_by_others,
    }
}
