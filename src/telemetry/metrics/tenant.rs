//! Metrics of the calls to a tenant: how many, how long, and what the service said about its budgets.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::histogram::{Histograms, histograms};
use super::labels::TokenOutcome;

/// The value of `code` for a call that was not answered.
const NO_ANSWER: &str = "none";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTenant {
    tenant: String,
    api: &'static str,
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    tenant: String,
    api: &'static str,
    operation: &'static str,
    method: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneOf {
    tenant: String,
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refreshed {
    tenant: String,
    outcome: TokenOutcome,
}

type Seconds = Gauge<f64, AtomicU64>;

/// Families of calls to tenants.
#[derive(Debug)]
pub(super) struct Calls {
    requests: Family<Answered, Counter>,
    duration: Histograms<OfTenant>,
    throttled: Family<OfTenant, Counter>,
    retry_after: Family<LaneOf, Seconds>,
    budget_remaining: Family<LaneOf, Seconds>,
    token_refresh: Family<Refreshed, Counter>,
    lane_restarts: Family<LaneOf, Counter>,
}

impl Calls {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self {
            requests: Family::default(),
            duration: histograms(),
            throttled: Family::default(),
            retry_after: Family::default(),
            budget_remaining: Family::default(),
            token_refresh: Family::default(),
            lane_restarts: Family::default(),
        };
        registry.register(
            "api_requests",
            "Calls to a tenant, each item of a batch by itself",
            families.requests.clone(),
        );
        registry.register(
            "api_request_duration_seconds",
            "How long the request took that carried a call",
            families.duration.clone(),
        );
        registry.register(
            "api_throttled",
            "Calls that the service refused for being too many",
            families.throttled.clone(),
        );
        registry.register(
            "api_retry_after_seconds",
            "How long the service asked to send nothing, when it last answered",
            families.retry_after.clone(),
        );
        registry.register(
            "api_budget_remaining_ratio",
            "What is left of a budget, 0 to 1, as the service told last",
            families.budget_remaining.clone(),
        );
        registry.register(
            "api_lane_restarts",
            "How often the queue of calls with one budget was started anew after a fault of the operator",
            families.lane_restarts.clone(),
        );
        registry.register(
            "token_refresh",
            "Requests for a token",
            families.token_refresh.clone(),
        );
        families
    }
}

/// The metrics of one tenant. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantMetrics {
    tenant: String,
    calls: Arc<Calls>,
}

/// Which call: the service and the operation, both from closed lists of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// `graph` or `token`.
    pub api: &'static str,
    /// The name of the operation.
    pub operation: &'static str,
}

/// How a call was answered.
#[derive(Debug, Clone, Copy)]
pub struct CallAnswer<'a> {
    /// The method of the call.
    pub method: &'a Method,
    /// The status; nothing when there was no answer.
    pub status: Option<StatusCode>,
    /// How long the request took that carried it.
    pub duration: Duration,
}

/// What a lane has learned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneBudget {
    /// How long nothing may be sent.
    pub retry_after: Option<Duration>,
    /// What is left, 0 to 1, when the service told.
    pub remaining: Option<f64>,
}

impl TenantMetrics {
    pub(super) fn new(tenant: String, calls: Arc<Calls>) -> Self {
        Self { tenant, calls }
    }

    /// Records an answered call: its status and how long it took.
    pub fn call(&self, call: Call, answer: &CallAnswer<'_>) {
        let Call { api, operation } = call;
        let code = answer
            .status
            .map_or_else(|| NO_ANSWER.to_owned(), |status| status.as_str().to_owned());
        let method = answer.method.as_str().to_owned();
        let answered = Answered {
            tenant: self.tenant.clone(),
            api,
            operation,
            method,
            code,
        };
        self.calls.requests.get_or_create(&answered).inc();
        self.calls
            .duration
            .get_or_create(&self.of(call))
            .observe(answer.duration.as_secs_f64());
    }

    /// A call was refused for being one too many.
    pub fn throttled(&self, call: Call) {
        self.calls.throttled.get_or_create(&self.of(call)).inc();
    }

    /// Records what the service told about the budget of a lane.
    pub fn lane(&self, lane: &'static str, budget: LaneBudget) {
        let of = LaneOf {
            tenant: self.tenant.clone(),
            lane,
        };
        self.calls
            .retry_after
            .get_or_create(&of)
            .set(budget.retry_after.unwrap_or_default().as_secs_f64());
        if let Some(remaining) = budget.remaining {
            self.calls
                .budget_remaining
                .get_or_create(&of)
                .set(remaining);
        }
    }

    /// A lane was started anew after a fault.
    pub fn lane_restarted(&self, lane: &'static str) {
        let of = LaneOf {
            tenant: self.tenant.clone(),
            lane,
        };
        self.calls.lane_restarts.get_or_create(&of).inc();
    }

    /// A token was asked for.
    pub fn token_refresh(&self, outcome: TokenOutcome) {
        self.calls
            .token_refresh
            .get_or_create(&Refreshed {
                tenant: self.tenant.clone(),
                outcome,
            })
            .inc();
    }

    fn of(&self, Call { api, operation }: Call) -> OfTenant {
        OfTenant {
            tenant: self.tenant.clone(),
            api,
            operation,
        }
    }
}
