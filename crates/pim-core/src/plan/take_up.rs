//! Whether a group that bears our key, but that the status does not know, may be taken up: a rebuilt cluster finds its
//! groups again, and nobody smuggles power in by making a group under a key that can be worked out. What was never taken
//! up does not go with its object.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::claims::Claims;
use super::{Need, Needs, window};
use crate::desired::{self, Assignability, Lifecycle};
use crate::ids::GroupId;
use crate::observed::{self, Nature, PlainRoles, Presence};
use crate::reason::Reason;
use crate::schedule::Kind;
use crate::verdict::State;

/// Why the group under our key is not taken up, if so. Asked once only: a group that the status knows was looked at.
pub fn obstacle(
    desired: &desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    needs: &mut Needs,
) -> Option<State> {
    let (Presence::Living(group) | Presence::Deleted(group)) = &observed.group else {
        return None;
    };
    if desired.group.last_seen == Some(group.id) || desired.group.lifecycle == Lifecycle::Deleting {
        return None;
    }
    if let Some(state) = strangers(desired, observed, claims, group.id) {
        return Some(state);
    }
    let PlainRoles::Fresh(plain) = &observed.plain_roles else {
        needs.plain_roles = Need::Now;
        return Some(State::waiting(
            Reason::Progressing,
            "looks at what the group holds",
        ));
    };
    let boundary = desired.boundary.as_ref()?;
    let scheduled = observed.roles.iter().map(|row| (row.role, &row.scope));
    let held: BTreeSet<_> = scheduled
        .chain(plain.iter().map(|row| (row.role, &row.scope)))
        .collect();
    let denial = held.into_iter().find_map(|(role, scope)| {
        boundary
            .judge_role(role, scope.as_str(), &role.to_string())
            .err()
    })?;
    let message = format!(
        "group {} already bears the key of this object and holds more than is admitted: {}",
        group.id, denial.message
    );
    Some(State::stuck(Reason::AdoptionRequired, message))
}

/// Whose a group under our key is when its object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was taken up, or a creation whose answer was lost has made it.
    Ours,
    /// Nobody knows.
    Others,
    /// It cannot be said before plain roles are read.
    Unread,
}

/// Whose the group is that would go. What our own creation made has had nobody and nothing yet, because a group is
/// remembered before anything is given to it; whatever else bears the key may be in use.
pub fn origin(
    desired: &desired::Unit,
    observed: &observed::Unit,
    group: GroupId,
    needs: &mut Needs,
) -> Origin {
    if desired.group.last_seen == Some(group) {
        return Origin::Ours;
    }
    let is_in_use =
        !(observed.eligible.is_empty() && observed.active.is_empty() && observed.roles.is_empty());
    if is_in_use || creation_begun(desired, observed.now).is_none() {
        return Origin::Others;
    }
    match &observed.plain_roles {
        PlainRoles::Fresh(rows) if rows.is_empty() => Origin::Ours,
        PlainRoles::Fresh(_) => Origin::Others,
        PlainRoles::Unread => {
            needs.plain_roles = Need::Now;
            Origin::Unread
        }
    }
}

/// When a creation was begun whose answer is not known, if one was.
pub fn creation_begun(desired: &desired::Unit, now: Timestamp) -> Option<Timestamp> {
    let noted = desired.group.creation_begun;
    noted.filter(|begun| window::is_memory(*begun, now))
}

/// A group that cannot hold directory roles could have been made by anybody, who is still in it.
fn strangers(
    desired: &desired::Unit,
    observed: &observed::Unit,
    claims: &Claims,
    group: GroupId,
) -> Option<State> {
    if desired.group.assignability == Assignability::RoleAssignable {
        return None;
    }
    let assigned = observed
        .active
        .iter()
        .filter(|schedule| schedule.nature == Nature::Assigned)
        .map(|schedule| schedule.key(Kind::Active));
    // Whoever is eligible can activate.
    let eligible = observed
        .eligible
        .iter()
        .filter(|schedule| !schedule.window.end.is_over(observed.now))
        .map(|schedule| schedule.key(Kind::Eligible));
    let stranger = assigned
        .chain(eligible)
        .filter(|key| !claims.is_kept(key))
        .min()?;
    let message = format!(
        "group {group} already bears the key of this object and has an {} {} that nobody declares: {}; declare or remove \
         that principal, or delete the group",
        stranger.kind, stranger.access, stranger.principal
    );
    Some(State::stuck(Reason::AdoptionRequired, message))
}
