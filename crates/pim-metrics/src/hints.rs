//! Metrics of hints: how often it was told that something changed in a group, and what came of that.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::catalogue::FamilyCatalogue;
use crate::labels::{HintSource, TenantLabel, label_set};

label_set! { Heard { tenant: TenantLabel, source: HintSource, } }

/// Families of hints.
#[derive(Debug)]
pub(crate) struct Hints {
    pub(crate) received: Family<Heard, Counter>,
    pub(crate) looks: Family<Heard, Counter>,
    pub(crate) failures: Family<Heard, Counter>,
}

impl Hints {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        catalogue.section("Changes by hand");
        Self {
            received: catalogue.family(
                "entra_pim_hints",
                "how often a tenant told that something changed in a group",
            ),
            looks: catalogue.family(
                "entra_pim_hint_looks",
                "looks at a group before its time, because something was told that was not known",
            ),
            failures: catalogue.family(
                "entra_pim_hint_failures",
                "questions for changes that were not answered; changes by hand are then found when groups are looked at",
            ),
        }
    }
}
