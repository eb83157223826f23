//! What is known of a tenant as a whole, as of its last look. A fact that is not known has no series.

use std::sync::atomic::AtomicU64;

use jiff::{SignedDuration, Timestamp};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::catalogue::FamilyCatalogue;
use crate::labels::{TenantLabel, label_set};

label_set! { FactOf { tenant: TenantLabel, } }

/// What is known of a tenant as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub struct TenantFacts {
    /// How far the operator's clock is ahead of the tenant's.
    pub clock_difference: Option<SignedDuration>,
    /// When the credential that signs in ends.
    pub credential_end: Option<Timestamp>,
    /// How many role-assignable groups the tenant has.
    pub role_assignable_groups: Option<u32>,
}

/// Families of facts about tenants.
#[derive(Debug)]
pub(crate) struct Facts {
    clock_difference: Family<FactOf, Gauge<f64, AtomicU64>>,
    credential_end: Family<FactOf, Gauge>,
    role_assignable_groups: Family<FactOf, Gauge>,
}

impl Facts {
    /// Families that stand with those of the calls.
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        Self {
            clock_difference: catalogue.family(
                "entra_pim_clock_difference_seconds",
                "how far the operator's clock is ahead of the tenant's, at the last look",
            ),
            credential_end: catalogue.family(
                "entra_pim_credential_expiry_timestamp_seconds",
                "when the credential that signs in ends, where that is known",
            ),
            role_assignable_groups: catalogue.family(
                "entra_pim_role_assignable_groups",
                "role-assignable groups of the tenant, whoever made them",
            ),
        }
    }

    pub(crate) fn tell(&self, tenant: &str, facts: TenantFacts) {
        let of = FactOf {
            tenant: tenant.to_owned().into(),
        };
        self.forget(tenant);
        if let Some(apart) = facts.clock_difference {
            let seconds = apart.as_secs_f64();
            self.clock_difference.get_or_create(&of).set(seconds);
        }
        if let Some(end) = facts.credential_end {
            self.credential_end.get_or_create(&of).set(end.as_second());
        }
        if let Some(used) = facts.role_assignable_groups {
            let used = i64::from(used);
            self.role_assignable_groups.get_or_create(&of).set(used);
        }
    }

    pub(crate) fn forget(&self, tenant: &str) {
        let of = FactOf {
            tenant: tenant.to_owned().into(),
        };
        self.clock_difference.remove(&of);
        self.credential_end.remove(&of);
        self.role_assignable_groups.remove(&of);
    }
}
