//! Carries out what the schedule engine did to directory roles, and says who holds which role.

use jiff::Timestamp;

use super::switches::{self, FiveMinuteScope};
use super::{RoleAt, Scope, assignments};
use crate::behaviours::Behaviours;
use crate::ids::{ObjectId, RoleId};
use crate::journal::Effect;
use crate::pim::engine::{
    Change, Custom, Customs, FiveMinutes, Force, Holding, Kind, Lookup, Schedule, Standing,
};
use crate::pim::groups::subject;
use crate::pim::mirror::{extension_answer, phantom, shared_customs};
use crate::pim::switches as shared;
use crate::state::Tenant;

/// The customs of PIM for directory roles, as the switches say.
pub(super) fn customs(behaviours: &Behaviours) -> Customs {
    Customs {
        grant_lag: behaviours.get(&switches::ROLE_GRANT_LAG),
        removal_lag: behaviours.get(&switches::ROLE_REMOVAL_LAG),
        five_minutes: match behaviours.get(&switches::ROLE_FIVE_MINUTES) {
            FiveMinuteScope::Grant => FiveMinutes::Privilege,
            FiveMinuteScope::Principal => FiveMinutes::Principal,
        },
        applying: [Custom::YoungCanNotChange, Custom::ChangeStanding]
            .into_iter()
            .chain(
                behaviours
                    .get(&switches::ASSIGN_OVER_PLAIN_ROLE)
                    .then_some(Custom::AssignOverStanding),
            )
            .chain(shared_customs(behaviours))
            .collect(),
        retention: behaviours.get(&shared::REQUEST_RETENTION),
        extension: extension_answer(behaviours),
    }
}

/// Carries changes out in their order.
pub(super) fn carry_out(tenant: &mut Tenant, changes: Vec<Change<RoleAt>>) {
    for change in changes {
        let holding = change.schedule.holding.clone();
        let mirrored = holding.kind == Kind::Active;
        if let Some(effect) = change.effect() {
            tenant.effect(change.at, effect);
        }
        match change.force {
            Force::Begins if mirrored => begin(tenant, &holding, change.at),
            Force::Ceases if mirrored => cease(tenant, &holding, change.at),
            _ => {}
        }
    }
}

/// A schedule that PIM lists in the place of a plain assignment takes it over.
fn begin(tenant: &mut Tenant, holding: &Holding<RoleAt>, at: Timestamp) {
    let key = (holding.privilege, holding.principal);
    let held = tenant.roles.plain.contains_key(&key);
    if held
        && tenant
            .behaviours
            .get(&switches::PLAIN_ASSIGNMENT_IN_SCHEDULES)
    {
        tenant.roles.plain.remove(&key);
    }
    if !held {
        tenant.effect(at, assigned(holding.privilege, holding.principal));
    }
}

fn cease(tenant: &mut Tenant, holding: &Holding<RoleAt>, at: Timestamp) {
    if !in_force(tenant, holding.privilege, holding.principal) {
        tenant.effect(at, unassigned(holding.privilege, holding.principal));
    }
}

/// The journal's word for a role that a principal holds from now on.
pub(super) fn assigned(grant: RoleAt, principal: ObjectId) -> Effect {
    Effect::RoleAssigned {
        role: grant.role.to_string(),
        principal,
        scope: grant.scope.to_string(),
    }
}

/// The journal's word for a role that a principal holds no more.
pub(super) fn unassigned(grant: RoleAt, principal: ObjectId) -> Effect {
    Effect::RoleUnassigned {
        role: grant.role.to_string(),
        principal,
        scope: grant.scope.to_string(),
    }
}

/// Whether PIM gives this role now.
fn by_schedule(tenant: &Tenant, privilege: RoleAt, principal: ObjectId) -> bool {
    let holding = Holding {
        kind: Kind::Active,
        privilege,
        principal,
    };
    tenant
        .roles
        .store
        .of_holding(&holding)
        .any(Schedule::in_force)
}

/// Whether a principal holds a role now, by whatever way.
pub(crate) fn in_force(tenant: &Tenant, grant: RoleAt, principal: ObjectId) -> bool {
    tenant.roles.plain.contains_key(&(grant, principal)) || by_schedule(tenant, grant, principal)
}

