//! Whether the group that an object means is the object's to touch. One that is named by its id bears no key: it is the
//! object's as long as the boundary lists it, looked at anew in every pass. Where this says no, nothing is written at all,
//! not even what would only take away.

use crate::desired::{self, Assignability, GroupClaim};
use crate::ids::GroupId;
use crate::observed::{self, Management, Presence};
use crate::reason::Reason;
use crate::verdict::State;

/// Why the group is not the object's to touch, if so.
pub fn disowned(desired: &desired::Unit, observed: &observed::Unit) -> Option<State> {
    unlisted(desired)
        .or_else(|| rival(desired, observed).map(|claim| conflict(desired, claim)))
        .or_else(|| found(observed).and_then(|group| unmanageable(desired, group)))
}

/// The group as far as it was found, among the deleted items as well.
fn found(observed: &observed::Unit) -> Option<&observed::Group> {
    match &observed.group {
        Presence::Living(group) | Presence::Deleted { group, .. } => Some(group),
        Presence::Absent { .. } | Presence::Duplicates(_) | Presence::KeyMismatch(_) => None,
    }
}

fn unlisted(desired: &desired::Unit) -> Option<State> {
    let id = desired.group.adopt?;
    let message = match &desired.boundary {
        Some(boundary) => boundary.judge_adoption(&desired.group).err()?.message,
        None => format!(
            "AccessBoundary {} admits nothing now, so group {id} is not touched",
            desired.group.boundary
        ),
    };
    Some(State::stuck(Reason::AdoptionRequired, message))
}

/// The object to which the group belongs that this one means, if it is another one. Of several the oldest has it; whoever
/// comes by the key finds it taken by any object that names it, unless it was taken up by this one before.
pub fn rival<'a>(desired: &'a desired::Unit, observed: &observed::Unit) -> Option<&'a GroupClaim> {
    rival_for(&desired.group, found(observed).map(|group| group.id))
}

/// The same of a group that was found under an id, or was not.
pub fn rival_for(own: &desired::Group, found: Option<GroupId>) -> Option<&GroupClaim> {
    let id = own.adopt.or(found)?;
    let has_claim = own.adopt.is_some() || own.last_seen == Some(id);
    let is_older = |claim: &GroupClaim| (claim.created, &claim.object) < (own.created, &own.name);
    let of_group = own.rivals.iter().filter(|claim| claim.group == id);
    let ahead = of_group.filter(|claim| !has_claim || is_older(claim));
    ahead.min_by_key(|claim| (claim.created, &claim.object))
}

/// Nobody learns the names of objects in other namespaces.
fn conflict(desired: &desired::Unit, claim: &GroupClaim) -> State {
    let whose = if claim.object.namespace == desired.group.name.namespace {
        format!("PrivilegedGroup {}", claim.object.name)
    } else {
        "an object in another namespace".to_owned()
    };
    let message = format!(
        "group {} belongs to {whose} already; delete one of the two objects",
        claim.group
    );
    State::stuck(Reason::Conflict, message)
}

/// Why nobody can manage the group by PIM, or not as it is declared.
fn unmanageable(desired: &desired::Unit, group: &observed::Group) -> Option<State> {
    let id: GroupId = group.id;
    let conflict = |message: String| Some(State::stuck(Reason::AdoptionConflict, message));
    match group.management {
        Management::Restricted => {
            return Some(State::stuck(
                Reason::ManagementRestricted,
                format!(
                    "group {id} is in a restricted management unit, where the service refuses every change; take it out of the unit"
                ),
            ));
        }
        Management::Dynamic => {
            return conflict(format!(
                "a rule decides who is a member of group {id}, and PIM does not manage such groups; give it assigned members"
            ));
        }
        Management::Synced => {
            return conflict(format!(
                "group {id} comes from a directory on premises, and PIM does not manage such groups; name a group of the cloud"
            ));
        }
        Management::Distribution => {
            return conflict(format!(
                "group {id} is mail-enabled and no Microsoft 365 group, which PIM does not manage; name a security group"
            ));
        }
        Management::Open => {}
    }
    if desired.group.adopt.is_none() || group.assignability == desired.group.assignability {
        return None;
    }
    let is = match group.assignability {
        Assignability::RoleAssignable => "role-assignable",
        Assignability::Ordinary => "not role-assignable",
    };
    conflict(format!(
        "group {id} is {is}, which the service fixes for ever, and spec.roleAssignable says otherwise; delete and recreate the object"
    ))
}
