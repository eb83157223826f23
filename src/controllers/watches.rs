//! Which change wakes what. A change of any object wakes its group; a change of a boundary or a tenant wakes all groups
//! that name it.

use std::collections::HashSet;

use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use pim_api::{
    AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PrivilegedGroup, RoleBinding,
};
use pim_core::ids::ObjectName;
use tokio::sync::mpsc;

use super::context::Sender;
use crate::adapters::cluster::{Change, Stores};
use crate::adapters::kinds::{Uid, uid};

/// An object that names a group.
#[derive(Debug, Clone)]
pub enum Dependent {
    /// A role binding.
    Binding(ObjectRef<RoleBinding>),
    /// An eligible assignment.
    Eligible(ObjectRef<EligibleAssignment>),
    /// An active assignment.
    Active(ObjectRef<ActiveAssignment>),
}

/// Wakes controllers.
#[derive(Clone)]
pub struct Waker {
    groups: Sender<ObjectRef<PrivilegedGroup>>,
    dependents: Sender<Dependent>,
    tenants: Sender<ObjectRef<EntraTenant>>,
    boundaries: Sender<ObjectRef<AccessBoundary>>,
}

/// The other ends.
pub struct Wakes {
    /// Groups to work on.
    pub groups: mpsc::UnboundedReceiver<ObjectRef<PrivilegedGroup>>,
    /// Objects that may have no group.
    pub dependents: mpsc::UnboundedReceiver<Dependent>,
    /// Tenants to look at.
    pub tenants: mpsc::UnboundedReceiver<ObjectRef<EntraTenant>>,
    /// Boundaries to count.
    pub boundaries: mpsc::UnboundedReceiver<ObjectRef<AccessBoundary>>,
}

impl Waker {
    /// A waker and its other ends.
    pub fn new() -> (Self, Wakes) {
        let (groups, woken_groups) = mpsc::unbounded_channel();
        let (dependents, woken_dependents) = mpsc::unbounded_channel();
        let (tenants, woken_tenants) = mpsc::unbounded_channel();
        let (boundaries, woken_boundaries) = mpsc::unbounded_channel();
        let wakes = Wakes {
            groups: woken_groups,
            dependents: woken_dependents,
            tenants: woken_tenants,
            boundaries: woken_boundaries,
        };
        (
            Self {
                groups,
                dependents,
                tenants,
                boundaries,
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

    /// Has a boundary counted again.
    pub fn boundary(&self, name: &str) {
        let _ = self.boundaries.send(ObjectRef::new(name));
    }

    /// Has a tenant looked at.
    pub fn tenant(&self, name: &str) {
        let _ = self.tenants.send(ObjectRef::new(name));
    }

    fn dependent(&self, dependent: Dependent) {
        let _ = self.dependents.send(dependent);
    }

    /// Wakes all groups for which something holds.
    pub fn groups_where(&self, stores: &Stores, holds: impl Fn(&PrivilegedGroup) -> bool) {
        for group in stores.groups.state().iter().filter(|group| holds(group)) {
            self.group(&ObjectName::new(
                group.namespace().unwrap_or_default(),
                group.name_any(),
            ));
        }
    }
}

/// Passes changes on until the watches end.
pub async fn follow(waker: Waker, stores: Stores, mut changes: mpsc::UnboundedReceiver<Change>) {
    let mut groups = HashSet::new();
    while let Some(change) = changes.recv().await {
        match change {
            Change::Tenant(tenant) => {
                let name = tenant.name_any();
                waker.tenant(&name);
                waker.groups_where(&stores, |group| group.spec.tenant_ref.name == name);
            }
            Change::Boundary(boundary) => {
                let name = boundary.name_any();
                waker.boundary(&name);
                waker.groups_where(&stores, |group| group.spec.boundary_ref.name == name);
            }
            Change::Group(group) => {
                if comes_or_goes(&stores, &group, &mut groups) {
                    waker.tenant(&group.spec.tenant_ref.name);
                }
                group_changed(&waker, &stores, &group);
            }
            Change::Binding(object) => {
                waker.dependent(Dependent::Binding(ObjectRef::from_obj(&*object)));
                waker.group(&referred(&*object, &object.spec.group_ref.name));
            }
            Change::Eligible(object) => {
                waker.dependent(Dependent::Eligible(ObjectRef::from_obj(&*object)));
                waker.group(&referred(&*object, &object.spec.group_ref.name));
            }
            Change::Active(object) => {
                waker.dependent(Dependent::Active(ObjectRef::from_obj(&*object)));
                waker.group(&referred(&*object, &object.spec.group_ref.name));
            }
        }
    }
}

fn referred<K: ResourceExt>(object: &K, group: &str) -> ObjectName {
    ObjectName::new(object.namespace().unwrap_or_default(), group)
}

/// Whether the number of a tenant's groups changes. Which tenant a group names does not.
fn comes_or_goes(stores: &Stores, group: &PrivilegedGroup, known: &mut HashSet<Uid>) -> bool {
    let newest = stores.groups.get(&ObjectRef::from_obj(group));
    if newest.is_some_and(|newest| uid(&*newest) == uid(group)) {
        known.insert(uid(group))
    } else {
        known.remove(&uid(group))
    }
}

/// A group that comes or goes matters to the objects that name it, and to the counts of its boundary.
fn group_changed(waker: &Waker, stores: &Stores, group: &PrivilegedGroup) {
    let name = ObjectName::new(group.namespace().unwrap_or_default(), group.name_any());
    waker.group(&name);
    waker.boundary(&group.spec.boundary_ref.name);
    let names = |namespace: Option<String>, reference: &str| {
        namespace.as_deref() == Some(name.namespace.as_str()) && reference == name.name
    };
    for object in stores
        .bindings
        .state()
        .iter()
        .filter(|object| names(object.namespace(), &object.spec.group_ref.name))
    {
        waker.dependent(Dependent::Binding(ObjectRef::from_obj(&**object)));
    }
    for object in stores
        .eligible
        .state()
        .iter()
        .filter(|object| names(object.namespace(), &object.spec.group_ref.name))
    {
        waker.dependent(Dependent::Eligible(ObjectRef::from_obj(&**object)));
    }
    for object in stores
        .active
        .state()
        .iter()
        .filter(|object| names(object.namespace(), &object.spec.group_ref.name))
    {
        waker.dependent(Dependent::Active(ObjectRef::from_obj(&**object)));
    }
}
