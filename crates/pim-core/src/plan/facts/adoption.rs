//! Whether a group that bears our key, but that the status does not know, may be taken up: a rebuilt cluster finds its
//! groups again, and nobody smuggles power in by making a group under a key that can be worked out. It is judged by what
//! stands while it lives: lists of a deleted group show nothing of what a restore brings back.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::claims::Claims;
use super::remembered::is_memory;
use crate::boundary::Denial;
use crate::desired::{self, Assignability, GroupOperation, Lifecycle, PendingGroup};
use crate::ids::GroupId;
use crate::knowledge::{Needs, Part};
use crate::observed::{self, Direct, Nature, Presence, ScopeFault};
use crate::reason::Reason;
use crate::role::{BoundRole, EVERYWHERE, RoleTarget};
use crate::schedule::Kind;
use crate::verdict::State;

/// What has to be read of a group before it is taken up.
pub const EVERYTHING: [Part; 7] = [
    Part::Eligible,
    Part::Active,
    Part::Roles,
    Part::EligibleRoles,
    Part::PlainRoles,
    Part::People,
    Part::Applications,
];

/// Which of some parts were not read in this pass.
pub fn unread(observed: &observed::Unit, parts: &[Part]) -> Needs {
    let parts = parts.iter().copied();
    parts.filter(|part| !observed.is_fresh(*part)).collect()
}

/// Why the group under our key is not taken up, if so.
pub fn blocker(
    desired: &desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    needs: &mut Needs,
) -> Option<State> {
    if desired.group.lifecycle == Lifecycle::Deleting || desired.group.adopt.is_some() {
        return None;
    }
    match &observed.group {
        Presence::Living(group) if is_settled(desired, group.id) => None,
        Presence::Living(group) => judge(desired, observed, claims, group, needs),
        Presence::Deleted { group, .. } if desired.group.last_seen != Some(group.id) => {
            of_a_deleted_group(desired, group.id)
        }
        _ => None,
    }
}

/// Whether a group was judged before, or made by an answered creation of ours. One that is being restored is judged
/// again: it may come back with more than it went with.
pub fn is_settled(desired: &desired::Unit, group: GroupId) -> bool {
    desired.group.last_seen == Some(group) && restoring(desired) != Some(group)
}

/// The group that is being restored.
pub fn restoring(desired: &desired::Unit) -> Option<GroupId> {
    let pending = desired.group.pending?;
    (pending.operation == GroupOperation::RestoreGroup)
        .then_some(pending.group)
        .flatten()
}

/// Anybody who may make security groups could have made and deleted an ordinary one; and what it brings back shows only
/// when it lives.
fn of_a_deleted_group(desired: &desired::Unit, group: GroupId) -> Option<State> {
    (desired.group.assignability == Assignability::Ordinary).then(|| {
        let message = format!(
            "group {group} among the deleted items bears the key of this object, and nothing tells that this object made it; \
             delete it for good to have a new one made, or restore it to have it judged"
        );
        State::stuck(Reason::AdoptionRequired, message)
    })
}

fn judge(
    desired: &desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: &observed::Group,
    needs: &mut Needs,
) -> Option<State> {
    let reading = "reading what the group holds and who is in it";
    unknown(desired, observed, (&EVERYTHING, reading), needs)
        .or_else(|| foreign_maker(desired, group))
        .or_else(|| undeclared_principal(desired, observed, claims, group.id))
        .or_else(|| {
            let denial = unlisted_role(desired, observed)?;
            let message = format!(
                "group {} already bears the key of this object and holds more than is admitted: {}",
                group.id, denial.message
            );
            Some(State::stuck(Reason::AdoptionRequired, message))
        })
}

/// How a group stands of which some parts are not read yet, or of which it is not known what it holds elsewhere.
pub fn unknown(
    desired: &desired::Unit,
    observed: &observed::Unit,
    (parts, reading): (&[Part], &str),
    needs: &mut Needs,
) -> Option<State> {
    let unread = unread(observed, parts);
    if !unread.is_empty() {
        needs.extend(unread);
        return Some(State::waiting(Reason::Progressing, reading));
    }
    let why = unread_scope(desired, observed)?;
    let message = format!("what the group holds in other systems cannot be read: {why}");
    Some(State::waiting(Reason::ReadRefused, message))
}

/// Why it is not known what the group holds everywhere, or at a scope of one of its bindings. What its boundary lists beside that
/// is looked at where it can be.
pub fn unread_scope<'a>(desired: &desired::Unit, observed: &'a observed::Unit) -> Option<&'a str> {
    let faults = observed.scope_faults.iter();
    let needed = faults.filter(|((_, system, scope), _)| {
        let mut bindings = desired.bindings.iter();
        let is_declared = bindings.any(|one| (one.system, &one.scope) == (*system, scope));
        is_declared || scope.as_str() == EVERYWHERE
    });
    let mut unread = needed.filter_map(|(_, fault)| match fault {
        ScopeFault::Missing(_) => None,
        ScopeFault::Forbidden(why) | ScopeFault::Unread(_, why) => Some(why.as_str()),
    });
    unread.next()
}

