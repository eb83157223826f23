//! Metrics of the requests to Kubernetes, under the name that every Kubernetes client uses.

use http::{Method, StatusCode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::catalogue::FamilyCatalogue;
use crate::labels::{CodeLabel, MethodLabel, label_set};

/// The value of `code` for a request that was not answered, as client-go has it.
const NO_ANSWER: &str = "<error>";

label_set! { KubernetesAnswered { code: CodeLabel, method: MethodLabel, } }

/// The family of requests to Kubernetes.
#[derive(Debug)]
pub(crate) struct Requests {
    total: Family<KubernetesAnswered, Counter>,
}

impl Requests {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        catalogue.section("Kubernetes");
        let total = catalogue.family(
            "rest_client_requests",
            "requests to the Kubernetes API; `code` is `<error>` where no answer came",
        );
        Self { total }
    }

    pub(crate) fn count(&self, method: &Method, status: Option<StatusCode>) {
        let code = status.map_or(NO_ANSWER.into(), |status| status.as_str().to_owned().into());
        let method = method.as_str().to_owned().into();
        self.total
            .get_or_create(&KubernetesAnswered { code, method })
            .inc();
    }
}
