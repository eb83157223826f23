//! Adding and removing members and owners: the one way, for the groups API and for PIM alike.
//!
//! PIM mirrors its active assignments through [`add`] and [`remove`]. A removal that does not come from PIM is told to
//! the areas by the groups API, because it overrides PIM.

use jiff::Timestamp;

use crate::ids::{Access, ObjectId};
use crate::journal::Effect;
use crate::state::Tenant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HolderChange {
    Made,
    Unneeded,
}

/// Why an owner can not be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastOwner;

/// Makes a principal a member or owner at `at`. The caller has checked that group and principal exist.
pub(crate) fn add(
    tenant: &mut Tenant,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
    at: Timestamp,
) -> HolderChange {
    let Some(record) = tenant.directory.groups.get_mut(&group) else {
        return HolderChange::Unneeded;
    };
    if record.holders(access).contains_key(&principal) {
        return HolderChange::Unneeded;
    }
    record.holders_mut(access).insert(principal, at);
    let effect = match access {
        Access::Member => Effect::MemberAdded { group, principal },
        Access::Owner => Effect::OwnerAdded { group, principal },
    };
    tenant.effect(at, effect);
    HolderChange::Made
}

/// Takes a principal out at `at`. The last owner stays: see [`is_last_owner`].
pub(crate) fn remove(
    tenant: &mut Tenant,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
    at: Timestamp,
) -> Result<HolderChange, LastOwner> {
    if access == Access::Owner && is_last_owner(tenant, group, principal) {
        return Err(LastOwner);
    }
    Ok(forget(tenant, group, access, principal, at))
}

/// Takes a principal out whatever the rule of the last owner says: the principal itself is gone.
pub(super) fn forget(
    tenant: &mut Tenant,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
    at: Timestamp,
) -> HolderChange {
    let removed = tenant
        .directory
        .groups
        .get_mut(&group)
        .and_then(|record| record.holders_mut(access).remove(&principal));
    if removed.is_none() {
        return HolderChange::Unneeded;
    }
    let effect = match access {
        Access::Member => Effect::MemberRemoved { group, principal },
        Access::Owner => Effect::OwnerRemoved { group, principal },
    };
    tenant.effect(at, effect);
    HolderChange::Made
}

/// Whether a principal is a member or owner now, by whatever way.
pub(crate) fn holds(tenant: &Tenant, group: ObjectId, access: Access, principal: ObjectId) -> bool {
    tenant
        .directory
        .group(group)
        .is_some_and(|record| record.holders(access).contains_key(&principal))
}

/// Whether removing this owner would leave the group without one; with `lastUserOwnerStays`, without a user as owner.
pub(crate) fn is_last_owner(tenant: &Tenant, group: ObjectId, principal: ObjectId) -> bool {
    let Some(record) = tenant.directory.group(group) else {
        return false;
    };
    if !record.owners.contains_key(&principal) {
        return false;
    }
    let users_only = tenant
        .behaviours
        .get(&crate::behaviours::directory::LAST_USER_OWNER_STAYS)
        && tenant.directory.users.contains_key(&principal);
    !record.owners.keys().any(|other| {
        *other != principal && (!users_only || tenant.directory.users.contains_key(other))
    })
}
