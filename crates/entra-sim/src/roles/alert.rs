//! The alert of PIM about roles that are assigned outside of it (learn.microsoft.com:
//! pim-how-to-configure-security-alerts, "Roles are being assigned outside of Privileged Identity Management").
//!
//! It comes again and again for a group that holds a role by a plain assignment, as long as it does. It is no grant:
//! the journal has no effect of it.

use jiff::Timestamp;

use super::privilege::RoleAt;
use super::state::Alert;
use crate::audit::note as audit;
use crate::behaviours::directory::{LICENCE, Licence};
use crate::behaviours::roles::OUTSIDE_PIM_ALERT;
use crate::ids::ObjectId;
use crate::state::Tenant;

/// PIM comes to know of a plain assignment of a group.
pub(super) fn watch(tenant: &mut Tenant, grant: RoleAt, group: ObjectId, at: Timestamp) {
    if tenant.directory.group(group).is_some() {
        let creator = audit::acting(tenant);
        let alert = Alert { last: at, creator };
        tenant.roles.alerts.insert((grant, group), alert);
    }
}

/// Warns of what was due until `now`, each time at its own instant.
pub(super) fn advance(tenant: &mut Tenant, now: Timestamp) {
    let state = &mut tenant.roles;
    let plain = &state.plain;
    state.alerts.retain(|key, _| plain.contains_key(key));
    if state.alerts.is_empty() {
        return;
    }
    let period = tenant.behaviours.get(&OUTSIDE_PIM_ALERT);
    let managed = matches!(
        tenant.behaviours.get(&LICENCE),
        Licence::P2 | Licence::Governance
    );
    let mut alerts = std::mem::take(&mut tenant.roles.alerts);
    for ((grant, group), alert) in &mut alerts {
        let silent = period.is_zero() || !managed || tenant.directory.group(*group).is_none();
        while !silent
            && let Ok(due) = alert.last.checked_add(period)
            && due <= now
        {
            audit::outside_pim(tenant, due, &grant.role.to_string(), *group, &alert.creator);
            alert.last = due;
        }
        if silent {
            alert.last = now;
        }
    }
    tenant.roles.alerts = alerts;
}
