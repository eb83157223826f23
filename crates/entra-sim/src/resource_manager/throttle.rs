//! Token buckets of the Resource Manager: by principal, by subscription or tenant and by kind of request, and beside them the
//! limit of the provider of roles (learn.microsoft.com: "Understand how Azure Resource Manager throttles requests").

use http::{HeaderName, HeaderValue, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

use super::address::Address;
use crate::behaviours::azure as switches;
use crate::behaviours::protocol::THROTTLING;
use crate::behaviours::{Behaviours, Switch};
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::protocol::buckets::{Account, Early, Meter, Rate};
use crate::protocol::envelope::text;
use crate::state::Tenant;

/// What of a budget is left, as a header of the answer, and why the request is not served, if it is not.
pub(super) struct Metered {
    pub(super) left: (HeaderName, HeaderValue),
    pub(super) refusal: Option<GraphError>,
}

/// A kind of requests that has a budget.
struct Budget {
    word: &'static str,
    meter: Meter,
    capacity: &'static Switch<u32>,
    rate: &'static Switch<u32>,
    of_subscription: HeaderName,
    of_tenant: HeaderName,
}

impl Budget {
    fn of(method: &Method) -> Self {
        let name = HeaderName::from_static;
        match method.as_str() {
            "GET" => Self {
                word: "read",
                meter: Meter::AzureReads,
                capacity: &switches::AZURE_READS,
                rate: &switches::AZURE_READ_RATE,
                of_subscription: name("x-ms-ratelimit-remaining-subscription-reads"),
                of_tenant: name("x-ms-ratelimit-remaining-tenant-reads"),
            },
            "DELETE" => Self {
                word: "delete",
                meter: Meter::AzureDeletes,
                capacity: &switches::AZURE_DELETES,
                rate: &switches::AZURE_DELETE_RATE,
                of_subscription: name("x-ms-ratelimit-remaining-subscription-deletes"),
                of_tenant: name("x-ms-ratelimit-remaining-tenant-deletes"),
            },
            _ => Self {
                word: "write",
                meter: Meter::AzureWrites,
                capacity: &switches::AZURE_WRITES,
                rate: &switches::AZURE_WRITE_RATE,
                of_subscription: name("x-ms-ratelimit-remaining-subscription-writes"),
                of_tenant: name("x-ms-ratelimit-remaining-tenant-writes"),
            },
        }
    }
}

/// Who draws on a budget, and where.
struct Payer {
    principal: ObjectId,
    subscription: Option<String>,
}

impl From<&Payer> for Account {
    fn from(payer: &Payer) -> Self {
        Self::Principal {
            id: payer.principal,
            subscription: payer.subscription.clone(),
        }
    }
}

/// Meters a request.
pub(super) fn meter(
    tenant: &mut Tenant,
    caller: &Caller,
    address: &Address,
    method: &Method,
    now: Timestamp,
) -> Metered {
    let budget = Budget::of(method);
    let subscription = address.subscription().map(str::to_ascii_lowercase);
    let header = match subscription {
        Some(_) => budget.of_subscription.clone(),
        None => budget.of_tenant.clone(),
    };
    let payer = Payer {
        principal: caller.principal(),
        subscription,
    };
    let full = tenant.behaviours.get(budget.capacity);
    if !tenant.behaviours.get(&THROTTLING) {
        return Metered {
            left: (header, HeaderValue::from(full)),
            refusal: None,
        };
    }
    let rate = rate(
        &tenant.behaviours,
        f64::from(full),
        f64::from(tenant.behaviours.get(budget.rate)),
    );
    let level = tenant.throttle.take(budget.meter, &payer, 1.0, rate, now);
    let (left, refusal) = match level {
        Ok(level) => (level, provider(tenant, &payer, address, now).err()),
        Err(wait) => (0.0, Some(exceeded(tenant, budget.word, &payer, wait))),
    };
    Metered {
        left: (header, text(&format!("{:.0}", left.floor()))),
        refusal,
    }
}

fn rate(behaviours: &Behaviours, capacity: f64, per_second: f64) -> Rate {
    Rate {
        capacity,
        per_second,
        minimum: behaviours.get(&switches::AZURE_RETRY_AFTER),
        early: Early::Restarts,
    }
}

/// The limit of the provider, for everything that is its own.
fn provider(
    tenant: &mut Tenant,
    payer: &Payer,
    address: &Address,
    now: Timestamp,
) -> Result<(), GraphError> {
    if !address.is_of_authorization() {
        return Ok(());
    }
    let limit = tenant.behaviours.get(&switches::AZURE_PROVIDER_REQUESTS);
    let rate = rate(
        &tenant.behaviours,
        f64::from(limit),
        f64::from(limit) / 60.0,
    );
    let taken = tenant
        .throttle
        .take(Meter::AzureProvider, payer, 1.0, rate, now);
    taken.map(|_| ()).map_err(|wait| {
        // The words that Azure/alzlib#168 shows.
        let seconds = wait.as_secs();
        let message = format!(
            "Number of requests for Microsoft.Authorization exceeded the limit of '{limit}' for time interval '00:01:00'. \
             Please try again after '{seconds}' seconds."
        );
        too_many("ResourceRequestsThrottled", message, wait)
    })
}

fn too_many(code: &str, message: String, wait: SignedDuration) -> GraphError {
    GraphError::new(StatusCode::TOO_MANY_REQUESTS, code, message).retry_after(wait)
}

/// 429 of the Resource Manager itself. The words of a subscription are those that clients record; those of a tenant follow.
fn exceeded(tenant: &Tenant, word: &str, of: &Payer, wait: SignedDuration) -> GraphError {
    let (code, whose) = match &of.subscription {
        Some(subscription) => (
            "SubscriptionRequestsThrottled",
            format!("subscription '{subscription}'"),
        ),
        None => ("TenantRequestsThrottled", format!("tenant '{}'", tenant.id)),
    };
    let (actor, seconds) = (of.principal, wait.as_secs());
    let message = format!(
        "Number of '{word}' requests for {whose} actor '{actor}' exceeded. Please try again after '{seconds}' seconds."
    );
    too_many(code, message, wait)
}
