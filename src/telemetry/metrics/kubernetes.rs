//! Metrics of the requests to Kubernetes, under the name that every Kubernetes client uses.

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The value of `code` for a request that was not answered, as client-go has it.
const NO_ANSWER: &str = "<error>";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KubernetesAnswered {
    code: String,
    method: String,
}

/// The family of requests to Kubernetes.
#[derive(Debug)]
pub(super) struct Requests {
    total: Family<KubernetesAnswered, Counter>,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let total = Family::default();
        registry.register(
            "rest_client_requests",
            "Requests to the Kubernetes API",
            total.clone(),
        );
        Self { total }
    }

    pub(super) fn count(&self, method: &Method, status: Option<StatusCode>) {
        let code = status.map_or(NO_ANSWER.to_owned(), |status| status.as_str().to_owned());
        let method = method.as_str().to_owned();
        self.total
            .get_or_create(&KubernetesAnswered { code, method })
            .inc();
    }
}
