//! Metrics of who may write: the gauge under the name that controllers built with client-go use, and counts of our own.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::catalogue::FamilyCatalogue;
use crate::labels::{FencedPort, LeaseLabel, label_set};

label_set! { OfLease { name: LeaseLabel, } }

label_set! { Fenced { port: FencedPort, } }

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
pub(crate) struct Election {
    master: Family<OfLease, Gauge>,
    takeovers: Family<OfLease, Counter>,
    fenced: Family<Fenced, Counter>,
}

impl Election {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        catalogue.section("Who writes");
        let families = Self {
            master: catalogue.family(
                "leader_election_master_status",
                "1 on the replica that holds the Lease and writes, 0 on those that stand by",
            ),
            takeovers: catalogue.family(
                "entra_pim_takeovers",
                "how often this replica became the one that writes",
            ),
            fenced: catalogue.family(
                "entra_pim_fenced_writes",
                "writes that did not start because the Lease was lost or about to run out",
            ),
        };
        for &port in FencedPort::ALL {
            drop(families.fenced.get_or_create(&Fenced { port }));
        }
        families
    }

    pub(crate) fn leadership(&self, lease: &str, now: Leadership) {
        let of = OfLease {
            name: lease.to_owned().into(),
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

    pub(crate) fn fenced(&self, port: FencedPort) {
        self.fenced.get_or_create(&Fenced { port }).inc();
    }
}
