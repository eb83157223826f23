//! Metrics of what the operator does for its objects: writes, drift, refusals, and how long things took.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::catalogue::{FamilyCatalogue, Histograms};
use crate::labels::{Field, KindLabel, RuleLabel, WriteAction, WriteOutcome, label_set};

label_set! { OfKind { kind: KindLabel, } }

label_set! { Written { kind: KindLabel, action: WriteAction, outcome: WriteOutcome, } }

label_set! { Drifted { kind: KindLabel, field: Field, } }

label_set! { Denied { kind: KindLabel, rule: RuleLabel, } }

#[derive(Debug)]
pub(crate) struct Objects {
    pub(crate) writes: Family<Written, Counter>,
    pub(crate) drift_detected: Family<Drifted, Counter>,
    pub(crate) drift_corrected: Family<Drifted, Counter>,
    pub(crate) boundary_denied: Family<Denied, Counter>,
    pub(crate) time_to_ready: Histograms<OfKind>,
    pub(crate) deletion_duration: Histograms<OfKind>,
    pub(crate) last_sync: Family<OfKind, Gauge<f64, AtomicU64>>,
}

impl Objects {
    /// Families that stand with those of the inventory.
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        Self {
            writes: catalogue.family(
                "entra_pim_external_writes",
                "writes to a tenant; `accepted` ones were taken and are not carried out yet",
            ),
            drift_detected: catalogue.family(
                "entra_pim_drift_detected",
                "differences that somebody else made",
            ),
            drift_corrected: catalogue.family(
                "entra_pim_drift_corrected",
                "differences that were put right",
            ),
            boundary_denied: catalogue.family(
                "entra_pim_boundary_denied",
                "objects that a boundary refused",
            ),
            time_to_ready: catalogue.histograms(
                "entra_pim_time_to_ready_seconds",
                "from the creation of an object to its first `Ready`",
            ),
            deletion_duration: catalogue.histograms(
                "entra_pim_deletion_duration_seconds",
                "from the wish to delete to the end of the clean-up",
            ),
            last_sync: catalogue.family(
                "entra_pim_last_sync_timestamp_seconds",
                "when a tenant was last compared",
            ),
        }
    }
}
