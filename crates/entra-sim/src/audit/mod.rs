//! The audit log (learn.microsoft.com: directoryAudit, directoryaudit-list).
//!
//! Records follow from the effects of the tenant, so nothing happens without one and nothing is recorded that did not
//! happen.

pub(crate) mod log;
pub(crate) mod note;
mod record;

use jiff::Timestamp;
use serde_json::Value;

use crate::behaviours::audit::{AUDIT_DELAY, AUDIT_RETENTION};
use crate::behaviours::directory::{LICENCE, Licence};
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::odata::{self, ANY, Capabilities, EQ, Paging, Property, RANGE, STARTS};
use crate::permission::permissions;
use crate::route::{Service, routes};
use crate::state::Tenant;

pub(crate) use note::react;

permissions! {
    READ = "AuditLog.Read.All";
}
const KIND: &str = "microsoft.graph.directoryAudit";

routes! { pub(crate) ROUTES, Service::AUDIT;
    get "/auditLogs/directoryAudits", READ, list, "directoryAudits.list" => collection(KIND, "auditLogs/directoryAudits");
    get "/auditLogs/directoryAudits/{record}", READ, get, "directoryAudits.get" => entity(KIND, "auditLogs/directoryAudits");
}

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

fn list(tenant: &mut Tenant, call: &Call) -> Answered {
    let rows = shown(tenant, call.now)?.cloned().collect();
    odata::collection(call, rows, &CAPABILITIES).map(Reply::rows)
}

fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let id = call.param("record");
    let record = shown(tenant, call.now)?
        .find(|record| record["id"] == id)
        .cloned();
    let record = record.ok_or_else(|| GraphError::not_found(id))?;
    odata::entity(call, record, &CAPABILITIES).map(Reply::ok)
}
