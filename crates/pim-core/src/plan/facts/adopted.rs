//! Whether anything may be given to a group that an object names by its id. What a boundary has to cover is judged again
//! in every pass, and such a group is never made: one that is not there is told.

use super::adoption;
use super::cleanup;
use crate::desired::{self, Lifecycle};
use crate::ids::GroupId;
use crate::knowledge::{Needs, Part};
use crate::observed::{self, Presence};
use crate::reason::Reason;
use crate::verdict::State;

/// The lists that show which roles a group holds.
const ROLES: [Part; 3] = [Part::Roles, Part::EligibleRoles, Part::PlainRoles];

/// What is said while they are read.
const READING: &str = "reading which roles the group holds";

/// Why nothing is given to the group that is named by its id, if so.
pub fn blocker(
    desired: &desired::Unit,
    observed: &observed::Unit,
    needs: &mut Needs,
) -> Option<State> {
    let id = desired.group.adopt?;
    if desired.group.lifecycle == Lifecycle::Deleting {
        return None;
    }
    match &observed.group {
        Presence::Living(_) if adoption::is_settled(desired, id) => known(desired, observed, id),
        // What nobody has judged yet, or what a restore brings back.
        Presence::Living(_) => adoption::unknown(desired, observed, (&ROLES, READING), needs)
            .or_else(|| uncovered(desired, observed, id)),
        Presence::Deleted { .. } => from_deleted_items(desired, id),
        Presence::Absent { since } => Some(
            match cleanup::doubtful_until(desired, *since, observed.now) {
                Some(until) => State::waiting(
                    Reason::WaitingForReplication,
                    format!(
                        "group {id} cannot be read; it counts as gone if that stays so until {until}"
                    ),
                ),
                None => State::stuck(
                    Reason::ReferenceNotFound,
                    format!(
                        "there is no group {id}, which spec.adopt names, and none is made in its place; delete this object, or \
                         recreate it without spec.adopt"
                    ),
                ),
            },
        ),
        Presence::Duplicates(_) | Presence::KeyMismatch(_) => None,
    }
}

/// What came up since the group was adopted. Nothing is believed to be held that was not read.
fn known(desired: &desired::Unit, observed: &observed::Unit, id: GroupId) -> Option<State> {
    if never_read(observed).next().is_some() {
        return Some(State::waiting(Reason::Progressing, READING));
    }
    uncovered(desired, observed, id)
}

/// The lists of roles that a pass has to read before anything is given to a group that was adopted before.
pub fn never_read(observed: &observed::Unit) -> impl Iterator<Item = Part> {
    let is_unread = |part: &Part| match part {
        Part::Roles => observed.roles.last().is_none(),
        Part::EligibleRoles => observed.eligible_roles.last().is_none(),
        Part::PlainRoles => observed.plain_roles.last().is_none(),
        _ => false,
    };
    ROLES.into_iter().filter(is_unread)
}

fn uncovered(desired: &desired::Unit, observed: &observed::Unit, id: GroupId) -> Option<State> {
    let denial = adoption::unlisted_role(desired, observed)?;
    let message = format!(
        "group {id}, which spec.adopt names, holds more than is admitted: {}; list it there, or take it away in the tenant",
        denial.message
    );
    Some(State::stuck(Reason::AdoptionRequired, message))
}

/// Only a group that was adopted before is brought back.
fn from_deleted_items(desired: &desired::Unit, id: GroupId) -> Option<State> {
    let was_adopted =
        desired.group.last_seen == Some(id) || adoption::restoring(desired) == Some(id);
    (!was_adopted).then(|| {
        let message = format!(
            "group {id}, which spec.adopt names, lies among the deleted items; restore it to have it adopted"
        );
        State::stuck(Reason::ReferenceNotFound, message)
    })
}
