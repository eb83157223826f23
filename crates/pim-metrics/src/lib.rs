//! The metrics that `/metrics` serves, behind methods with closed lists of label values. Names and labels are part of
//! the public interface, and their reference is made from what is registered. Only what is really fed is registered; what
//! has no series is not shown.
//!
//! Labels never carry ids, names of people or messages. Series for single objects can be switched off.

mod catalogue;
mod election;
mod facts;
mod hints;
mod inventory;
mod kubernetes;
mod labels;
mod objects;
mod process;
mod reconcile;
mod tenant;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;
use pim_core::desired::{Object, ObjectKind};
use pim_core::reason::Reason;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use catalogue::FamilyCatalogue;
use election::Election;
use facts::Facts;
use hints::{Heard, Hints};
use inventory::Inventory;
use kubernetes::Requests;
use labels::{CompilerLabel, Field, KindLabel, RevisionLabel, VersionLabel, label_set};
use objects::{Denied, Drifted, Objects, OfKind, Written};
use reconcile::Reconciles;
use tenant::Calls;

pub use catalogue::{FamilyDescription, FamilySection};
pub use election::Leadership;
pub use facts::TenantFacts;
pub use labels::{
    Controller, FencedPort, HintSource, LabelDescription, ObjectSeries, Ready, ReconcileResult,
    TokenOutcome, WriteAction, WriteOutcome,
};
pub use reconcile::ReconcileTimer;
pub use tenant::{Call, CallAnswer, LaneBudget, TenantMetrics};

/// All metrics. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    sections: Vec<FamilySection>,
    election: Election,
    reconciles: Arc<Reconciles>,
    kubernetes: Requests,
    calls: Arc<Calls>,
    facts: Facts,
    hints: Hints,
    objects: Objects,
    inventory: Inventory,
}

label_set! {
    Build { version: VersionLabel, revision: RevisionLabel, rust_version: CompilerLabel, }
}

impl Metrics {
    /// Creates all metrics, without any counts yet.
    pub fn new(series: ObjectSeries) -> Self {
        let mut catalogue = FamilyCatalogue::default();
        let reconciles = Arc::new(Reconciles::register(&mut catalogue));
        let election = Election::register(&mut catalogue);
        let kubernetes = Requests::register(&mut catalogue);
        let calls = Arc::new(Calls::register(&mut catalogue));
        let facts = Facts::register(&mut catalogue);
        let hints = Hints::register(&mut catalogue);
        let inventory = Inventory::register(&mut catalogue, series);
        let objects = Objects::register(&mut catalogue);
        register_build(&mut catalogue);
        process::register(&mut catalogue);
        let FamilyCatalogue { registry, sections } = catalogue;
        Self {
            inner: Arc::new(Inner {
                registry,
                sections,
                election,
                reconciles,
                kubernetes,
                calls,
                facts,
                hints,
                objects,
                inventory,
            }),
        }
    }

