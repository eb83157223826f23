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
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::{MetricType, TypedMetric};

use super::labels::{KindLabel, ObjectSeries, Ready};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
struct Standing {
    kind: KindLabel,
    ready: Ready,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct One {
    kind: KindLabel,
    namespace: String,
    name: String,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    standing: Option<(Ready, Reason)>,
    expiry: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub(super) struct Inventory {
    entries: Arc<Mutex<BTreeMap<Object, Entry>>>,
    series: ObjectSeries,
}

impl Inventory {
    pub(super) fn new(series: ObjectSeries) -> Self {
        Self {
            entries: Arc::default(),
            series,
        }
    }

    pub(super) fn stands(&self, object: &Object, ready: Ready, reason: Reason) {
        self.lock().entry(object.clone()).or_default().standing = Some((ready, reason));
    }

    pub(super) fn expires(&self, object: &Object, end: Option<Timestamp>) {
        self.lock().entry(object.clone()).or_default().expiry = end;
    }

    pub(super) fn forget(&self, object: &Object) {
        self.lock().remove(object);
    }

    pub(super) fn clear(&self) {
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
                        reason: reason.as_str(),
                    })
                    .or_default() += 1;
            }
        }
        gauges(
            &mut encoder,
            "resources",
            "Objects, by how they stand",
            counts,
        )?;
        if self.series == ObjectSeries::Disabled {
            return Ok(());
        }
        let ready = entries
            .iter()
            .filter_map(|(object, entry)| Some((one(object), entry.standing?.0.as_number())));
        gauges(
            &mut encoder,
            "resource_ready",
            "Whether an object is ready: 1 yes, 0 no, -1 not known",
            ready,
        )?;
        let expiry = entries
            .iter()
            .filter_map(|(object, entry)| Some((one(object), entry.expiry?.as_second())));
        gauges(
            &mut encoder,
            "schedule_expiry_timestamp_seconds",
            "When the first of an object's schedules ends",
            expiry,
        )
    }
}

fn one(object: &Object) -> One {
    One {
        kind: KindLabel(object.kind),
        namespace: object.name.namespace.clone(),
        name: object.name.name.clone(),
    }
}

/// Writes one family of gauges, or nothing when it has no series.
fn gauges<Labels, Value>(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
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
    let kind: MetricType = <Gauge as TypedMetric>::TYPE;
    let mut family = encoder.encode_descriptor(name, help, None, kind)?;
    for (labels, value) in series {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
