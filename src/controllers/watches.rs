//! Which change wakes what. A change of any object wakes its group; a change of what is of the cluster
//! wakes all groups that name it.

use std::collections::HashMap;

use kube::runtime::reflector::ObjectRef;
use pim_api::{AccessBoundary, EntraTenant, PolicyTemplate, PrivilegedGroup};
use pim_core::desired::{Object, ObjectKind};
use pim_core::ids::ObjectName;
use tokio::sync::mpsc;

use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::wish::{Uid, object_name, uid};
use crate::resolve::{nesting, rivals};

/// Queues objects for the controllers.
#[derive(Clone)]
pub struct Waker {
    groups: mpsc::UnboundedSender<ObjectRef<PrivilegedGroup>>,
    members: mpsc::UnboundedSender<Object>,
    tenants: mpsc::UnboundedSender<ObjectRef<EntraTenant>>,
    boundaries: mpsc::UnboundedSender<ObjectRef<AccessBoundary>>,
    templates: mpsc::UnboundedSender<ObjectRef<PolicyTemplate>>,
}

/// The receiving ends of the queues of [`Waker`].
pub struct Wakes {
    /// Groups to reconcile.
    pub groups: mpsc::UnboundedReceiver<ObjectRef<PrivilegedGroup>>,
    /// Bindings and assignments whose group may not exist.
    pub members: mpsc::UnboundedReceiver<Object>,
    /// Tenants to reconcile.
    pub tenants: mpsc::UnboundedReceiver<ObjectRef<EntraTenant>>,
    /// Boundaries whose counts are to be made anew.
    pub boundaries: mpsc::UnboundedReceiver<ObjectRef<AccessBoundary>>,
    /// Templates whose counts are to be made anew.
    pub templates: mpsc::UnboundedReceiver<ObjectRef<PolicyTemplate>>,
}

impl Waker {
    /// A waker and its other ends.
    pub fn new() -> (Self, Wakes) {
        let (groups, woken_groups) = mpsc::unbounded_channel();
        let (members, woken_members) = mpsc::unbounded_channel();
        let (tenants, woken_tenants) = mpsc::unbounded_channel();
        let (boundaries, woken_boundaries) = mpsc::unbounded_channel();
        let (templates, woken_templates) = mpsc::unbounded_channel();
        let wakes = Wakes {
            groups: woken_groups,
            members: woken_members,
            tenants: woken_tenants,
            boundaries: woken_boundaries,
            templates: woken_templates,
        };
        (
            Self {
                groups,
                members,
                tenants,
                boundaries,
                templates,
            },
            wakes,
        )
    }

    /// Wakes a group. A closed queue means that the process is stopping.
    pub fn group(&self, name: &ObjectName) {
        let _ = self
            .groups
            .send(ObjectRef::new(&name.name).within(&name.namespace));
    }

    /// Queues what groups name and whose counts are to be made anew; of other kinds nothing counts groups.
    pub fn counts(&self, object: &Object) {
        let name = &object.name.name;
        match object.kind {
            ObjectKind::AccessBoundary => drop(self.boundaries.send(ObjectRef::new(name))),
            ObjectKind::PolicyTemplate => drop(self.templates.send(ObjectRef::new(name))),
            _ => {}
        }
    }

    /// Queues a tenant for a reconcile.
    pub fn tenant(&self, name: &str) {
        let _ = self.tenants.send(ObjectRef::new(name));
    }

    /// Queues an object that names a group, which may not exist.
    fn member(&self, object: Object) {
        let _ = self.members.send(object);
    }

    /// Wakes all groups for which something holds.
    pub fn groups_where(&self, stores: &Stores, holds: impl Fn(&PrivilegedGroup) -> bool) {
        for group in stores.groups.state().iter().filter(|group| holds(group)) {
            self.group(&object_name(&**group));
        }
    }
}

/// What each group named when it last changed.
type References = HashMap<Uid, Vec<Object>>;

/// Wakes everything once, then passes changes on until the watches end.
pub async fn follow(waker: Waker, stores: Stores, changes: &mut mpsc::UnboundedReceiver<Manifest>) {
    // What changed so far is in the stores.
    while changes.try_recv().is_ok() {}
    let mut known = References::new();
    for object in stores.all() {
        pass_on(&waker, &stores, &object, &mut known);
    }
    while let Some(change) = changes.recv().await {
        pass_on(&waker, &stores, &change, &mut known);
    }
}

