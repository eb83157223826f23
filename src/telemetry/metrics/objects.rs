//! Metrics of what the operator does for its objects: writes, drift, refusals, and how long things took.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::histogram::{Histograms, histograms};
use super::labels::{Field, KindLabel, WriteAction, WriteOutcome};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfKind {
    pub(super) kind: KindLabel,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Written {
    pub(super) kind: KindLabel,
    pub(super) action: WriteAction,
    pub(super) outcome: WriteOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Drifted {
    pub(super) kind: KindLabel,
    pub(super) field: Field,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Denied {
    pub(super) kind: KindLabel,
    pub(super) rule: &'static str,
}

#[derive(Debug)]
pub(super) struct Objects {
    pub(super) writes: Family<Written, Counter>,
    pub(super) drift_detected: Family<Drifted, Counter>,
    pub(super) drift_corrected: Family<Drifted, Counter>,
    pub(super) boundary_denied: Family<Denied, Counter>,
    pub(super) time_to_ready: Histograms<OfKind>,
    pub(super) deletion_duration: Histograms<OfKind>,
    pub(super) last_sync: Family<OfKind, Gauge<f64, AtomicU64>>,
}

impl Objects {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self {
            writes: Family::default(),
            drift_detected: Family::default(),
            drift_corrected: Family::default(),
            boundary_denied: Family::default(),
            time_to_ready: histograms(),
            deletion_duration: histograms(),
            last_sync: Family::default(),
        };
        registry.register(
            "external_writes",
            "Writes to a tenant",
            families.writes.clone(),
        );
        registry.register(
            "drift_detected",
            "Differences that somebody else made",
            families.drift_detected.clone(),
        );
        registry.register(
            "drift_corrected",
            "Differences that were put right",
            families.drift_corrected.clone(),
        );
        registry.register(
            "boundary_denied",
            "Objects that a boundary refused",
            families.boundary_denied.clone(),
        );
        registry.register(
            "time_to_ready_seconds",
            "From the creation of an object to its first Ready",
            families.time_to_ready.clone(),
        );
        registry.register(
            "deletion_duration_seconds",
            "From the wish to delete to the end of the clean-up",
            families.deletion_duration.clone(),
        );
        registry.register(
            "last_sync_timestamp_seconds",
            "When a tenant was last compared",
            families.last_sync.clone(),
        );
        families
    }
}
