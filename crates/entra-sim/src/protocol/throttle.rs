//! Token buckets of the service (learn.microsoft.com: "Microsoft Graph service-specific throttling limits").
//!
//! Every operation is judged by the bucket of its own service, inside a `$batch` as outside. Who was told to wait and
//! asks sooner is refused again for what remains of the wait.

use http::{HeaderName, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::behaviours::protocol as switches;
use crate::call::Call;
use crate::error::GraphError;
use crate::route::{Bucket, Route};
use crate::state::Tenant;

use super::buckets::{Early, Meter, Rate};
use super::envelope::text;

/// Meters an operation. `Ok` holds the headers that tell of the budget.
pub(crate) fn meter(
    tenant: &mut Tenant,
    route: &Route,
    call: &Call,
) -> Result<Vec<(HeaderName, HeaderValue)>, GraphError> {
    let Bucket::Directory { units } = route.bucket else {
        if tenant.behaviours.get(&switches::THROTTLING) {
            meter_service(tenant, route, call)?;
        }
        return Ok(Vec::new());
    };
    let cost = cost(units, route, call);
    let mut headers = vec![(
        HeaderName::from_static("x-ms-resource-unit"),
        HeaderValue::from(cost),
    )];
    if tenant.behaviours.get(&switches::THROTTLING) {
        let used = meter_directory(tenant, route, call, cost)?;
        if used >= 0.8 {
            headers.push((
                HeaderName::from_static("x-ms-throttle-limit-percentage"),
                text(&format!("{used:.1}")),
            ));
        }
    }
    Ok(headers)
}

/// `$select` saves a unit, `$expand` costs one, a small `$top` saves one; never below one.
fn cost(units: u32, route: &Route, call: &Call) -> u32 {
    if !route.reads {
        return 1;
    }
    let mut cost = units;
    if !call.query.expand.is_empty() {
        cost += 1;
    }
    if !call.query.select.is_empty() {
        cost = cost.saturating_sub(1);
    }
    if call.query.top.is_some_and(|top| top < 20) {
        cost = cost.saturating_sub(1);
    }
    cost.max(1)
}

/// Takes the units of an operation and, of a write, the write; `Ok` holds the share of the units that is used up.
fn meter_directory(
    tenant: &mut Tenant,
    route: &Route,
    call: &Call,
    cost: u32,
) -> Result<f64, GraphError> {
    let app = Some(call.caller.app_id);
    let units = f64::from(tenant.behaviours.get(&switches::DIRECTORY_UNITS));
    let writes = f64::from(tenant.behaviours.get(&switches::DIRECTORY_WRITES));
    let scope = format!("{}/{}", call.caller.app_id, tenant.id);
    let level = tenant
        .throttle
        .take(
            Meter::DirectoryUnits,
            app,
            f64::from(cost),
            Rate::over(units, 10.0),
            call.now,
        )
        .map_err(|wait| {
            over_quota(
                wait,
                &format!("ReadWrite/{scope}"),
                "ResourceUnitLimitExceeded",
            )
        })?;
    if !route.reads {
        tenant
            .throttle
            .take(
                Meter::DirectoryWrites,
                app,
                1.0,
                Rate::over(writes, 150.0),
                call.now,
            )
            .map_err(|wait| over_quota(wait, &format!("Write/{scope}"), "WriteLimitExceeded"))?;
    }
    Ok(1.0 - level / units)
}

fn too_many(code: &str, message: &str) -> GraphError {
    GraphError::new(StatusCode::TOO_MANY_REQUESTS, code, message)
}

/// 429 of the directory with what it says about the budget.
fn over_quota(wait: SignedDuration, scope: &str, reason: &'static str) -> GraphError {
    let name = HeaderName::from_static;
    too_many("TooManyRequests", "Too many requests.")
        .retry_after(wait)
        .header(
            name("x-ms-throttle-scope"),
            text(&format!("Tenant_Application/{scope}")),
        )
        .header(
            name("x-ms-throttle-information"),
            HeaderValue::from_static(reason),
        )
}

fn meter_service(tenant: &mut Tenant, route: &Route, call: &Call) -> Result<(), GraphError> {
    let minimum = tenant.behaviours.get(&switches::MINIMUM_RETRY_AFTER);
    let rate = |burst, rate| Rate {
        capacity: f64::from(tenant.behaviours.get(burst)),
        per_second: f64::from(tenant.behaviours.get(rate)),
        minimum,
        early: Early::Remains,
    };
    let app = Some(call.caller.app_id);
    let (meter, whose, rate) = match route.bucket {
        Bucket::Directory { .. } => return Ok(()),
        Bucket::Pim => (
            Meter::Pim,
            app,
            rate(&switches::PIM_BURST, &switches::PIM_RATE),
        ),
        Bucket::Policy => (
            Meter::Policy,
            app,
            rate(&switches::POLICY_BURST, &switches::POLICY_RATE),
        ),
        // One budget for all applications of the tenant.
        Bucket::ConditionalAccess => (Meter::ConditionalAccess, None, Rate::over(1.0, 1.0)),
        Bucket::Audit => (Meter::Audit, app, Rate::over(5.0, 10.0)),
        // learn.microsoft.com: throttling-limits, Intune, role-based access control.
        Bucket::Intune if route.reads => (Meter::Intune, app, Rate::over(1000.0, 20.0)),
        Bucket::Intune => (Meter::Intune, app, Rate::over(100.0, 20.0)),
    };
    let taken = tenant.throttle.take(meter, whose, 1.0, rate, call.now);
    taken.map(|_| ()).map_err(|wait| match route.bucket {
        // The policy service names no code of its own (cisagov/ScubaGear#2157).
        Bucket::Policy => too_many("UnknownError", "Too Many Requests").retry_after(wait),
        // Without Retry-After (learn.microsoft.com: throttling-limits, identity protection and conditional access).
        Bucket::ConditionalAccess => too_many("TooManyRequests", "Too many requests."),
        Bucket::Directory { .. } | Bucket::Pim | Bucket::Audit | Bucket::Intune => {
            too_many("TooManyRequests", "Too Many Requests").retry_after(wait)
        }
    })
}

/// How long the policy service goes on refusing some application; `None` when it does not.
pub(crate) fn policy_wait(tenant: &Tenant, now: Timestamp) -> Option<SignedDuration> {
    tenant.throttle.wait(Meter::Policy, now)
}
