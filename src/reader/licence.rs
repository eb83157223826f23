//! Whether the tenant has the licence that PIM needs, as far as that can be told before a write.

use entra_client::Graph;
use entra_client::graph::ServicePlan;
use entra_client::permissions::LICENCES;
use pim_core::desired::Licence;

use super::seldom::{MaximumAge, Seldom, granted, soon};

/// What is known of the tenant's licences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Licences {
    /// Whether PIM may be used.
    pub pim: Licence,
    /// The service plans that the tenant can use, as far as they matter.
    pub plans: Vec<ServicePlan>,
}

impl Seldom<Licences> {
    /// What is known of the tenant's licences. Where the subscriptions may not be read nobody asks, and nothing is known.
    pub async fn licences(&self, graph: &Graph, oldest: MaximumAge) -> Licences {
        self.get(oldest, |before| read(graph, before)).await
    }
}

async fn read(graph: &Graph, before: Option<Licences>) -> Licences {
    if !LICENCES.is_granted(&granted(graph).await) {
        return Licences::default();
    }
    let Ok(plans) = soon(graph.service_plans()).await else {
        // A licence that was there is not gone because nobody answers. That one was missing is not held against anybody.
        let known = before.filter(|known| known.pim == Licence::Available);
        return known.unwrap_or_default();
    };
    let pim = if plans.iter().any(|plan| plan.has_pim()) {
        Licence::Available
    } else {
        asked_of_pim(graph).await
    };
    Licences { pim, plans }
}

/// A trial need not show among the subscriptions, so PIM has the last word.
async fn asked_of_pim(graph: &Graph) -> Licence {
    match soon(graph.is_pim_licensed()).await {
        Ok(true) => Licence::Available,
        Ok(false) => Licence::Missing,
        Err(_) => Licence::Unknown,
    }
}
