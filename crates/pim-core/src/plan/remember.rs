//! What the objects of a unit remember while its plan is carried out: what their statuses record before a stage, and what
//! its answers say of that. The same rows turn into the same memory, whether they are read back from the API server or
//! carried over within one pass.

use super::stage::Plan;
use crate::action::{GrantVerb, Write};
use crate::desired::{Assignment, Unit};
use crate::knowledge::{Request, Sent};
use crate::role::{BoundRole, Keeping, KeptAs};
use crate::schedule::Key;
use crate::verdict::{Record, Row};

/// Takes what the statuses record by a plan as what the objects remember.
pub fn remember(unit: &mut Unit, plan: &Plan) {
    let record = |object| plan.verdicts.get(&object).map(|verdict| &verdict.record);
    for assignment in &mut unit.assignments {
        if let Some(Record::Assignment(record)) = record(assignment.object()) {
            assignment.memory = record.rows.iter().filter_map(Row::record).collect();
            let revoked = record.rows.iter().filter(|row| row.is_revoked());
            assignment.revoked = revoked.map(|row| row.subject.clone()).collect();
        }
    }
    for binding in &mut unit.bindings {
        if let Some(Record::Binding(record)) = record(binding.object()) {
            binding.sent.clone_from(&record.sent);
            binding.bound.clone_from(&record.role);
            binding.first_bound = record.first_bound;
        }
    }
    if let Some(Record::Group(record)) = record(unit.group.object()) {
        unit.group.last_seen = record.id;
        unit.group.pending = record.pending;
    }
}

/// What the service made of a write is remembered with it. A request that it is still at stays remembered, although the
/// window of what somebody gave by hand meanwhile was changed by another one.
pub fn requested(unit: &mut Unit, write: &Write, request: &Request) {
    let sent = match write {
        Write::Grant { key, .. } => unit
            .assignments
            .iter_mut()
            .filter(|one| is_of(one, *key))
            .filter_map(|one| one.sent_mut(key.principal))
            .max_by_key(|sent| sent.at),
        Write::BindRole { role, .. } => sent_for_role(unit, role),
        _ => None,
    };
    if let Some(sent) = sent.filter(|sent| !sent.is_underway()) {
        sent.request = Some(request.clone());
    }
}

fn sent_for_role<'a>(unit: &'a mut Unit, role: &BoundRole) -> Option<&'a mut Sent> {
    let mut bindings = unit.bindings.iter_mut();
    let binding = bindings.find(|one| one.bound().as_ref() == Some(role));
    binding?.sent.as_mut()
}

fn is_of(assignment: &Assignment, key: Key) -> bool {
    assignment.kind == key.kind && assignment.access == key.access
}

/// What surely had no effect was not sent: nothing is remembered of it, but what was remembered `before` it stays. An
/// earlier try of the same may have had an effect.
pub fn never_sent(unit: &mut Unit, before: &Unit, write: &Write) {
    match write {
        Write::CreateGroup(_) | Write::RestoreGroup(_) => unit.group.pending = before.group.pending,
        Write::BindRole { role, verb, .. } => forget_role(unit, before, role, *verb),
        Write::Grant {
            key,
            verb: GrantVerb::Assign,
            ..
        } => forget_access(unit, before, *key),
        _ => {}
    }
}

/// What existed already was not made by this write. Where the service keeps plain assignments beside schedules it may be one of
/// somebody else, so nothing is remembered but an earlier try.
pub fn existed(unit: &mut Unit, before: &Unit, write: &Write) {
    if let Write::BindRole { role, by, .. } = write
        && *by == KeptAs::Schedule
        && role.target.system.keeping == Keeping::Both
    {
        never_sent(unit, before, write);
    }
}

/// A role that was to be changed stays bound.
fn forget_role(unit: &mut Unit, before: &Unit, role: &BoundRole, verb: GrantVerb) {
    for binding in &mut unit.bindings {
        let known = before.bindings.iter().find(|one| one.name == binding.name);
        if binding.bound().as_ref() == Some(role)
            && let Some(known) = known
        {
            if verb == GrantVerb::Assign {
                binding.bound.clone_from(&known.bound);
                binding.first_bound = known.first_bound;
            }
            binding.sent.clone_from(&known.sent);
        }
    }
}

fn forget_access(unit: &mut Unit, before: &Unit, key: Key) {
    for assignment in unit.assignments.iter_mut().filter(|one| is_of(one, key)) {
        let object = assignment.object();
        let known = before.assignments.iter().find(|one| one.object() == object);
        let known = known.into_iter().flat_map(|one| &one.memory);
        let of_principal = known.filter(|record| record.principal == key.principal);
        assignment
            .memory
            .retain(|record| record.principal != key.principal);
        assignment.memory.extend(of_principal.cloned());
    }
}
