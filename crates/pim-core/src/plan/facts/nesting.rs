//! Groups of objects that are subjects of other groups: which group of the tenant such a name leads to, what speaks against
//! it, and by which way a group would come to be in itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::ownership;
use crate::desired::{Assignability, Assignment, Group, Lifecycle, Unit};
use crate::ids::{GroupId, PrincipalId};
use crate::observed::{Management, Presence};
use crate::principal::{
    Account, GroupFacts, Identity, Names, Principal, PrincipalKind, Resolution,
};
use crate::reason::Reason;
use crate::schedule::{Access, Kind};

/// Which groups each group of a namespace has among its subjects, by the names of their objects.
pub type Edges = BTreeMap<String, BTreeSet<String>>;

/// The shortest way by which a group comes to be in itself if another one is in it: the outer one first and last.
pub fn circle(edges: &Edges, outer: &str, inner: &str) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![outer.to_owned(), inner.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        if last == outer {
            return Some(way);
        }
        if !seen.insert(last.clone()) {
            continue;
        }
        for next in edges.get(last).into_iter().flatten() {
            let further = way.iter().chain([next]).cloned();
            ways.push_back(further.collect());
        }
    }
    None
}

/// What the name of a group leads to that an object declares, as far as that is to be said without a look at the tenant.
pub fn before_reading(outer: &Group, inner: &Group) -> Option<Resolution> {
    let name = &inner.name.name;
    if inner.lifecycle == Lifecycle::Deleting {
        let message = format!(
            "PrivilegedGroup {name} is being deleted, and nobody gets anything through it any more; take it out of spec.subjects"
        );
        return Some(withheld(inner, Reason::WaitingForDependency, message));
    }
    if inner.tenant != outer.tenant {
        let message = format!(
            "PrivilegedGroup {name} is in EntraTenant {}, and this group in {}; name a group of the same tenant",
            inner.tenant, outer.tenant
        );
        return Some(withheld(inner, Reason::InvalidSpec, message));
    }
    if inner.last_seen.is_none() {
        let message = format!("PrivilegedGroup {name} does not exist in the tenant yet");
        return Some(withheld(inner, Reason::WaitingForDependency, message));
    }
    None
}

/// What the name of a group leads to that an object declares: the group that was found in this pass, where it is the one that
/// the object made or took up and bears what proves that.
pub fn resolution(inner: &Group, presence: &Presence, duplicates: &[GroupId]) -> Resolution {
    let name = &inner.name.name;
    let group = match presence {
        Presence::Living(group) if inner.last_seen == Some(group.id) => group,
        Presence::Absent { .. } | Presence::Deleted { .. } => {
            let message = format!("PrivilegedGroup {name} cannot be found in the tenant now");
            return withheld(inner, Reason::WaitingForReplication, message);
        }
        Presence::Living(_) | Presence::Duplicates(_) | Presence::KeyMismatch(_) => {
            return doubtful(inner);
        }
    };
    let is_rivals = ownership::rival_for(inner, Some(group.id)).is_some();
    if is_rivals || !duplicates.is_empty() || group.management != Management::Open {
        return doubtful(inner);
    }
    Resolution::Found(Identity {
        id: group.id.into(),
        kind: PrincipalKind::PrivilegedGroup,
        user_principal_name: None,
        // A group signs in nowhere, so nobody can have switched it off.
        account: Account::Enabled,
        user_type: None,
        group: Some(GroupFacts {
            display_name: group.display_name.clone(),
            assignability: group.assignability,
        }),
        application: None,
    })
}

fn doubtful(inner: &Group) -> Resolution {
    let message = format!(
        "which group of the tenant PrivilegedGroup {} means is not certain now; see its status",
        inner.name.name
    );
    withheld(inner, Reason::WaitingForDependency, message)
}

fn withheld(inner: &Group, reason: Reason, message: String) -> Resolution {
    Resolution::Withheld {
        reason,
        message,
        hint: inner.last_seen.map(PrincipalId::from),
    }
}

/// Why a group cannot be a subject of an assignment at all, if so.
pub fn unsuitable(unit: &Unit, assignment: &Assignment, subject: &Principal) -> Option<String> {
    if !subject.kind.is_group() {
        return None;
    }
    if assignment.access == Access::Owner {
        return Some("a group cannot own a group; list the people".to_owned());
    }
    if assignment.kind == Kind::Active && unit.group.assignability == Assignability::RoleAssignable
    {
        let message = "a group cannot be active in a role-assignable group; declare it in an EligibleAssignment, or list the people";
        return Some(message.to_owned());
    }
    let own = unit.group.last_seen.map(|id| id.to_string());
    if own.is_some_and(|own| own.eq_ignore_ascii_case(&subject.name)) {
        return Some("a group cannot be in itself; take it out of spec.subjects".to_owned());
    }
    let circle = unit.nesting.subjects.get(subject)?.circle.as_ref()?;
    Some(format!(
        "the groups would be in each other: {}; take one of them out of the other's subjects",
        circle.join(" has ")
    ))
}

impl Unit {
    /// Takes over what the names lead to. A group that was made anew is a new principal: what its object was granted before is
    /// remembered under the id that it had, as something that nobody declares any more.
    pub fn meet(&mut self, names: Names) {
        let memories = self.assignments.iter_mut();
        let records = memories.flat_map(|one| one.memory.iter_mut());
        for record in records {
            let is_another = |identity: &Identity| identity.id != record.principal;
            let is_nested = record.subject.kind == PrincipalKind::PrivilegedGroup;
            if is_nested && names.identity(&record.subject).is_some_and(is_another) {
                record.subject = Principal {
                    kind: PrincipalKind::Group,
                    name: record.principal.to_string(),
                };
            }
        }
        self.names = names;
    }
}