fn is_ordinary(desired: &desired::Unit) -> bool {
    desired.group.assignability == Assignability::Ordinary
}

/// A group that cannot hold directory roles could have been made by anybody.
fn foreign_maker(desired: &desired::Unit, group: &observed::Group) -> Option<State> {
    let maker = group.created_by?;
    let is_ours = desired
        .group
        .client
        .is_none_or(|client| client.0 == maker.0);
    (is_ordinary(desired) && !is_ours).then(|| {
        let message = format!(
            "group {} already bears the key of this object and was made by application {maker}; delete that group",
            group.id
        );
        State::stuck(Reason::AdoptionRequired, message)
    })
}

/// Whoever made it may still be in it.
fn undeclared_principal(
    desired: &desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: GroupId,
) -> Option<State> {
    if !is_ordinary(desired) {
        return None;
    }
    let assigned = observed
        .active
        .rows()
        .iter()
        .filter(|schedule| schedule.nature == Nature::Assigned)
        .map(|schedule| schedule.key(Kind::Active));
    // Whoever is eligible can activate.
    let eligible = observed
        .eligible
        .rows()
        .iter()
        .filter(|schedule| !schedule.window.end.is_over(observed.now))
        .map(|schedule| schedule.key(Kind::Eligible));
    // Activations come from an eligibility, which is judged; the directory lists them too.
    let is_activated = |direct: &&Direct| {
        let activation = observed.activation(direct.access, direct.principal);
        activation.is_some()
    };
    let listed = observed.direct().filter(|direct| !is_activated(direct));
    let listed = listed.map(Direct::key);
    let undeclared = assigned
        .chain(eligible)
        .chain(listed)
        // Whoever is denied loses it as soon as the group is taken up, and the operator leaves by itself.
        .filter(|key| !claims.is_kept(key) && !desired.rules.denies(key.principal))
        .filter(|key| !desired.is_operators_own(*key))
        .min()?;
    let message = format!(
        "group {group} already bears the key of this object and has an {} {} that nobody declares: {}; declare or remove \
         that principal, or delete the group",
        undeclared.kind, undeclared.access, undeclared.principal
    );
    Some(State::stuck(Reason::AdoptionRequired, message))
}

/// What the group holds, by schedule or plainly, active or eligible, must be what the boundary lists.
pub fn unlisted_role(desired: &desired::Unit, observed: &observed::Unit) -> Option<Denial> {
    let boundary = desired.boundary.as_ref()?;
    let key = |target: &RoleTarget, kind| BoundRole {
        target: target.clone(),
        kind,
    };
    let scheduled = [Kind::Active, Kind::Eligible].into_iter().flat_map(|kind| {
        let rows = observed.role_list(kind).rows().iter();
        rows.map(move |row| (key(&row.target, kind), row.condition.as_deref()))
    });
    let plain = observed.plain_roles.rows().iter();
    let plain = plain.map(|row| (key(&row.target, Kind::Active), row.condition.as_deref()));
    let held: BTreeSet<_> = scheduled.chain(plain).collect();
    held.into_iter().find_map(|(key, condition)| {
        let shown = key.target.role.as_str();
        boundary.judge_role(&key, condition, shown).err()
    })
}

/// Whose a group under our key is when its object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// It is the group of the object: adopted, made or restored for it.
    Adopted,
    /// It bears the key, and nothing shows that it was made for the object.
    Foreign,
    /// It cannot be said before everything of it is read.
    Unread,
}

/// Whose the group is that would go. What our own creation made has had nobody and nothing yet, because a group is
/// remembered before anything is given to it; whatever else bears the key may be in use.
pub fn at_deletion(
    desired: &desired::Unit,
    observed: &observed::Unit,
    group: GroupId,
    needs: &mut Needs,
) -> Adoption {
    if desired.group.last_seen == Some(group) || restoring(desired) == Some(group) {
        return Adoption::Adopted;
    }
    if creation(desired, observed.now).is_none() {
        return Adoption::Foreign;
    }
    let in_use = !(observed.eligible.rows().is_empty()
        && observed.active.rows().is_empty()
        && observed.roles.rows().is_empty()
        && observed.eligible_roles.rows().is_empty()
        && observed.plain_roles.rows().is_empty()
        && observed.direct().next().is_none());
    let unread = unread(observed, &EVERYTHING);
    let is_read = unread.is_empty() && unread_scope(desired, observed).is_none();
    match (in_use, is_read) {
        (true, _) => Adoption::Foreign,
        (false, true) => Adoption::Adopted,
        (false, false) => {
            needs.extend(unread);
            Adoption::Unread
        }
    }
}

/// A creation that has begun and whose group was not seen yet. A note that lies in the future is no memory of ours.
pub fn creation(desired: &desired::Unit, now: Timestamp) -> Option<PendingGroup> {
    desired.group.pending.filter(|pending| {
        pending.operation == GroupOperation::CreateGroup && is_memory(pending.since, now)
    })
}
