//! Metrics of passes, under the names that dashboards for Kubernetes controllers know.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::histogram::{Histograms, histograms};
use super::labels::{Controller, ReconcileResult};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfController {
    controller: Controller,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndedReconcile {
    controller: Controller,
    result: ReconcileResult,
}

#[derive(Debug)]
pub(super) struct Reconciles {
    total: Family<EndedReconcile, Counter>,
    errors: Family<OfController, Counter>,
    panics: Family<OfController, Counter>,
    time: Histograms<OfController>,
    active: Family<OfController, Gauge>,
    most: Family<OfController, Gauge>,
}

impl Reconciles {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self {
            total: Family::default(),
            errors: Family::default(),
            panics: Family::default(),
            time: histograms(),
            active: Family::default(),
            most: Family::default(),
        };
        let registry = registry.sub_registry_with_prefix("controller_runtime");
        registry.register(
            "reconcile",
            "Passes, by how they ended",
            families.total.clone(),
        );
        registry.register(
            "reconcile_errors",
            "Passes that failed",
            families.errors.clone(),
        );
        registry.register(
            "reconcile_panics",
            "Passes that panicked",
            families.panics.clone(),
        );
        registry.register(
            "reconcile_time_seconds",
            "How long passes took",
            families.time.clone(),
        );
        registry.register("active_workers", "Passes that run", families.active.clone());
        registry.register(
            "max_concurrent_reconciles",
            "Passes that may run at once",
            families.most.clone(),
        );
        families.begin();
        families
    }

    /// A rate needs a series that was zero before it was one.
    fn begin(&self) {
        for &controller in Controller::ALL {
            let of = OfController { controller };
            drop(self.errors.get_or_create(&of));
            drop(self.panics.get_or_create(&of));
            drop(self.active.get_or_create(&of));
            for &result in ReconcileResult::ALL {
                drop(
                    self.total
                        .get_or_create(&EndedReconcile { controller, result }),
                );
            }
        }
    }

    pub(super) fn limit(&self, controller: Controller, workers: u16) {
        self.most
            .get_or_create(&OfController { controller })
            .set(i64::from(workers));
    }

    pub(super) fn start(self: &Arc<Self>, controller: Controller) -> ReconcileTimer {
        self.active
            .get_or_create(&OfController { controller })
            .inc();
        ReconcileTimer {
            families: Arc::clone(self),
            controller,
            begun: Instant::now(),
        }
    }
}

/// A pass that runs. Dropping it without a result means that it was cancelled, and counts as none; dropping it in a
/// panic counts the panic.
#[derive(Debug)]
#[must_use = "a pass ends with `finish`"]
pub struct ReconcileTimer {
    families: Arc<Reconciles>,
    controller: Controller,
    begun: Instant,
}

impl ReconcileTimer {
    /// Records that the pass has ended, its result and how long it took.
    pub fn finish(self, result: ReconcileResult) {
        let of = OfController {
            controller: self.controller,
        };
        self.families
            .time
            .get_or_create(&of)
            .observe(self.begun.elapsed().as_secs_f64());
        self.families
            .total
            .get_or_create(&EndedReconcile {
                controller: self.controller,
                result,
            })
            .inc();
        if result == ReconcileResult::Error {
            self.families.errors.get_or_create(&of).inc();
        }
    }

    /// The pass has panicked, and somebody caught it.
    pub fn panicked(self) {
        self.count_panic();
        self.finish(ReconcileResult::Error);
    }

    fn count_panic(&self) {
        self.families
            .panics
            .get_or_create(&OfController {
                controller: self.controller,
            })
            .inc();
    }
}

impl Drop for ReconcileTimer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.count_panic();
        }
        self.families
            .active
            .get_or_create(&OfController {
                controller: self.controller,
            })
            .dec();
    }
}