/// Wakes everything whose writer follows from the claim on a tenant: the tenant and its groups, and what belongs to no tenant.
pub fn claim_changed(waker: &Waker, stores: &Stores, tenant: &str) {
    let has = |object: &Object| stores.get(object).is_some();
    for object in stores.all() {
        match &object {
            Manifest::EntraTenant(_) if object.object().name.name == tenant => waker.tenant(tenant),
            Manifest::EntraTenant(_) => {}
            Manifest::AccessBoundary(_) | Manifest::PolicyTemplate(_) => {
                waker.counts(&object.object());
            }
            Manifest::PrivilegedGroup(group) => {
                if is_of(group, tenant) || !group.spec.references().iter().all(has) {
                    waker.group(&object.object().name);
                }
            }
            _ => {
                let group = object
                    .group()
                    .map(|group| Object::new(ObjectKind::PrivilegedGroup, group));
                if !group.is_some_and(|group| has(&group)) {
                    waker.member(object.object());
                }
            }
        }
    }
}

fn pass_on(waker: &Waker, stores: &Stores, change: &Manifest, known: &mut References) {
    let object = change.object();
    match change {
        Manifest::EntraTenant(_) => waker.tenant(&object.name.name),
        Manifest::AccessBoundary(_) | Manifest::PolicyTemplate(_) => waker.counts(&object),
        Manifest::PrivilegedGroup(group) => group_changed(waker, stores, group, known),
        _ => {}
    }
    if let Some(group) = change.group() {
        waker.member(object.clone());
        waker.group(&group);
        nesting_changed(waker, stores, change, known);
    } else if object.name.namespace.is_empty() {
        waker.groups_where(stores, |group| group.spec.references().contains(&object));
    }
    if let Manifest::AccessBoundary(_) = change {
        // Whom it admits to take over a group decides about whoever claims the same.
        let groups = stores.groups.state();
        let judged = groups
            .iter()
            .filter(|group| group.spec.references().contains(&object));
        judged.for_each(|group| wake_rivals(waker, stores, group));
    }
}

/// Wakes the groups that an assignment names or named as subjects, and all of its namespace that have such subjects: whether
/// groups would be in each other follows from all of them.
fn nesting_changed(waker: &Waker, stores: &Stores, change: &Manifest, known: &mut References) {
    let (object, uid) = (change.object(), change.uid());
    let newest = stores.get(&object);
    let stands = newest.is_some_and(|newest| newest.uid() == uid);
    let namespace = &object.name.namespace;
    let group = |name| {
        Object::new(
            ObjectKind::PrivilegedGroup,
            ObjectName::new(namespace, name),
        )
    };
    let named = nesting::named(stores, change);
    let now: Vec<Object> = named.into_iter().map(group).collect();
    let before = if stands && !now.is_empty() {
        known.insert(uid, now.clone())
    } else {
        known.remove(&uid)
    };
    let before = before.unwrap_or_default();
    if stands && now == before {
        return;
    }
    let all = nesting::remembered(change);
    let all = all.into_iter().map(group).chain(now).chain(before);
    let mut all = all.peekable();
    if all.peek().is_none() {
        return;
    }
    all.for_each(|inner| waker.group(&inner.name));
    for outer in nesting::edges(stores, namespace).into_keys() {
        waker.group(&ObjectName::new(namespace, outer));
    }
}

/// Wakes the other objects that claim the same group, if it is one that somebody names by its id.
fn wake_rivals(waker: &Waker, stores: &Stores, group: &PrivilegedGroup) {
    let Some(id) = rivals::claimed(group) else {
        return;
    };
    waker.groups_where(stores, |other| {
        let is_named = group.spec.adopt.is_some() || other.spec.adopt.is_some();
        is_named && uid(other) != uid(group) && rivals::claimed(other) == Some(id)
    });
}

/// Whether a group is one of a tenant.
pub fn is_of(group: &PrivilegedGroup, tenant: &str) -> bool {
    group.spec.tenant_ref.name == tenant
}

/// A group that comes or goes matters to the objects that name it and to the number of its tenant's groups. Whatever it
/// names, or named before, counts it.
fn group_changed(waker: &Waker, stores: &Stores, group: &PrivilegedGroup, known: &mut References) {
    let (name, references) = (object_name(group), group.spec.references());
    let newest = stores.groups.get(&ObjectRef::from_obj(group));
    let stands = newest.is_some_and(|newest| uid(&*newest) == uid(group));
    let before = if stands {
        known.insert(uid(group), references.clone())
    } else {
        known.remove(&uid(group))
    };
    // Which tenant a group names does not change.
    if stands != before.is_some() {
        waker.tenant(&group.spec.tenant_ref.name);
    }
    waker.group(&name);
    wake_rivals(waker, stores, group);
    for object in references.iter().chain(before.iter().flatten()) {
        waker.counts(object);
    }
    for member in stores.members(&name) {
        waker.member(member.object());
    }
    for (outer, inner) in nesting::edges(stores, &name.namespace) {
        if inner.contains(&name.name) {
            waker.group(&ObjectName::new(&name.namespace, outer));
        }
    }
}
