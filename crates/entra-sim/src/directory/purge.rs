//! Deleted items are removed for good: when their time is over, or when somebody asks for it.

use jiff::Timestamp;

use super::app_roles::withdraw;
use super::model::DeletedObject;
use super::{membership, unit_members};
use crate::behaviours::directory::DELETED_ITEMS_RETENTION;
use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::state::{Event, Tenant};

pub(crate) fn react(tenant: &mut Tenant, event: &Event<'_>) {
    if let Event::Clock(now) = event {
        advance(tenant, *now);
    }
}

/// Purges the deleted items whose time is over.
fn advance(tenant: &mut Tenant, now: Timestamp) {
    let retention = tenant.behaviours.get(&DELETED_ITEMS_RETENTION);
    let due: Vec<(ObjectId, Timestamp)> = tenant
        .directory
        .deleted
        .iter()
        .filter_map(|(id, item)| Some((*id, item.at.saturating_add(retention).ok()?)))
        .filter(|(_, end)| *end <= now)
        .collect();
    for (id, end) in due {
        purge(tenant, id, end);
    }
}

/// Removes a deleted item for good, with every reference to it.
pub(super) fn purge(tenant: &mut Tenant, id: ObjectId, at: Timestamp) {
    let Some(item) = tenant.directory.deleted.remove(&id) else {
        return;
    };
    let holding: Vec<(ObjectId, Access)> = tenant
        .directory
        .groups
        .values()
        .flat_map(|group| {
            [Access::Member, Access::Owner]
                .into_iter()
                .filter(|access| group.holders(*access).contains_key(&id))
                .map(|access| (group.id, access))
        })
        .collect();
    for (group, access) in holding {
        membership::forget(tenant, group, access, id, at);
    }
    withdraw(tenant, id, at);
    let units: Vec<ObjectId> = tenant.directory.units.keys().copied().collect();
    for unit in units {
        unit_members::take(tenant, unit, id, at);
    }
    let effect = match item.object {
        DeletedObject::Group(_) => Effect::GroupPurged { group: id },
        DeletedObject::User(_) => Effect::UserPurged { user: id },
    };
    tenant.effect(at, effect);
}