/// Whether a principal holds a role by other means than PIM, as far as PIM lists such.
pub(super) fn standing(tenant: &Tenant, grant: RoleAt, principal: ObjectId) -> Standing {
    let listed = tenant
        .behaviours
        .get(&switches::PLAIN_ASSIGNMENT_IN_SCHEDULES);
    if listed && tenant.roles.plain.contains_key(&(grant, principal)) {
        Standing::Held
    } else {
        Standing::None
    }
}

/// Whether a user holds one of these roles for the whole tenant, himself or through a group.
pub(crate) fn holds_any(tenant: &Tenant, user: ObjectId, roles: &[RoleId]) -> bool {
    let mut holders = subject::groups_of(tenant, user);
    holders.push(user);
    roles.iter().any(|role| {
        let grant = RoleAt {
            role: *role,
            scope: Scope::Tenant,
        };
        holders
            .iter()
            .any(|holder| in_force(tenant, grant, *holder))
    })
}

/// The roles that a user holds anywhere, directly or through a group.
pub(crate) fn held_roles(tenant: &Tenant, user: ObjectId) -> Vec<RoleId> {
    let mut holders = subject::groups_of(tenant, user);
    holders.push(user);
    let plain = tenant.roles.plain.keys();
    let mut roles: Vec<RoleId> = plain
        .filter(|(_, holder)| holders.contains(holder))
        .map(|(grant, _)| grant.role)
        .collect();
    for holder in holders {
        let schedules = active(tenant, &Lookup::Principal(holder));
        roles.extend(schedules.iter().map(|one| one.holding.privilege.role));
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Lets time pass: starts, ends and purges what is due until `now`, each at its own instant.
pub(super) fn advance(tenant: &mut Tenant, now: Timestamp) {
    if tenant.roles.store.next_due().is_none_or(|due| due > now) {
        return;
    }
    let customs = customs(&tenant.behaviours);
    while let Some((at, due)) = tenant.roles.store.pop_due(now) {
        let happened = tenant.roles.store.happen(at, due, &customs);
        carry_out(tenant, happened.changes);
        if let Some(holding) = happened.ends_standing {
            assignments::unassign(tenant, holding.privilege, holding.principal, at);
        }
    }
}

fn plain_of(tenant: &Tenant, principal: ObjectId) -> Vec<RoleAt> {
    tenant
        .roles
        .plain
        .keys()
        .filter(|(_, holder)| *holder == principal)
        .map(|(grant, _)| *grant)
        .collect()
}

/// A principal was deleted: it holds nothing until it is restored.
pub(super) fn principal_deleted(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    let phantom = phantom(
        tenant,
        principal,
        tenant.behaviours.get(&switches::ROLE_PHANTOM),
    );
    let plain = plain_of(tenant, principal);
    let customs = customs(&tenant.behaviours);
    let changes = tenant
        .roles
        .store
        .principal_deleted(principal, now, phantom, &customs);
    for change in changes {
        if let Some(effect) = change.effect() {
            tenant.effect(now, effect);
        }
        let privilege = change.schedule.holding.privilege;
        let ceases = change.force == Force::Ceases && change.schedule.holding.kind == Kind::Active;
        if ceases && !plain.contains(&privilege) && !by_schedule(tenant, privilege, principal) {
            tenant.effect(now, unassigned(privilege, principal));
        }
    }
    for grant in plain {
        tenant.effect(now, unassigned(grant, principal));
    }
    advance(tenant, now);
}

/// A principal was restored: the roles that were not forgotten come back with its id.
pub(super) fn principal_restored(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    for grant in plain_of(tenant, principal) {
        tenant.effect(now, assigned(grant, principal));
    }
    let changes = tenant.roles.store.principal_restored(principal, now);
    carry_out(tenant, changes);
}

/// Active schedules in force, of one principal or of all.
pub(super) fn active<'a>(tenant: &'a Tenant, lookup: &Lookup<RoleAt>) -> Vec<&'a Schedule<RoleAt>> {
    let mut schedules = tenant.roles.store.schedules(lookup);
    schedules.retain(|schedule| schedule.holding.kind == Kind::Active && schedule.in_force());
    schedules
}
