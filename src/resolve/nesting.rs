//! Groups that are subjects of other groups of their namespace, as the manifests and what status remembers say it. Reads no
//! tenant.

use std::collections::{BTreeMap, BTreeSet};

use kube::runtime::reflector::ObjectRef;
use pim_api::{AssignmentStatus, PrivilegedGroup};
use pim_core::desired::Object;
use pim_core::ids::{GroupId, ObjectName, PrincipalId};
use pim_core::plan::nesting::{Edges, circle};
use pim_core::principal::{Principal, PrincipalKind};
use pim_core::reason::ConditionType;

use super::memory;
use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;

/// How a group stands to the other groups of its namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NestedGroups {
    /// The groups that its assignments name, by the names of their objects, each with what its status says.
    pub inner: BTreeMap<String, InnerStatus>,
    /// Subjects by whom the group would come to be in itself, with the way.
    pub circles: BTreeMap<Principal, Vec<String>>,
    /// The objects of other groups that name this one, or remember that they gave it something; of one that is being deleted.
    pub named_by: BTreeSet<Object>,
}

/// What the status of a group says that is to be in another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InnerStatus {
    /// The group that was made for the object or taken up.
    pub id: Option<GroupId>,
    /// Why nobody gets anything through it yet, if so.
    pub unguarded: Option<String>,
}

/// The subjects of an assignment that is not being deleted, and can be read.
fn subjects(manifest: &Manifest) -> &[Principal] {
    match manifest {
        _ if manifest.is_deleting() => &[],
        Manifest::EligibleAssignment(one) if lenient::reason(&**one).is_none() => {
            &one.spec.subjects
        }
        Manifest::ActiveAssignment(one) if lenient::reason(&**one).is_none() => &one.spec.subjects,
        _ => &[],
    }
}

/// The assignments of a namespace.
fn assignments(stores: &Stores, namespace: &str) -> impl Iterator<Item = Manifest> {
    let eligible = stores.eligible.state().into_iter();
    let active = stores.active.state().into_iter();
    let all = eligible
        .map(Manifest::EligibleAssignment)
        .chain(active.map(Manifest::ActiveAssignment));
    all.filter(move |one| one.object().name.namespace == namespace)
}

/// The groups of a namespace by the ids that their status names.
fn by_id(stores: &Stores, namespace: &str) -> BTreeMap<String, String> {
    let groups = stores.groups.state();
    let of_namespace = groups.iter().filter(|group| {
        let name = &group.metadata.namespace;
        name.as_deref() == Some(namespace)
    });
    let named = of_namespace.filter_map(|group| {
        let id = group.status.as_ref()?.external_id?;
        Some((id.to_string(), object_name(&**group).name))
    });
    named.collect()
}

/// The object whose group a subject is, if it is one of the namespace.
fn object_of<'a>(subject: &'a Principal, by_id: &'a BTreeMap<String, String>) -> Option<&'a str> {
    match subject.kind {
        PrincipalKind::PrivilegedGroup => Some(&subject.name),
        PrincipalKind::Group => by_id.get(&subject.name.to_lowercase()).map(String::as_str),
        PrincipalKind::User | PrincipalKind::ServicePrincipal => None,
    }
}

/// The subjects of an assignment who are groups.
fn groups(manifest: &Manifest) -> impl Iterator<Item = &Principal> {
    subjects(manifest).iter().filter(|one| one.kind.is_group())
}

/// The groups of its namespace that an object names as subjects.
pub fn named(stores: &Stores, manifest: &Manifest) -> BTreeSet<String> {
    if groups(manifest).next().is_none() {
        return BTreeSet::new();
    }
    named_among(&by_id(stores, &manifest.object().name.namespace), manifest)
}

fn named_among(by_id: &BTreeMap<String, String>, manifest: &Manifest) -> BTreeSet<String> {
    groups(manifest)
        .filter_map(|subject| object_of(subject, by_id).map(str::to_owned))
        .collect()
}

/// Which groups of a namespace each other one has among its subjects.
pub fn edges(stores: &Stores, namespace: &str) -> Edges {
    let mut edges = Edges::new();
    let mut outer = assignments(stores, namespace)
        .filter(|one| groups(one).next().is_some())
        .peekable();
    if outer.peek().is_none() {
        return edges;
    }
    let by_id = by_id(stores, namespace);
    for assignment in outer {
        let inner = named_among(&by_id, &assignment);
        if let (false, Some(outer)) = (inner.is_empty(), assignment.group()) {
            edges.entry(outer.name).or_default().extend(inner);
        }
    }
    edges
}

