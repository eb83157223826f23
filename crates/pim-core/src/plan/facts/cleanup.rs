//! What there is to take away from: a group that is ours and can be changed, nothing, or one that cannot be touched now.
//! A group that goes with its object must have been taken up before.

use jiff::Timestamp;

use super::adoption::{self, Adoption};
use super::ownership;
use super::remembered::is_memory;
use crate::desired::{self, Lifecycle};
use crate::ids::GroupId;
use crate::knowledge::{APART, GROUP_GONE, Held, Needs, later, next_whole_second};
use crate::memory::Memory;
use crate::observed::{self, Presence};
use crate::reason::Reason;
use crate::verdict::State;

/// What there is to take away from. Needs no boundary: taking away only reduces access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CleanupTarget {
    /// A group of ours that can be changed.
    Ready(GroupId),
    /// There is no group, so nobody has anything of it.
    Nothing,
    /// Nothing can be taken away now; why.
    Blocked(State),
}

/// Why the group that stands cannot be touched, if so.
pub fn lost(desired: &desired::Unit, observed: &observed::Unit) -> Option<State> {
    let key = &desired.group.key;
    match &observed.group {
        Presence::Duplicates(ids) => Some(several(desired, ids)),
        Presence::KeyMismatch(id) => Some(State::stuck(
            Reason::AdoptionConflict,
            format!(
                "group {id} no longer bears the key {key} as its mailNickname; give it back, or delete that group"
            ),
        )),
        Presence::Living(_) | Presence::Absent { .. } | Presence::Deleted { .. } => {
            ownership::disowned(desired, observed)
        }
    }
}

fn several(desired: &desired::Unit, ids: &[GroupId]) -> State {
    let key = &desired.group.key;
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    State::stuck(
        Reason::AdoptionConflict,
        format!(
            "several groups bear the key {key} as their mailNickname: {}; delete all but one, with what they hold",
            ids.join(", ")
        ),
    )
}

/// Why nothing is given to a group of ours beside which others bear its key, if so. Taking away goes on.
pub fn duplicated(desired: &desired::Unit, observed: &observed::Unit) -> Option<State> {
    let Presence::Living(group) = &observed.group else {
        return None;
    };
    if observed.duplicates.is_empty() {
        return None;
    }
    let mut ids = vec![group.id];
    ids.extend(&observed.duplicates);
    Some(several(desired, &ids))
}

/// Works out what there is to take away from.
pub fn target(
    desired: &desired::Unit,
    observed: &observed::Unit,
    memory: &Memory,
    blocker: Option<&State>,
    needs: &mut Needs,
) -> CleanupTarget {
    if desired.group.lifecycle == Lifecycle::Deleting {
        return of_a_group_that_goes(desired, observed, memory, needs);
    }
    match (lost(desired, observed), &observed.group) {
        (Some(state), _) => CleanupTarget::Blocked(state),
        (None, Presence::Living(group)) => match blocker {
            // A group that was not taken up is not ours to touch.
            Some(state) if desired.group.last_seen != Some(group.id) => {
                CleanupTarget::Blocked(state.clone())
            }
            _ => CleanupTarget::Ready(group.id),
        },
        // Nobody has anything of it now, but a restore brings back what it held.
        (None, Presence::Deleted { group, .. }) => CleanupTarget::Blocked(State::waiting(
            Reason::WaitingForDependency,
            format!(
                "group {} lies among the deleted items; what it held is taken away once it is restored",
                group.id
            ),
        )),
        (None, _) => missing(desired, observed),
    }
}

/// What there is to take away from a group whose object is being deleted. An object that never took a group up goes
/// alone: what bears its key may be what a cluster before this one made, or what the boundary keeps from it.
fn of_a_group_that_goes(
    desired: &desired::Unit,
    observed: &observed::Unit,
    memory: &Memory,
    needs: &mut Needs,
) -> CleanupTarget {
    let has_nothing = desired.group.last_seen.is_none()
        && desired
            .group
            .pending
            .is_none_or(|pending| !is_memory(pending.since, observed.now));
    match &observed.group {
        // What belongs to another object goes with that one.
        _ if has_nothing || ownership::rival(desired, observed).is_some() => CleanupTarget::Nothing,
        Presence::Living(group) => {
            match adoption::at_deletion(desired, observed, group.id, needs) {
                Adoption::Foreign => CleanupTarget::Nothing,
                Adoption::Unread => CleanupTarget::Blocked(State::waiting(
                    Reason::DeletionInProgress,
                    "reading whether the group is the one that was being created",
                )),
                Adoption::Adopted => lost(desired, observed)
                    .map_or(CleanupTarget::Ready(group.id), CleanupTarget::Blocked),
            }
        }
        Presence::Deleted { group, since } => deleted(group.id, *since, observed.now, memory),
        Presence::Absent { .. } | Presence::Duplicates(_) | Presence::KeyMismatch(_) => {
            lost(desired, observed)
                .map_or_else(|| missing(desired, observed), CleanupTarget::Blocked)
        }
    }
}

/// What there is to take away from while the group lies among the deleted items. If somebody else put it there, they
/// may think better of it, and a restore brings back what it held: two reads that are a minute apart must find it
/// there.
fn deleted(group: GroupId, since: Timestamp, now: Timestamp, memory: &Memory) -> CleanupTarget {
    match deleted_until(since, now, memory) {
        None => CleanupTarget::Nothing,
        Some(until) => CleanupTarget::Blocked(State::waiting(
            Reason::DeletionInProgress,
            format!(
                "group {group} lies among the deleted items; it counts as gone if that stays so until {until}"
            ),
        )),
    }
}

/// When a deletion of the group can be believed, if it cannot be yet.
pub fn deleted_until(since: Timestamp, now: Timestamp, memory: &Memory) -> Option<Timestamp> {
    let was_us = memory.removed.contains_key(&Held::Group);
    Some(next_whole_second(later(since, APART))).filter(|until| !was_us && *until > now)
}

/// What there is to take away from while no group can be read.
fn missing(desired: &desired::Unit, observed: &observed::Unit) -> CleanupTarget {
    let waiting = |reason, message: String| CleanupTarget::Blocked(State::waiting(reason, message));
    let Presence::Absent { since } = observed.group else {
        return waiting(
            Reason::WaitingForDependency,
            "which group is meant is not certain".to_owned(),
        );
    };
    match doubtful_until(desired, since, observed.now) {
        None => CleanupTarget::Nothing,
        Some(until) => {
            let message = format!(
                "the group cannot be read since {}; it counts as gone if that stays so until {until}",
                next_whole_second(since)
            );
            waiting(Reason::WaitingForReplication, message)
        }
    }
}

/// When an absence of the group can be believed, if it cannot be yet. A group that was seen, or that a creation or
/// restore may have brought, must be missing for several minutes, and reads in the first minute after that write do not
/// count. Whether the answer to a creation was heard makes no difference: somebody has to clear away a second group by
/// hand, with all that it holds.
pub fn doubtful_until(
    desired: &desired::Unit,
    since: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let creation = adoption::creation(desired, now);
    let was_given = desired.group.last_seen.is_some() || adoption::restoring(desired).is_some();
    if !was_given && creation.is_none() {
        return None;
    }
    let from = creation.map_or(since, |creation| later(creation.since, APART).max(since));
    Some(next_whole_second(later(from, GROUP_GONE))).filter(|until| *until > now)
}
