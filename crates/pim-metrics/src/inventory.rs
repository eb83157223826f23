//! The objects themselves: how many stand how, and one series for each of them. Counted anew at every scrape, so that
//! no series outlives its object.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use pim_core::desired::Object;
use pim_core::reason::Reason;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeLabelSet, EncodeMetric as _,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::catalogue::{FamilyCatalogue, FamilyDescription};
use crate::labels::{
    KindLabel, LabelSet as _, NameLabel, NamespaceLabel, ObjectSeries, Ready, ReasonLabel,
    label_set,
};

label_set! { Standing { kind: KindLabel, ready: Ready, reason: ReasonLabel, } }

label_set! { One { kind: KindLabel, namespace: NamespaceLabel, name: NameLabel, } }

const RESOURCES: FamilyDescription = FamilyDescription::new(
    "entra_pim_resources",
    MetricType::Gauge,
    Standing::LABELS,
    "objects, by how they stand",
);

const RESOURCE_READY: FamilyDescription = FamilyDescription::new(
    "entra_pim_resource_ready",
    MetricType::Gauge,
    One::LABELS,
    "1 ready, 0 not ready, -1 not known",
);

const SCHEDULE_EXPIRY: FamilyDescription = FamilyDescription::new(
    "entra_pim_schedule_expiry_timestamp_seconds",
    MetricType::Gauge,
    One::LABELS,
    "when the first of an object's schedules ends",
);

#[derive(Debug, Clone, Default)]
struct Entry {
    standing: Option<(Ready, Reason)>,
    expiry: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(crate) struct Inventory {
    entries: Arc<Mutex<BTreeMap<Object, Entry>>>,
    series: ObjectSeries,
}

impl Inventory {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue, series: ObjectSeries) -> Self {
        catalogue.section("Objects");
        let inventory = Self {
            entries: Arc::default(),
            series,
        };
        let families = [RESOURCES, RESOURCE_READY, SCHEDULE_EXPIRY];
        catalogue.collector(Box::new(inventory.clone()), &families);
        inventory
    }

    pub(crate) fn stands(&self, object: &Object, ready: Ready, reason: Reason) {
        self.lock().entry(object.clone()).or_default().standing = Some((ready, reason));
    }

    pub(crate) fn expires(&self, object: &Object, end: Option<Timestamp>) {
        self.lock().entry(object.clone()).or_default().expiry = end;
    }

    pub(crate) fn forget(&self, object: &Object) {
        self.lock().remove(object);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Object, Entry>> {
        self.entries.lock()
    }
}

impl Collector for Inventory {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let entries = self.lock().clone();
        let mut counts: BTreeMap<Standing, u64> = BTreeMap::new();
        for (object, entry) in &entries {
            if let Some((ready, reason)) = entry.standing {
                *counts
                    .entry(Standing {
                        kind: KindLabel(object.kind),
                        ready,
                        reason: reason.as_str().into(),
                    })
                    .or_default() += 1;
            }
        }
        gauges(&mut encoder, RESOURCES, counts)?;
        if self.series == ObjectSeries::Disabled {
            return Ok(());
        }
        let ready = entries
            .iter()
            .filter_map(|(object, entry)| Some((one(object), entry.standing?.0.as_number())));
        gauges(&mut encoder, RESOURCE_READY, ready)?;
        let expiry = entries
            .iter()
            .filter_map(|(object, entry)| Some((one(object), entry.expiry?.as_second())));
        gauges(&mut encoder, SCHEDULE_EXPIRY, expiry)
    }
}

fn one(object: &Object) -> One {
    One {
        kind: KindLabel(object.kind),
        namespace: object.name.namespace.clone().into(),
        name: object.name.name.clone().into(),
    }
}

/// Writes one family of gauges, or nothing when it has no series.
fn gauges<Labels, Value>(
    encoder: &mut DescriptorEncoder,
    description: FamilyDescription,
    series: impl IntoIterator<Item = (Labels, Value)>,
) -> fmt::Result
where
    Labels: EncodeLabelSet,
    Value: EncodeGaugeValue,
{
    let mut series = series.into_iter().peekable();
    if series.peek().is_none() {
        return Ok(());
    }
    let mut family = description.begin(encoder)?;
    for (labels, value) in series {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
