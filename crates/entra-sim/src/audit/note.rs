//! Writing into the audit log: every effect of the tenant, and the alerts of PIM.

use jiff::Timestamp;
use serde_json::Value;

use super::log::Logged;
use super::record;
use crate::behaviours::audit::AUDIT_RETENTION;
use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::state::{Event, Tenant};

pub(crate) fn react(tenant: &mut Tenant, event: &Event<'_>) {
    if let Event::Noted(at, effect) = event {
        note(tenant, *at, effect);
    }
}

fn note(tenant: &mut Tenant, at: Timestamp, effect: &Effect) {
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
