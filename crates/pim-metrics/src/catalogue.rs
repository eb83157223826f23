//! What is registered, with what the reference says of it. A family comes into being here and nowhere else, so the reference
//! has every one, and nothing that is not served.

use std::fmt::{self, Debug};
use std::hash::Hash;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Metric, Registry};

use crate::labels::{LabelDescription, LabelSet};

/// Upper ends of histograms, in seconds. All of them have the same buckets, so that they can be put side by side.
const BUCKETS: [f64; 13] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// A histogram for each set of labels.
pub(crate) type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// What can be a set of labels of a registered family.
pub(crate) trait Labels:
    LabelSet + EncodeLabelSet + Clone + Debug + Eq + Hash + Send + Sync + 'static
{
}

impl<L> Labels for L where
    L: LabelSet + EncodeLabelSet + Clone + Debug + Eq + Hash + Send + Sync + 'static
{
}

/// What the reference says of a family.
#[derive(Debug, Clone, Copy)]
pub struct FamilyDescription {
    name: &'static str,
    kind: MetricType,
    labels: &'static [LabelDescription],
    meaning: &'static str,
}

impl FamilyDescription {
    pub(crate) const fn new(
        name: &'static str,
        kind: MetricType,
        labels: &'static [LabelDescription],
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            labels,
            meaning,
        }
    }

    /// The name of its series, with the ending that the text format gives to counters.
    pub fn name(&self) -> String {
        match self.kind {
            MetricType::Counter => format!("{}_total", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// `counter`, `gauge` or `histogram`.
    pub fn kind(&self) -> &str {
        self.kind.as_str()
    }

    /// The labels of its series.
    pub const fn labels(&self) -> &'static [LabelDescription] {
        self.labels
    }

    /// What it shows, as Markdown of one line. The same stands in what is served.
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Begins to write the family, for a collector.
    pub(crate) fn begin<'a>(
        &self,
        encoder: &'a mut DescriptorEncoder<'_>,
    ) -> Result<MetricEncoder<'a>, fmt::Error> {
        let help = format!("{}.", self.meaning);
        encoder.encode_descriptor(self.name, &help, None, self.kind)
    }
}

/// Families that stand together in the reference.
#[derive(Debug)]
pub struct FamilySection {
    /// The heading.
    pub title: &'static str,
    /// In the order in which they are registered.
    pub families: Vec<FamilyDescription>,
}

/// The registry, and what the reference says of everything in it.
#[derive(Debug, Default)]
pub(crate) struct FamilyCatalogue {
    pub(crate) registry: Registry,
    pub(crate) sections: Vec<FamilySection>,
}

impl FamilyCatalogue {
    /// What is registered from now on stands under this heading.
    pub(crate) fn section(&mut self, title: &'static str) {
        let families = Vec::new();
        self.sections.push(FamilySection { title, families });
    }

    /// A counter or a gauge for each set of labels.
    pub(crate) fn family<L, M>(&mut self, name: &'static str, meaning: &'static str) -> Family<L, M>
    where
        L: Labels,
        M: TypedMetric + EncodeMetric + Debug + Default + Send + Sync + 'static,
    {
        let family = Family::default();
        let description = FamilyDescription::new(name, M::TYPE, L::LABELS, meaning);
        self.register(description, family.clone());
        family
    }

    /// A histogram of seconds for each set of labels.
    pub(crate) fn histograms<L: Labels>(
        &mut self,
        name: &'static str,
        meaning: &'static str,
    ) -> Histograms<L> {
        let family: Histograms<L> = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let description = FamilyDescription::new(name, Histogram::TYPE, L::LABELS, meaning);
        self.register(description, family.clone());
        family
    }

    /// Families that are counted anew at every scrape.
    pub(crate) fn collector(
        &mut self,
        collector: Box<dyn Collector>,
        families: &[FamilyDescription],
    ) {
        self.registry.register_collector(collector);
        for one in families {
            self.describe(*one);
        }
    }

    fn register(&mut self, description: FamilyDescription, family: impl Metric) {
        self.registry
            .register(description.name, description.meaning, family);
        self.describe(description);
    }

    fn describe(&mut self, description: FamilyDescription) {
        if let Some(section) = self.sections.last_mut() {
            section.families.push(description);
        }
    }
}
