//! Metrics of who may write: the gauge under the name that controllers built with client-go use, and counts of our own.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labels::FencedPort;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLease {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Fenced {
    port: FencedPort,
}

/// Whether this replica holds a Lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leadership {
    /// It does, and writes.
    Leader,
    /// Another one does, or nobody.
    Standby,
}

/// Families of the election.
#[derive(Debug)]
pub(super) struct Election {
    master: Family<OfLease, Gauge>,
    takeovers: Family<OfLease, Counter>,
    fenced: Family<Fenced, Counter>,
}

impl Election {
    pub(super) fn register(registry: &mut Registry, prefix: &str) -> Self {
        let families = Self {
            master: Family::default(),
            takeovers: Family::default(),
            fenced: Family::default(),
        };
        registry.register(
            "leader_election_master_status",
            "Whether this replica holds the Lease and writes: 1 yes, 0 no",
            families.master.clone(),
        );
        let own = registry.sub_registry_with_prefix(prefix);
        own.register(
            "takeovers",
            "How often this replica became the one that writes",
            families.takeovers.clone(),
        );
        own.register(
            "fenced_writes",
            "Writes that did not start because the Lease was lost or about to run out",
            families.fenced.clone(),
        );
        for &port in FencedPort::ALL {
            drop(families.fenced.get_or_create(&Fenced { port }));
        }
        families
    }

    pub(super) fn leadership(&self, lease: &str, now: Leadership) {
        let of = OfLease {
            name: lease.to_owned(),
        };
        match now {
            Leadership::Leader => {
                self.master.get_or_create(&of).set(1);
                self.takeovers.get_or_create(&of).inc();
            }
            Leadership::Standby => {
                self.master.get_or_create(&of).set(0);
                // A rate needs a series that was zero before it was one.
                drop(self.takeovers.get_or_create(&of));
            }
        }
    }

    pub(super) fn fenced(&self, port: FencedPort) {
        self.fenced.get_or_create(&Fenced { port }).inc();
    }
}
