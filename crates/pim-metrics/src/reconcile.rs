//! Metrics of passes, under the names that dashboards for Kubernetes controllers know.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::catalogue::{FamilyCatalogue, Histograms};
use crate::labels::{Controller, ReconcileResult, label_set};

label_set! { OfController { controller: Controller, } }

label_set! { EndedReconcile { controller: Controller, result: ReconcileResult, } }

#[derive(Debug)]
pub(crate) struct Reconciles {
    total: Family<EndedReconcile, Counter>,
    errors: Family<OfController, Counter>,
    panics: Family<OfController, Counter>,
    time: Histograms<OfController>,
    active: Family<OfController, Gauge>,
    most: Family<OfController, Gauge>,
}

impl Reconciles {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        catalogue.section("Passes");
        let families = Self {
            total: catalogue.family("controller_runtime_reconcile", "passes, by how they ended"),
            errors: catalogue.family("controller_runtime_reconcile_errors", "passes that failed; one that the limits of the tenant put off is a `requeue_after`"),
            panics: catalogue.family(
                "controller_runtime_reconcile_panics",
                "passes that panicked",
            ),
            time: catalogue.histograms(
                "controller_runtime_reconcile_time_seconds",
                "how long passes took",
            ),
            active: catalogue.family("controller_runtime_active_workers", "passes that run"),
            most: catalogue.family(
                "controller_runtime_max_concurrent_reconciles",
                "passes that may run at once; of groups in each tenant, and a quarter as many more of those that take access away",
            ),
        };
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

    pub(crate) fn limit(&self, controller: Controller, workers: u16) {
        self.most
            .get_or_create(&OfController { controller })
            .set(i64::from(workers));
    }

    pub(crate) fn start(self: &Arc<Self>, controller: Controller) -> ReconcileTimer {
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
