//! Carries out what the schedule engine did: memberships and role assignments follow, the journal is told.
//!
//! learn.microsoft.com, concept-pim-for-groups: an active assignment is a membership like any other while it runs.

use jiff::{SignedDuration, Timestamp};

use crate::behaviours::directory::DELETED_ITEMS_RETENTION;
use crate::ids::ObjectId;
use crate::pim::area::{Area, Withheld};
use crate::pim::engine::{Change, Force, Holding, Kind, Note, Phase, Schedule};
use crate::state::{Event, Tenant};

/// What every area that PIM manages does when time passes or a principal comes and goes.
pub(crate) fn react<P: Area>(tenant: &mut Tenant, event: &Event<'_>) {
    match *event {
        Event::Clock(now) => advance::<P>(tenant, now),
        Event::PrincipalDeleted(principal) => principal_deleted::<P>(tenant, principal),
        Event::PrincipalRestored(principal) => principal_restored::<P>(tenant, principal),
        Event::Noted(..) | Event::HolderRemoved { .. } | Event::GroupDeleted(_) => {}
    }
}

/// Carries changes out in their order.
pub(crate) fn carry_out<P: Area>(tenant: &mut Tenant, changes: Vec<Change<P>>) {
    for change in changes {
        let holding = change.schedule.holding;
        let active = holding.kind == Kind::Active;
        let ceases = active && change.force == Force::Ceases && !in_force(tenant, &holding);
        let withheld = if ceases {
            P::withhold(tenant, &change)
        } else {
            Withheld::No
        };
        if withheld == Withheld::Retried {
            continue;
        }
        note(tenant, &change);
        if ceases && withheld == Withheld::No {
            let outcome = P::cease(tenant, &holding, change.at);
            debug_assert!(
                outcome.is_ok(),
                "what stands in the way was looked for before"
            );
        }
        if active && change.force == Force::Begins {
            P::begin(tenant, &holding, change.at);
        }
    }
}

/// Tells the journal of a change.
pub(crate) fn note<P: Area>(tenant: &mut Tenant, change: &Change<P>) {
    if let Some(effect) = change.effect() {
        tenant.effect(change.at, effect);
    }
}

/// Whether PIM gives the access now, as an assignment does beside an activation.
pub(crate) fn in_force<P: Area>(tenant: &Tenant, holding: &Holding<P>) -> bool {
    P::store(tenant).of_holding(holding).any(Schedule::in_force)
}

/// Lets time pass: starts, ends and purges what is due until `now`, each at its own instant.
fn advance<P: Area>(tenant: &mut Tenant, now: Timestamp) {
    if P::store(tenant).next_due().is_none_or(|due| due > now) {
        return;
    }
    let options = P::options(&tenant.behaviours);
    while let Some((at, due)) = P::store_mut(tenant).pop_due(now) {
        let happened = P::store_mut(tenant).happen(at, due, &options);
        carry_out(tenant, happened.changes);
        if let Some(holding) = happened.ends_standing {
            // Who became the last owner meanwhile stays one.
            let _unless_last_owner = P::end_standing(tenant, &holding, at);
        }
    }
}

/// The access was taken away by other means, which overrides PIM.
pub(crate) fn overridden<P: Area>(tenant: &mut Tenant, holding: &Holding<P>, at: Timestamp) {
    let options = P::options(&tenant.behaviours);
    let changes = P::store_mut(tenant).overridden(holding, at, &options);
    carry_out(tenant, changes);
}

/// A principal was deleted: what they held is void until they are restored.
fn principal_deleted<P: Area>(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    let orphaned = orphaned(tenant, principal, P::orphans_shown_for(&tenant.behaviours));
    let options = P::options(&tenant.behaviours);
    let changes = P::store_mut(tenant).principal_deleted(principal, now, orphaned, &options);
    for change in changes {
        note(tenant, &change);
        let holding = change.schedule.holding;
        if holding.kind == Kind::Active && change.force == Force::Ceases {
            // The last owner stays one even when they are deleted.
            let _unless_last_owner = P::cease(tenant, &holding, now);
        }
    }
    P::outside_lost(tenant, principal, now);
    advance::<P>(tenant, now);
}

/// What becomes of the schedules of a deleted principal: shown for a while, and kept as long as they can be restored.
fn orphaned(tenant: &Tenant, principal: ObjectId, shown_for: SignedDuration) -> Phase {
    let now = tenant.now();
    let shown_until = now.saturating_add(shown_for).unwrap_or(now);
    let kept = tenant.behaviours.get(&DELETED_ITEMS_RETENTION);
    let until = if tenant.directory.deleted.contains_key(&principal) {
        now.saturating_add(kept).unwrap_or(now).max(shown_until)
    } else {
        shown_until
    };
    Phase::Orphaned { shown_until, until }
}

/// A principal was restored: what was not forgotten yet holds again.
fn principal_restored<P: Area>(tenant: &mut Tenant, principal: ObjectId) {
    let now = tenant.now();
    P::outside_restored(tenant, principal, now);
    let mut changes = P::store_mut(tenant).principal_restored(principal, now);
    changes.retain(|change| change.schedule.holding.privilege.stands(tenant));
    debug_assert!(changes.iter().all(|change| change.note == Note::Created));
    carry_out(tenant, changes);
}
