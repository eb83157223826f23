//! Replication: what was just created is not seen everywhere at once.
//!
//! An object becomes visible to each kind of call after a delay of its own, up to the switch `replicationDelay` (reads
//! and writes by id) or `indexDelay` (lists). The delays come from the seed, so a run can be repeated.

use jiff::{SignedDuration, Timestamp};

use crate::behaviours::directory as switches;
use crate::ids::ObjectId;
use crate::state::Tenant;

/// Whether an operation on an id finds an object that is new since `since`.
pub(crate) fn replicated(tenant: &Tenant, id: ObjectId, since: Timestamp, operation: &str) -> bool {
    elapsed(
        tenant,
        id,
        since,
        operation,
        tenant.behaviours.get(&switches::REPLICATION_DELAY),
    )
}

/// Whether a list shows what is new since `since`.
pub(crate) fn indexed(tenant: &Tenant, id: ObjectId, since: Timestamp, operation: &str) -> bool {
    elapsed(
        tenant,
        id,
        since,
        operation,
        tenant.behaviours.get(&switches::INDEX_DELAY),
    )
}

fn elapsed(
    tenant: &Tenant,
    id: ObjectId,
    since: Timestamp,
    operation: &str,
    delay: SignedDuration,
) -> bool {
    if delay.is_zero() {
        return true;
    }
    // Never at once, sometimes only after the whole delay.
    let share = 0.2 + 0.8 * tenant.jitter(&[&id.to_string(), operation]);
    tenant.now().duration_since(since).as_secs_f64() >= delay.as_secs_f64() * share
}
