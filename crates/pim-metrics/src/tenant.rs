//! Metrics of the calls to a tenant: how many, how long, and what the service said about its budgets.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::catalogue::{FamilyCatalogue, Histograms};
use crate::labels::{
    ApiLabel, CodeLabel, LaneLabel, MethodLabel, OperationLabel, TenantLabel, TokenOutcome,
    label_set,
};

/// The value of `code` for a call that was not answered.
const NO_ANSWER: &str = "none";

label_set! { OfTenant { tenant: TenantLabel, api: ApiLabel, operation: OperationLabel, } }

label_set! {
    Answered {
        tenant: TenantLabel,
        api: ApiLabel,
        operation: OperationLabel,
        method: MethodLabel,
        code: CodeLabel,
    }
}

label_set! { LaneOf { tenant: TenantLabel, lane: LaneLabel, } }

label_set! { Refreshed { tenant: TenantLabel, outcome: TokenOutcome, } }

type Seconds = Gauge<f64, AtomicU64>;

/// Families of calls to tenants.
#[derive(Debug)]
pub(crate) struct Calls {
    requests: Family<Answered, Counter>,
    duration: Histograms<OfTenant>,
    throttled: Family<OfTenant, Counter>,
    retry_after: Family<LaneOf, Seconds>,
    budget_remaining: Family<LaneOf, Seconds>,
    token_refresh: Family<Refreshed, Counter>,
    lane_restarts: Family<LaneOf, Counter>,
}

impl Calls {
    pub(crate) fn register(catalogue: &mut FamilyCatalogue) -> Self {
        catalogue.section("The tenant's interfaces");
        Self {
            requests: catalogue.family(
                "entra_pim_api_requests",
                "calls, each item of a batch by itself; `code` is `none` where no answer came",
            ),
            duration: catalogue.histograms(
                "entra_pim_api_request_duration_seconds",
                "how long the request took that carried a call",
            ),
            throttled: catalogue.family(
                "entra_pim_api_throttled",
                "calls that the service refused for being too many",
            ),
            retry_after: catalogue.family(
                "entra_pim_api_retry_after_seconds",
                "how long the service asked to send nothing, when it last answered; in Azure, where each subscription has a lane of its own, the one that answered last",
            ),
            budget_remaining: catalogue.family(
                "entra_pim_api_budget_remaining_ratio",
                "what is left of a budget, 0 to 1, as the service told last",
            ),
            lane_restarts: catalogue.family(
                "entra_pim_api_lane_restarts",
                "how often the queue of calls with one budget was started anew after a fault of the operator",
            ),
            token_refresh: catalogue.family("entra_pim_token_refresh", "requests for a token"),
        }
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
    pub(crate) fn new(tenant: String, calls: Arc<Calls>) -> Self {
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
            tenant: self.tenant.clone().into(),
            api: api.into(),
            operation: operation.into(),
            method: method.into(),
            code: code.into(),
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
            tenant: self.tenant.clone().into(),
            lane: lane.into(),
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
            tenant: self.tenant.clone().into(),
            lane: lane.into(),
        };
        self.calls.lane_restarts.get_or_create(&of).inc();
    }

    /// A token was asked for.
    pub fn token_refresh(&self, outcome: TokenOutcome) {
        self.calls
            .token_refresh
            .get_or_create(&Refreshed {
                tenant: self.tenant.clone().into(),
                outcome,
            })
            .inc();
    }

    fn of(&self, Call { api, operation }: Call) -> OfTenant {
        OfTenant {
            tenant: self.tenant.clone().into(),
            api: api.into(),
            operation: operation.into(),
        }
    }
}
