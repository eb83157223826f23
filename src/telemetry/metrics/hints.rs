//! Metrics of hints: how often it was told that something changed in a group, and what came of that.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::labels::HintSource;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Heard {
    pub(super) tenant: String,
    pub(super) source: HintSource,
}

/// Families of hints.
#[derive(Debug, Default)]
pub(super) struct Hints {
    pub(super) received: Family<Heard, Counter>,
    pub(super) looks: Family<Heard, Counter>,
    pub(super) failures: Family<Heard, Counter>,
}

impl Hints {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self::default();
        registry.register(
            "hints",
            "How often a tenant told that something changed in a group",
            families.received.clone(),
        );
        registry.register(
            "hint_looks",
            "Looks at a group before its time, because a tenant told something that was not known",
            families.looks.clone(),
        );
        registry.register(
            "hint_failures",
            "Questions for changes that were not answered",
            families.failures.clone(),
        );
        families
    }
}
