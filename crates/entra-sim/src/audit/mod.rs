//! The audit log (learn.microsoft.com: directoryAudit, directoryaudit-list).
//!
//! Records follow from the effects of the tenant, so nothing happens without one and nothing is recorded that did not happen.

mod record;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::behaviours::directory::{LICENCE, Licence};
use crate::behaviours::switches;
use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::{AppId, ObjectId};
use crate::journal::Effect;
use crate::odata::{self, ANY, Capabilities, EQ, Paging, Property, RANGE, STARTS};
use crate::route::{Service, permissions, routes};
use crate::state::Tenant;

permissions! {
    READ = "AuditLog.Read.All";
}
const KIND: &str = "microsoft.graph.directoryAudit";

routes! { pub(crate) ROUTES, Service::AUDIT;
    get "/auditLogs/directoryAudits", READ, list, "directoryAudits.list" => collection(KIND, "auditLogs/directoryAudits");
    get "/auditLogs/directoryAudits/{record}", READ, get, "directoryAudits.get" => entity(KIND, "auditLogs/directoryAudits");
}

switches! { SWITCHES;
    /// The audit log shows a change only after this long.
    AUDIT_DELAY: SignedDuration {
        name: "auditDelay",
        source: "learn.microsoft.com: reference-reports-latencies, audit logs appear after minutes",
        service: SignedDuration::from_mins(3), ideal: SignedDuration::ZERO,
    }
    /// The audit log forgets after this long.
    AUDIT_RETENTION: SignedDuration {
        name: "auditRetention",
        source: "learn.microsoft.com: reference-reports-data-retention, 30 days with P1 or P2",
        service: SignedDuration::from_hours(720), ideal: SignedDuration::from_hours(720),
    }
}

/// The header that makes the log ascribe a change to another service of the tenant, for instance `Access Reviews`: what such
/// services do can be shown without simulating them.
const ASCRIBED_TO: &str = "x-entra-sim-service";

const CAPABILITIES: Capabilities = Capabilities {
    filter: &[
        Property::plain("id", EQ),
        Property::plain("activityDateTime", EQ | RANGE),
        Property::plain("activityDisplayName", EQ | STARTS),
        Property::plain("category", EQ),
        Property::plain("correlationId", EQ),
        Property::plain("loggedByService", EQ),
        Property::plain("result", EQ),
        Property::plain("initiatedBy/user/id", EQ),
        Property::plain("initiatedBy/user/displayName", EQ),
        Property::plain("initiatedBy/user/userPrincipalName", EQ | STARTS),
        Property::plain("initiatedBy/app/appId", EQ),
        Property::plain("initiatedBy/app/displayName", EQ),
        Property::plain("targetResources/id", EQ | ANY),
        Property::plain("targetResources/displayName", EQ | STARTS | ANY),
    ],
    order_by: &["activityDateTime"],
    paging: Paging {
        default: 1000,
        maximum: 1000,
    },
    refusal: "BadRequest",
    ..Capabilities::SERVICE
};

/// Who is acting while an operation runs.
#[derive(Clone, Debug)]
struct Actor {
    app: AppId,
    principal: ObjectId,
    user: Option<ObjectId>,
    service: Option<String>,
    justification: Option<String>,
    /// Whether the operation is one of the PIM service, whose changes of the directory are done by its own application.
    pim: bool,
}

/// A record and when it was made.
#[derive(Clone, Debug)]
struct Logged {
    at: Timestamp,
    record: Value,
}

/// The log, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    records: VecDeque<Logged>,
    actor: Option<Actor>,
}

impl Log {
    /// An operation begins.
    pub(crate) fn acting(&mut self, call: &Call) {
        let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
        let justification = call
            .body
            .as_ref()
            .and_then(|body| body.get("justification"));
        self.actor = Some(Actor {
            app: call.caller.app_id,
            principal: call.caller.object_id,
            user: call.caller.signed_in_user,
            service: header(ASCRIBED_TO).map(str::to_owned),
            justification: justification.and_then(Value::as_str).map(str::to_owned),
            pim: call.path.contains("/privilegedAccess/") || call.path.contains("Schedule"),
        });
    }

    /// The operation is over; what happens now, time does.
    pub(crate) fn idle(&mut self) {
        self.actor = None;
    }
}

/// Records an effect.
pub(crate) fn note(tenant: &mut Tenant, at: Timestamp, effect: &Effect) {
    let id = tenant.new_token();
    let Some(record) = record::of(tenant, at, effect, tenant.audit.actor.as_ref(), id) else {
        return;
    };
    keep(tenant, at, record);
}

/// Records that a group holds a role without PIM: an alert, no change.
pub(crate) fn outside_pim(
    tenant: &mut Tenant,
    at: Timestamp,
    role: &str,
    group: ObjectId,
    creator: &Value,
) {
    let id = tenant.new_token();
    let record = record::outside_pim(tenant, at, (role, group), creator, id);
    keep(tenant, at, record);
}

/// Who is acting now, as the log names them.
pub(crate) fn acting(tenant: &Tenant) -> Value {
    record::acting(tenant, tenant.audit.actor.as_ref())
}

fn keep(tenant: &mut Tenant, at: Timestamp, record: Value) {
    let retention = tenant.behaviours.get(&AUDIT_RETENTION);
    let oldest = at.saturating_sub(retention).unwrap_or(at);
    let records = &mut tenant.audit.records;
    while records.front().is_some_and(|logged| logged.at < oldest) {
        records.pop_front();
    }
    // Areas catch up with the clock one after the other.
    let place = records.partition_point(|logged| logged.at <= at);
    records.insert(place, Logged { at, record });
}

/// The records that are shown now, newest first.
fn shown(tenant: &Tenant, now: Timestamp) -> Result<impl Iterator<Item = &Value>, GraphError> {
    if tenant.behaviours.get(&LICENCE) == Licence::None {
        return Err(GraphError::new(
            http::StatusCode::FORBIDDEN,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        ));
    }
    let delay = tenant.behaviours.get(&AUDIT_DELAY);
    let retention = tenant.behaviours.get(&AUDIT_RETENTION);
    let newest = now.saturating_sub(delay).unwrap_or(now);
    let oldest = now.saturating_sub(retention).unwrap_or(now);
    let records = tenant.audit.records.iter().rev();
    Ok(records
        .filter(move |logged| oldest <= logged.at && logged.at <= newest)
        .map(|logged| &logged.record))
}

fn list(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let rows = shown(tenant, call.now)?.cloned().collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let id = call.param("record");
    let record = shown(tenant, call.now)?
        .find(|record| record["id"] == id)
        .cloned();
    let record = record.ok_or_else(|| GraphError::not_found(id))?;
    odata::entity(call, record, &CAPABILITIES).map(Reply::ok)
}
