//! Carries out what the schedule engine did to groups: memberships and ownerships follow, the journal is told.
//!
//! learn.microsoft.com, concept-pim-for-groups: an active assignment is a membership like any other while it runs, and a removal
//! through the groups API overrides PIM. groups-activate-roles: the last owner stays beyond the end of his window.

use jiff::{SignedDuration, Timestamp};

use super::access::GroupAccess;
use super::engine::{
    Change, Custom, Customs, ExtensionAnswer, FiveMinutes, Force, Holding, Kind, Note, Phase,
    Privilege, Schedule, Standing,
};
use super::switches::{self, CustomExtensionAnswer};
use crate::behaviours::Behaviours;
use crate::behaviours::directory::DELETED_ITEMS_RETENTION;
use crate::directory::membership::{self, LastOwner};
use crate::ids::{Access, ObjectId};
use crate::state::Tenant;

/// The customs of PIM for Groups, as the switches say.
pub(crate) fn customs(behaviours: &Behaviours) -> Customs {
    Customs {
        grant_lag: behaviours.get(&switches::PIM_GRANT_LAG),
        removal_lag: behaviours.get(&switches::PIM_REMOVAL_LAG),
        five_minutes: FiveMinutes::Schedule,
        applying: [
            (
                Custom::AssignOverStanding,
                &switches::ASSIGN_OVER_PLAIN_MEMBER,
            ),
            (Custom::ChangeStanding, &switches::CHANGE_PLAIN_MEMBER),
        ]
        .into_iter()
        .filter(|(_, switch)| behaviours.get(switch))
        .map(|(custom, _)| custom)
        .chain(shared_customs(behaviours))
        .collect(),
        retention: behaviours.get(&switches::REQUEST_RETENTION),
        extension: extension_answer(behaviours),
    }
}

/// The customs that groups and directory roles share.
pub(crate) fn shared_customs(behaviours: &Behaviours) -> impl Iterator<Item = Custom> {
    [
        (
            Custom::YoungEligibilityStays,
            &switches::ELIGIBLE_FIVE_MINUTES,
        ),
        (
            Custom::AssignOverActivation,
            &switches::ASSIGN_OVER_ACTIVATION,
        ),
        (
            Custom::RemovalEndsActivation,
            &switches::REMOVE_ENDS_ACTIVATION,
        ),
        (Custom::MfaForApplications, &switches::ADMIN_MFA_FOR_APPS),
    ]
    .into_iter()
    .filter(|(_, switch)| behaviours.get(switch))
    .map(|(custom, _)| custom)
}

/// What the custom extension says.
pub(crate) fn extension_answer(behaviours: &Behaviours) -> ExtensionAnswer {
    match behaviours.get(&switches::CUSTOM_EXTENSION_ANSWER) {
        CustomExtensionAnswer::Approved => ExtensionAnswer::Approved,
        CustomExtensionAnswer::Denied => ExtensionAnswer::Denied,
        CustomExtensionAnswer::AutoApproved => ExtensionAnswer::AutoApproved,
    }
}

/// Carries changes out in their order.
pub(crate) fn carry_out(tenant: &mut Tenant, changes: Vec<Change<GroupAccess>>) {
    for change in changes {
        carry_out_one(tenant, &change);
    }
}

fn carry_out_one(tenant: &mut Tenant, change: &Change<GroupAccess>) {
    let holding = &change.schedule.holding;
    let GroupAccess { group, access } = holding.privilege;
    let principal = holding.principal;
    let mirrored = holding.kind == Kind::Active;
    let ceases = mirrored && change.force == Force::Ceases && !still_in_force(tenant, holding);
    if ceases && access == Access::Owner && membership::is_last_owner(tenant, group, principal) {
        let retry = tenant
            .behaviours
            .get(&switches::LAST_OWNER_RETRY)
            .max(SignedDuration::from_mins(1));
        if !tenant
            .pim
            .store
            .hold_over(change.schedule.clone(), change.at, retry)
        {
            // The service has given up: the ownership stands without a schedule.
            note(tenant, change);
        }
        return;
    }
    note(tenant, change);
    if ceases {
        let removed = membership::remove(tenant, group, access, principal, change.at);
        debug_assert!(
            removed != Err(LastOwner),
            "the last owner was looked for before"
        );
    }
    if mirrored && change.force == Force::Begins {
        membership::add(tenant, group, access, principal, change.at);
    }
}

