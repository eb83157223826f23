//! Who holds which directory role, by whatever way: what other areas may ask. Nothing is changed here.

use super::privilege::{RoleAt, RoleScope};
use crate::ids::{ObjectId, RoleId};
use crate::pim::engine::{Holding, Kind, Lookup, Schedule};
use crate::state::Tenant;

pub(crate) fn holds(tenant: &Tenant, privilege: RoleAt, principal: ObjectId) -> bool {
    let holding = Holding::active(privilege, principal);
    let by_schedule = tenant
        .roles
        .store
        .of_holding(&holding)
        .any(Schedule::in_force);
    by_schedule || tenant.roles.plain.contains_key(&(privilege, principal))
}

/// A principal and the groups they are in.
fn holders(tenant: &Tenant, principal: ObjectId) -> Vec<ObjectId> {
    let mut holders = tenant.directory.all_groups_of(principal);
    holders.push(principal);
    holders
}

/// Whether a user holds one of these roles for the whole tenant, themselves or through a group.
pub(crate) fn holds_any(tenant: &Tenant, user: ObjectId, roles: &[RoleId]) -> bool {
    let holders = holders(tenant, user);
    roles.iter().any(|role| {
        let grant = RoleAt {
            role: *role,
            scope: RoleScope::Tenant,
        };
        holders.iter().any(|holder| holds(tenant, grant, *holder))
    })
}

/// The roles that a user holds anywhere, directly or through a group.
pub(crate) fn held_roles(tenant: &Tenant, user: ObjectId) -> Vec<RoleId> {
    let mut roles = Vec::new();
    for holder in holders(tenant, user) {
        roles.extend(plain_of(tenant, holder).into_iter().map(|one| one.role));
        let schedules = active(tenant, &Lookup::Principal(holder));
        roles.extend(schedules.iter().map(|one| one.holding.privilege.role));
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What a principal holds without PIM.
pub(super) fn plain_of(tenant: &Tenant, principal: ObjectId) -> Vec<RoleAt> {
    let plain = tenant.roles.plain.keys();
    plain
        .filter(|(_, holder)| *holder == principal)
        .map(|(grant, _)| *grant)
        .collect()
}

/// Active schedules in force, of one principal or of all.
pub(super) fn active<'a>(tenant: &'a Tenant, lookup: &Lookup<RoleAt>) -> Vec<&'a Schedule<RoleAt>> {
    let mut schedules = tenant.roles.store.schedules(lookup);
    schedules.retain(|schedule| schedule.holding.kind == Kind::Active && schedule.in_force());
    schedules
}
