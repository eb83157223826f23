//! The index behind lists: what it has not taken in yet, it shows as it was.
//!
//! learn.microsoft.com: aad-advanced-queries, the index is eventually consistent. An object that is new is missing from
//! every list at first; one that was changed or deleted stands in filtered lists as it was, each kind of list for a
//! delay of its own, up to the switch `indexDelay`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::{Deleted, DeletedObject, Group, User};
use super::past::Past;
use super::replication;
use crate::behaviours::directory::INDEX_DELAY;
use crate::call::Call;
use crate::ids::ObjectId;
use crate::state::Tenant;

/// Puts an object that was taken out among the deleted items.
pub(super) fn discard(tenant: &mut Tenant, id: ObjectId, object: DeletedObject, at: Timestamp) {
    keep(tenant, id, object.clone(), at);
    tenant.directory.deleted.insert(id, Deleted { object, at });
}

/// Keeps what an object was until `until`, as long as the index may show it.
pub(super) fn keep(tenant: &mut Tenant, id: ObjectId, object: DeletedObject, until: Timestamp) {
    let delay = tenant.behaviours.get(&INDEX_DELAY);
    let past = &mut tenant.directory.index.past;
    past.retain(|_, versions| {
        versions.retain(|one| until.duration_since(one.until) < delay);
        !versions.is_empty()
    });
    if !delay.is_zero() {
        past.entry(id).or_default().push(Past { until, object });
    }
}

/// The groups that a list shows.
pub(super) fn groups<'a>(tenant: &'a Tenant, call: &Call) -> Vec<&'a Group> {
    shown(
        tenant,
        call,
        &tenant.directory.groups,
        |object| match object {
            DeletedObject::Group(group) => Some(group),
            DeletedObject::User(_) => None,
        },
        |group| group.fresh_since,
    )
}

/// The users that a list shows.
pub(super) fn users<'a>(tenant: &'a Tenant, call: &Call) -> Vec<&'a User> {
    shown(
        tenant,
        call,
        &tenant.directory.users,
        |object| match object {
            DeletedObject::User(user) => Some(user),
            DeletedObject::Group(_) => None,
        },
        |user| user.created_at,
    )
}

fn shown<'a, T>(
    tenant: &'a Tenant,
    call: &Call,
    living: &'a BTreeMap<ObjectId, T>,
    of_kind: fn(&DeletedObject) -> Option<&T>,
    fresh_since: fn(&T) -> Timestamp,
) -> Vec<&'a T> {
    let indexed = |id, since| replication::indexed(tenant, id, since, call.operation);
    let mut rows: BTreeMap<ObjectId, &T> = living.iter().map(|(id, one)| (*id, one)).collect();
    if call.query.filter.is_some() {
        for (id, versions) in &tenant.directory.index.past {
            // What stood until the oldest change that is not indexed yet is what the index knows.
            let known = versions.iter().find(|one| !indexed(*id, one.until));
            if let Some(object) = known.and_then(|one| of_kind(&one.object)) {
                rows.insert(*id, object);
            }
        }
    }
    rows.retain(|id, one| indexed(*id, fresh_since(one)));
    rows.into_values().collect()
}