fn note(tenant: &mut Tenant, change: &Change<GroupAccess>) {
    if let Some(effect) = change.effect() {
        tenant.effect(change.at, effect);
    }
}

/// Whether another schedule gives the same access, as an assignment does beside an activation.
fn still_in_force(tenant: &Tenant, holding: &Holding<GroupAccess>) -> bool {
    tenant.pim.store.of_holding(holding).any(Schedule::in_force)
}

/// Whether a principal is a member or owner by other means than PIM.
pub(crate) fn standing(tenant: &Tenant, privilege: GroupAccess, principal: ObjectId) -> Standing {
    let holding = Holding {
        kind: Kind::Active,
        privilege,
        principal,
    };
    let plain = membership::holds(tenant, privilege.group, privilege.access, principal);
    if plain && !still_in_force(tenant, &holding) {
        Standing::Held
    } else {
        Standing::None
    }
}

/// Lets time pass: starts, ends and purges what is due until `now`, each at its own instant.
pub(crate) fn advance(tenant: &mut Tenant, now: Timestamp) {
    if tenant.pim.store.next_due().is_none_or(|due| due > now) {
        return;
    }
    let customs = customs(&tenant.behaviours);
    while let Some((at, due)) = tenant.pim.store.pop_due(now) {
        let happened = tenant.pim.store.happen(at, due, &customs);
        carry_out(tenant, happened.changes);
        if let Some(holding) = happened.ends_standing {
            let GroupAccess { group, access } = holding.privilege;
            // Who became the last owner meanwhile stays one.
            let _unless_last_owner =
                membership::remove(tenant, group, access, holding.principal, at);
        }
    }
}

/// The groups API took a member or owner out, which overrides PIM.
pub(crate) fn member_removed(tenant: &mut Tenant, privilege: GroupAccess, principal: ObjectId) {
    if !tenant.behaviours.get(&switches::MEMBERS_API_ENDS_PIM) {
        return;
    }
    let now = tenant.now();
    let customs = customs(&tenant.behaviours);
    let holding = Holding {
        kind: Kind::Active,
        privilege,
        principal,
    };
    let changes = tenant.pim.store.overridden(&holding, now, &customs);
    carry_out(tenant, changes);
}

/// A group was deleted: what it gave ends, and its settings are forgotten.
pub(crate) fn group_deleted(tenant: &mut Tenant, group: ObjectId) {
    let now = tenant.now();
    for change in tenant.pim.store.place_deleted(&group, now) {
        note(tenant, &change);
    }
    tenant.pim.policies.forget_group(group);
    tenant.pim.onboarded.remove(&group);
}

/// A principal was deleted: what he held is void, and the memberships that PIM gave him end.
pub(crate) fn principal_deleted(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    let phantom = phantom(tenant, principal, tenant.behaviours.get(&switches::PHANTOM));
    let customs = customs(&tenant.behaviours);
    let changes = tenant
        .pim
        .store
        .principal_deleted(principal, now, phantom, &customs);
    for change in changes {
        note(tenant, &change);
        let holding = &change.schedule.holding;
        let GroupAccess { group, access } = holding.privilege;
        if holding.kind == Kind::Active && change.force == Force::Ceases {
            // The last owner stays one even when he is deleted.
            let _unless_last_owner = membership::remove(tenant, group, access, principal, now);
        }
    }
    advance(tenant, now);
}

/// What becomes of the schedules of a deleted principal: shown for a while, and kept as long as he can be restored.
pub(crate) fn phantom(tenant: &Tenant, principal: ObjectId, shown_for: SignedDuration) -> Phase {
    let now = tenant.now();
    let shown_until = now.saturating_add(shown_for).unwrap_or(now);
    let kept = tenant.behaviours.get(&DELETED_ITEMS_RETENTION);
    let until = if tenant.directory.deleted.contains_key(&principal) {
        now.saturating_add(kept).unwrap_or(now).max(shown_until)
    } else {
        shown_until
    };
    Phase::Phantom { shown_until, until }
}

/// A principal was restored: what was not forgotten yet holds again.
pub(crate) fn principal_restored(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    let mut changes = tenant.pim.store.principal_restored(principal, now);
    changes.retain(|change| {
        tenant
            .directory
            .group(change.schedule.holding.privilege.place())
            .is_some()
    });
    debug_assert!(changes.iter().all(|change| change.note == Note::Created));
    carry_out(tenant, changes);
}