/// Finds out how a group stands to the others; `members` are the objects that name it. Who has it in it matters once it is
/// being deleted, and not before.
pub fn gather(
    stores: &Stores,
    statuses: &Statuses,
    group: &PrivilegedGroup,
    members: &[Manifest],
) -> NestedGroups {
    let name = object_name(group);
    let mut found = NestedGroups::default();
    if group.metadata.deletion_timestamp.is_some() {
        let own = statuses.latest(group).external_id;
        found.named_by = named_by(stores, statuses, &name, own);
    }
    let nested: BTreeSet<&Principal> = members.iter().flat_map(groups).collect();
    if nested.is_empty() {
        return found;
    }
    let (edges, by_id) = (
        edges(stores, &name.namespace),
        by_id(stores, &name.namespace),
    );
    for subject in nested {
        let Some(inner) = object_of(subject, &by_id) else {
            continue;
        };
        if let Some(way) = circle(&edges, &name.name, inner) {
            found.circles.insert(subject.clone(), way);
        }
        if subject.kind == PrincipalKind::PrivilegedGroup {
            let reference = ObjectRef::new(inner).within(&name.namespace);
            let group = stores.groups.get(&reference);
            let status = group.map(|group| inner_status(statuses, &group));
            found
                .inner
                .insert(inner.to_owned(), status.unwrap_or_default());
        }
    }
    found
}

/// The objects of other groups that name a group. What was granted to it before and is not taken away yet counts as well: once
/// the group is gone nobody could do that.
fn named_by(
    stores: &Stores,
    statuses: &Statuses,
    name: &ObjectName,
    own: Option<GroupId>,
) -> BTreeSet<Object> {
    let by_id = by_id(stores, &name.namespace);
    let means = |subject: &Principal| object_of(subject, &by_id) == Some(&*name.name);
    let own = own.map(PrincipalId::from);
    let remembers = |status: &AssignmentStatus| {
        let granted = status.subjects.iter().filter(|row| {
            let is_granted = row.first_granted.is_some() && row.principal_id.is_some();
            row.kind.is_group() && is_granted
        });
        let mut granted = granted.map(|row| (&row.name, row.principal_id));
        granted.any(|(called, id)| *called == name.name || id == own)
    };
    let names = |one: &Manifest| {
        let is_remembered = || match one {
            Manifest::EligibleAssignment(one) => statuses.read(&**one, remembers),
            Manifest::ActiveAssignment(one) => statuses.read(&**one, remembers),
            _ => false,
        };
        one.group().as_ref() != Some(name) && (subjects(one).iter().any(means) || is_remembered())
    };
    let all = assignments(stores, &name.namespace);
    all.filter(names).map(|one| one.object()).collect()
}

/// What the status of a group says to those that are to have it among their subjects.
pub fn inner_status(statuses: &Statuses, group: &PrivilegedGroup) -> InnerStatus {
    let status = statuses.latest(group);
    let holds = |kind| {
        let condition = memory::condition(&status.conditions, kind);
        condition.is_some_and(|one| {
            one.status == "True" && one.observed_generation == group.metadata.generation
        })
    };
    let name = object_name(group).name;
    let unguarded = if !holds(ConditionType::Authorized) {
        Some(format!(
            "waiting until its boundary admits PrivilegedGroup {name}, who are to get access through it; see its status"
        ))
    } else if !holds(ConditionType::MemberPolicyApplied) {
        Some(format!(
            "waiting until the member policy of PrivilegedGroup {name} stands as declared; see its status"
        ))
    } else {
        None
    };
    InnerStatus {
        id: status.external_id,
        unguarded,
    }
}

/// The objects of groups whom an assignment remembers to have given something, by the status that it was read with.
pub fn remembered(manifest: &Manifest) -> BTreeSet<String> {
    let status = match manifest {
        Manifest::EligibleAssignment(one) => one.status.as_ref(),
        Manifest::ActiveAssignment(one) => one.status.as_ref(),
        _ => None,
    };
    let rows = status.into_iter().flat_map(|status| &status.subjects);
    rows.filter(|row| row.kind == PrincipalKind::PrivilegedGroup)
        .map(|row| row.name.clone())
        .collect()
}

/// The groups of a namespace that a group's assignments name, or remembered to have given something.
pub fn inner_groups(members: &[Manifest]) -> BTreeSet<String> {
    let named = |member: &Manifest| {
        let subjects = subjects(member).iter();
        let nested = subjects.filter(|one| one.kind == PrincipalKind::PrivilegedGroup);
        let mut all = remembered(member);
        all.extend(nested.map(|one| one.name.clone()));
        all
    };
    members.iter().flat_map(named).collect()
}
