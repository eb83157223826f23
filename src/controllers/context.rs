//! What all controllers share: the ports, what is watched, and notes between passes. Decides nothing.

use kube::runtime::reflector::ObjectRef;
use pim_api::PrivilegedGroup;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use super::notes::Notes;
use super::watches::{Waker, is_of};
use crate::adapters::clock::SharedClock;
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
    /// Writes status and remembers what was last written.
    pub statuses: Statuses,
    /// Publishes Kubernetes events.
    pub events: Events,
    /// The connections to tenants.
    pub connections: Connections,
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
    /// What is remembered about groups and tenants between two passes.
    pub notes: Notes,
}

impl Context {
    /// Whether this release has nothing to do with a tenant that is declared: another one acts for it, or it is not known yet.
    pub fn is_left_to_others(&self, tenant: &str) -> bool {
        let declared = self.stores.tenants.get(&ObjectRef::new(tenant));
        declared.is_some() && !self.claims.is_held(tenant)
    }

    /// Has everybody of a tenant woken whose claim has changed. Whoever acts for it again forgets what it knew from before.
    pub fn claim_changed(&self, tenant: &str, change: Change) {
        if change == Change::Regained {
            let groups = self.stores.groups.state();
            for group in groups.iter().filter(|group| is_of(group, tenant)) {
                self.notes.forget(&object_name(&**group));
            }
            self.connections.forget(tenant);
        }
        self.waker.tenant(tenant);
        let is_of_tenant = |group: &PrivilegedGroup| is_of(group, tenant);
        self.waker.groups_where(&self.stores, is_of_tenant);
    }
}
