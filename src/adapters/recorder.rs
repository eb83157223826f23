//! Turns what the client of a tenant tells about its traffic into metrics of that tenant, and keeps when the tenant last
//! answered.

use std::sync::Arc;

use entra_client::recorder::{Api, LaneState, OperationEvent, Recorder, RequestEvent};
use entra_client::{Class, Lane};
use http::StatusCode;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::telemetry::metrics::{Call, CallAnswer, LaneBudget, TenantMetrics, TokenOutcome};

/// A token is not an operation of the tenant's interface, so it has no name of its own.
const TOKEN: &str = "token";

/// When a tenant last answered. Nothing when its last call came to no answer, or before the first one.
#[derive(Debug, Default)]
pub struct Contact(Mutex<Option<Instant>>);

impl Contact {
    /// When the last answer came.
    pub fn answered(&self) -> Option<Instant> {
        *self.0.lock()
    }

    /// A refusal is an answer too, but for one of our own sign-in: then nothing works.
    fn note(&self, failure: Option<&Class>) {
        let answered = !matches!(failure, Some(Class::Unreachable | Class::CredentialInvalid));
        let when = answered.then(Instant::now);
        *self.0.lock() = when;
    }
}

/// Counts the traffic of a tenant, and keeps when it last answered.
pub struct Noted {
    metrics: TenantMetrics,
    contact: Arc<Contact>,
}

impl Noted {
    /// Counts here and keeps there.
    pub fn new(metrics: TenantMetrics, contact: Arc<Contact>) -> Self {
        Self { metrics, contact }
    }
}

impl Recorder for Noted {
    /// Only requests for tokens: those to the service are counted by the operations that they carry.
    fn request(&self, event: &RequestEvent) {
        if event.api != Api::Token {
            return;
        }
        let call = Call {
            api: event.api.as_str(),
            operation: TOKEN,
        };
        self.metrics.call(
            call,
            &CallAnswer {
                method: &event.method,
                status: event.status,
                duration: event.duration,
            },
        );
        if event.status == Some(StatusCode::TOO_MANY_REQUESTS) {
            self.metrics.throttled(call);
        }
    }

    fn operation(&self, event: &OperationEvent<'_>) {
        self.contact.note(event.failure);
        let call = Call {
            api: event.api.as_str(),
            operation: event.operation.as_str(),
        };
        self.metrics.call(
            call,
            &CallAnswer {
                method: event.method,
                status: event.status,
                duration: event.duration,
            },
        );
        if matches!(event.failure, Some(Class::Throttled)) {
            self.metrics.throttled(call);
        }
    }

    fn lane(&self, state: &LaneState) {
        let budget = LaneBudget {
            retry_after: state.blocked,
            remaining: state.budget_remaining,
        };
        self.metrics.lane(state.lane.as_str(), budget);
    }

    fn lane_restarted(&self, lane: Lane) {
        self.metrics.lane_restarted(lane.as_str());
    }

    fn token_refresh(&self, failure: Option<&Class>) {
        self.contact.note(failure);
        let outcome = if failure.is_some() {
            TokenOutcome::Failure
        } else {
            TokenOutcome::Success
        };
        self.metrics.token_refresh(outcome);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use entra_client::OperationName;
    use http::Method;

    use super::*;
    use crate::telemetry::metrics::{Metrics, ObjectSeries};

    const GRAPH: Api = Api::Service("graph");

    fn event(status: Option<StatusCode>, failure: Option<&Class>) -> OperationEvent<'_> {
        OperationEvent {
            api: GRAPH,
            operation: OperationName::ListGroups,
            method: &Method::GET,
            status,
            failure,
            duration: Duration::from_millis(20),
        }
    }

    #[test]
    fn a_throttled_call_is_counted_as_a_call_and_as_throttled() {
        let metrics = Metrics::new(ObjectSeries::Enabled);
        let recorder = Noted::new(metrics.tenant("contoso"), Arc::default());
        recorder.operation(&event(
            Some(StatusCode::TOO_MANY_REQUESTS),
            Some(&Class::Throttled),
        ));
        let page = metrics.encode().unwrap();
        assert!(
            page.contains(r#"operation="list_groups",method="GET",code="429"} 1"#),
            "{page}"
        );
        assert!(page.contains("entra_pim_api_throttled_total{"), "{page}");
    }

    #[test]
    fn a_request_for_a_token_is_counted_once() {
        let metrics = Metrics::new(ObjectSeries::Enabled);
        let recorder = Noted::new(metrics.tenant("contoso"), Arc::default());
        let request = |api| RequestEvent {
            api,
            method: Method::POST,
            status: Some(StatusCode::OK),
            duration: Duration::from_millis(5),
        };
        recorder.request(&request(Api::Token));
        recorder.request(&request(GRAPH));
        recorder.token_refresh(None);
        let page = metrics.encode().unwrap();
        assert!(
            page.contains(r#"api="token",operation="token",method="POST",code="200"} 1"#),
            "{page}"
        );
        assert!(!page.contains(r#"api="graph""#), "{page}");
        assert!(
            page.contains(r#"entra_pim_token_refresh_total{tenant="contoso",outcome="success"} 1"#),
            "{page}"
        );
    }
}
