//! Nothing is given on what was not read: before each gift the list of its kind and the policies of the group were
//! asked for and answered, a little while before at most. What the operator knows is its own business; what it asked
//! stands in the tenant's journal.

use std::collections::BTreeMap;

use entra_sim::ids::ObjectId;
use entra_sim::journal::{Effect, Entry, Grant, Target};
use jiff::{SignedDuration, Timestamp};

use crate::harness::APPLICATION;

/// A pass takes no longer, and rests on nothing that was read before it.
const PASS: SignedDuration = SignedDuration::from_mins(3);

const POLICIES: &str = "policyAssignments.list";
const ELIGIBLE: &str = "pimGroups.eligibilitySchedules.list";
const ACTIVE: &str = "pimGroups.assignmentSchedules.list";
const ROLES: &str = "roleAssignmentSchedules.list";

/// The gifts of the operator before which something was not read.
pub fn given_unread(journal: &[Entry]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut reads: Vec<&Entry> = Vec::new();
    let mut created: BTreeMap<ObjectId, Timestamp> = BTreeMap::new();
    for entry in journal {
        if [POLICIES, ELIGIBLE, ACTIVE, ROLES].contains(&entry.operation.as_str()) {
            if entry.status == 200 && !is_of_the_hand(entry) {
                reads.push(entry);
            }
            continue;
        }
        if is_of_the_hand(entry) || entry.method.is_empty() {
            continue;
        }
        let effects = || entry.effects.iter().map(|recorded| &recorded.effect);
        for effect in effects() {
            if let Effect::GroupCreated { group, .. } = effect {
                created.insert(*group, entry.at);
            }
        }
        // A restored group brings back what it held.
        if effects().any(|effect| matches!(effect, Effect::GroupRestored { .. })) {
            continue;
        }
        for (group, list) in effects().filter_map(gift) {
            let since = entry.at - PASS;
            let was_read = |operation: &str| {
                let id = group.to_string();
                let mut reads = reads.iter().rev().take_while(|read| read.at >= since);
                reads.any(|read| read.operation == operation && read.path.contains(&id))
            };
            // Of a group that was just made it is known that it is empty.
            let is_new = created.get(&group).is_some_and(|at| *at >= since);
            for operation in [POLICIES, list] {
                if !(was_read(operation) || operation == list && is_new) {
                    let (at, what) = (entry.at, &entry.operation);
                    complaints.push(format!("{at} {what}: {operation} was not read before"));
                }
            }
        }
    }
    complaints
}

/// Whether an external actor asked for it.
pub fn is_of_the_hand(entry: &Entry) -> bool {
    entry.app_id.is_some_and(|id| id.to_string() == APPLICATION)
}

/// The group that is given something, and the list that shows such gifts.
fn gift(effect: &Effect) -> Option<(ObjectId, &'static str)> {
    let (grant, list): (&Grant, _) = match effect {
        Effect::EligibilityCreated(grant) | Effect::EligibilityChanged(grant) => (grant, ELIGIBLE),
        Effect::ActiveCreated(grant) | Effect::ActiveChanged(grant) => (grant, ACTIVE),
        _ => return None,
    };
    match &grant.target {
        Target::Group { group, .. } => Some((*group, list)),
        Target::DirectoryRole { .. } => Some((grant.principal, ROLES)),
        // Azure has lists of its own, of everybody.
        Target::AzureRole { .. } => None,
    }
}