    /// Everything as text for a scraper.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        text::encode(&mut page, &self.inner.registry)?;
        Ok(page)
    }

    /// What the reference says of every family, whether it has a series or not.
    pub fn sections(&self) -> &[FamilySection] {
        &self.inner.sections
    }

    /// Whether this replica holds the Lease of this name from now on.
    pub fn leadership(&self, lease: &str, now: Leadership) {
        self.inner.election.leadership(lease, now);
    }

    /// A write did not start because the term of this replica is over, or about to be.
    pub fn fenced_write(&self, port: FencedPort) {
        self.inner.election.fenced(port);
    }

    /// How many passes a controller may run at once.
    pub fn max_concurrent_reconciles(&self, controller: Controller, workers: u16) {
        self.inner.reconciles.limit(controller, workers);
    }

    /// Records that a pass begins; the timer that is returned records its end.
    pub fn reconcile(&self, controller: Controller) -> ReconcileTimer {
        self.inner.reconciles.start(controller)
    }

    /// A request to Kubernetes ended; without a status there was no answer.
    pub fn kubernetes_request(&self, method: &Method, status: Option<StatusCode>) {
        self.inner.kubernetes.count(method, status);
    }

    /// The metrics of one tenant, by the name of its `EntraTenant`.
    pub fn tenant(&self, name: impl Into<String>) -> TenantMetrics {
        TenantMetrics::new(name.into(), Arc::clone(&self.inner.calls))
    }

    /// What is known of a tenant as a whole from now on, by the name of its `EntraTenant`.
    pub fn tenant_facts(&self, tenant: &str, facts: TenantFacts) {
        self.inner.facts.tell(tenant, facts);
    }

    /// Drops the series of facts about a tenant that is gone, or is another replica's to tell of.
    pub fn forget_tenant_facts(&self, tenant: &str) {
        self.inner.facts.forget(tenant);
    }

    /// A tenant told that something changed in a group.
    pub fn hint(&self, tenant: &str, source: HintSource) {
        count(&self.inner.hints.received, tenant, source);
    }

    /// A group is looked at before its time because of what a tenant told.
    pub fn hint_look(&self, tenant: &str, source: HintSource) {
        count(&self.inner.hints.looks, tenant, source);
    }

    /// A question for changes was not answered.
    pub fn hint_failed(&self, tenant: &str, source: HintSource) {
        count(&self.inner.hints.failures, tenant, source);
    }

    /// A write to a tenant ended.
    pub fn external_write(&self, kind: ObjectKind, action: WriteAction, outcome: WriteOutcome) {
        self.inner
            .objects
            .writes
            .get_or_create(&Written {
                kind: KindLabel(kind),
                action,
                outcome,
            })
            .inc();
    }

    /// Somebody else made a difference. Counted once for each difference, not in every pass that still finds it.
    pub fn drift_detected(&self, kind: ObjectKind, field: &str) {
        self.inner
            .objects
            .drift_detected
            .get_or_create(&Drifted {
                kind: KindLabel(kind),
                field: Field::of(field),
            })
            .inc();
    }

    /// A difference was put right.
    pub fn drift_corrected(&self, kind: ObjectKind, field: &str) {
        self.inner
            .objects
            .drift_corrected
            .get_or_create(&Drifted {
                kind: KindLabel(kind),
                field: Field::of(field),
            })
            .inc();
    }

    /// A boundary refused an object, by the rule that it named. Counted when it begins, not in every pass.
    pub fn boundary_denied(&self, kind: ObjectKind, rule: &'static str) {
        self.inner
            .objects
            .boundary_denied
            .get_or_create(&Denied {
                kind: KindLabel(kind),
                rule: rule.into(),
            })
            .inc();
    }

    /// An object became ready for the first time, so long after it was created.
    pub fn time_to_ready(&self, kind: ObjectKind, took: Duration) {
        self.inner
            .objects
            .time_to_ready
            .get_or_create(&OfKind {
                kind: KindLabel(kind),
            })
            .observe(took.as_secs_f64());
    }

    /// An object's clean-up has ended, so long after somebody wished it away.
    pub fn deletion_duration(&self, kind: ObjectKind, took: Duration) {
        self.inner
            .objects
            .deletion_duration
            .get_or_create(&OfKind {
                kind: KindLabel(kind),
            })
            .observe(took.as_secs_f64());
    }

    /// An object was compared with the tenant.
    pub fn synced(&self, kind: ObjectKind, at: Timestamp) {
        self.inner
            .objects
            .last_sync
            .get_or_create(&OfKind {
                kind: KindLabel(kind),
            })
            .set(at.as_duration().as_secs_f64());
    }

    /// Records whether an object is ready, and the reason.
    pub fn resource(&self, object: &Object, ready: Ready, reason: Reason) {
        self.inner.inventory.stands(object, ready, reason);
    }

    /// When the first of an object's schedules ends; none when all last for ever.
    pub fn schedule_expiry(&self, object: &Object, end: Option<Timestamp>) {
        self.inner.inventory.expires(object, end);
    }

    /// What this replica knew of objects is another one's to tell from now on.
    pub fn forget_objects(&self) {
        self.inner.inventory.clear();
    }

    /// Drops the series of an object that is gone.
    pub fn forget(&self, object: &Object) {
        self.inner.inventory.forget(object);
    }
}

fn count(family: &Family<Heard, Counter>, tenant: &str, source: HintSource) {
    let tenant = tenant.to_owned().into();
    family.get_or_create(&Heard { tenant, source }).inc();
}

fn register_build(catalogue: &mut FamilyCatalogue) {
    catalogue.section("The process");
    let family: Family<Build, Gauge> =
        catalogue.family("entra_pim_build_info", "what runs; always 1");
    let build = Build {
        version: env!("CARGO_PKG_VERSION").into(),
        revision: env!("ENTRA_PIM_REVISION").into(),
        rust_version: env!("ENTRA_PIM_RUST_VERSION").into(),
    };
    family.get_or_create(&build).set(1);
}

#[cfg(test)]
mod tests;
