//! What all controllers share: the ports, what is watched, and notes between passes. Decides nothing.

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use pim_api::EntraTenant;
use pim_core::desired::{Object, ObjectKind};
use pim_core::ids::ObjectName;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use super::notes::Notes;
use super::slots::Slots;
use super::watches::{self, Waker, is_of};
use crate::adapters::clock::SharedClock;
use crate::adapters::confirmed::Confirmed;
use crate::adapters::events::Events;
use crate::adapters::kinds::Stores;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;
use crate::adapters::{Cluster, Jitter};
use crate::election::claims::{Change, TenantClaims};
use crate::telemetry::metrics::Metrics;

/// What all controllers share.
pub struct Context {
    /// The cluster. Only handed on to adapters.
    pub client: Cluster,
    /// The local caches of the watched objects.
    pub stores: Stores,
    /// What of them is known to stand.
    pub confirmed: Confirmed,
    /// Writes status and remembers what was last written.
    pub statuses: Statuses,
    /// Publishes Kubernetes events.
    pub events: Events,
    /// The connections to tenants.
    pub connections: Connections,
    /// How many groups of each tenant are worked on at once.
    pub slots: Slots,
    /// Source of the current time.
    pub clock: SharedClock,
    /// Spreads what would otherwise happen at once.
    pub jitter: Jitter,
    /// Counts and times for operators.
    pub metrics: Metrics,
    /// Wakes controllers for reasons that no watch shows.
    pub waker: Waker,
    /// Which tenants this release acts for.
    pub claims: TenantClaims,
    /// Cancelled when no new work is to be begun.
    pub stop: CancellationToken,
    /// How many groups of one tenant are worked on at once.
    pub concurrency: u16,
    /// How often tenants are asked what has changed.
    pub hints_every: Duration,
    /// What is remembered about groups and tenants between two passes.
    pub notes: Notes,
}

impl Context {
    /// Does some work that concerns these tenants, as long as this release acts for the one that decides who does it; nothing
    /// if another release acts, or is not known not to. Whoever it is then does the work, or is woken when the claim changes.
    pub async fn while_acting<T>(
        &self,
        tenants: &[String],
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match self.deciding(tenants) {
            Some(tenant) => self.claims.while_held(&tenant, work).await,
            // Where no tenant is declared, nobody can claim one.
            None => Some(work.await),
        }
    }

    /// Since when this release acts for a tenant without a gap.
    pub fn acts_since(&self, tenant: &EntraTenant) -> Instant {
        let term = self.claims.term(&tenant.name_any());
        term.map_or_else(Instant::now, |term| term.begun())
    }

    /// The declared tenant whose claim decides: of those named the first, by name; of all there are, where none of them is
    /// declared. So what concerns several tenants, or none, has one writer, too.
    fn deciding(&self, tenants: &[String]) -> Option<Arc<EntraTenant>> {
        let first = |named: &dyn Fn(&str) -> bool| {
            let mut declared = self.stores.tenants.state();
            declared.retain(|tenant| named(&tenant.name_any()));
            declared.into_iter().min_by_key(|tenant| tenant.name_any())
        };
        first(&|name| tenants.iter().any(|tenant| tenant == name)).or_else(|| first(&|_| true))
    }

    /// Whoever acts for a tenant tells how its objects stand; everybody else says nothing of them.
    fn forget_series(&self, tenant: &str) {
        self.metrics.forget_tenant_facts(tenant);
        let tenant_name = ObjectName::new("", tenant);
        self.metrics
            .forget(&Object::new(ObjectKind::EntraTenant, tenant_name));
        let groups = self.stores.groups.state();
        for group in groups.iter().filter(|group| is_of(group, tenant)) {
            let name = object_name(&**group);
            for member in self.stores.members(&name) {
                self.metrics.forget(&member.object());
            }
            self.metrics
                .forget(&Object::new(ObjectKind::PrivilegedGroup, name));
        }
    }

    /// Has everybody woken who works by the claim on a tenant. Whoever acts for it again forgets what it knew from before.
    pub fn claim_changed(&self, tenant: &str, change: Change) {
        if change == Change::Regained {
            let groups = self.stores.groups.state();
            for group in groups.iter().filter(|group| is_of(group, tenant)) {
                self.notes.forget(&object_name(&**group));
            }
            self.connections.forget(tenant);
        }
        if !self.claims.acts_for(tenant) {
            self.forget_series(tenant);
        }
        watches::claim_changed(&self.waker, &self.stores, tenant);
    }
}
