//! A group with all its objects, as they stand in Kubernetes, and what they have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::ResourceExt;
use pim_api::{
    AccessBoundary, Annotation, EntraTenant, PolicyTemplate, PrivilegedGroup, RoleBinding,
};
use pim_core::desired::{Assignability, GroupClaim, ManagementPolicy, Object, ObjectKind, Pause};
use pim_core::ids::ObjectName;

use super::nesting::{self, NestedGroups};
use super::rivals;
use crate::adapters::kinds::{CustomKind, Manifest, Stores};
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;

/// A group with all its objects, as they stand in Kubernetes.
#[derive(Clone)]
pub struct Manifests {
    /// The tenant that the group belongs to.
    pub tenant: Arc<EntraTenant>,
    /// The boundary, if the named one exists.
    pub boundary: Option<Arc<AccessBoundary>>,
    /// The template, if one is named and exists.
    pub template: Option<Arc<PolicyTemplate>>,
    /// The group itself.
    pub group: Arc<PrivilegedGroup>,
    /// Every object that it names, as far as it exists: tenant, boundary, template and groups that are to be in it.
    pub references: Vec<(Object, Option<Manifest>)>,
    /// The objects that name it.
    pub members: Vec<Manifest>,
    /// The other objects that claim the same group of the tenant, or may.
    pub rivals: Vec<GroupClaim>,
    /// How it stands to the other groups of its namespace.
    pub nested: NestedGroups,
    /// The groups that its assignments name, by the names of their objects.
    pub inner: BTreeMap<String, InnerGroup>,
}

/// The values of the resync annotation that concern a group; empty without any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedResync {
    /// The group's own.
    pub of_group: String,
    /// Its tenant's.
    pub of_tenant: String,
}

/// A group that assignments of another one name.
#[derive(Clone)]
pub enum InnerGroup {
    /// No object bears the name.
    Missing,
    /// Its tenant is declared nowhere.
    WithoutTenant,
    /// What speaks about it.
    There(Box<Manifests>),
}

impl InnerGroup {
    /// What speaks about it, if it is there.
    pub fn manifests(&self) -> Option<&Manifests> {
        match self {
            Self::There(manifests) => Some(manifests),
            Self::Missing | Self::WithoutTenant => None,
        }
    }
}

impl Manifests {
    /// Collects everything that speaks about a group and those that are to be in it; without its tenant, which is named, there
    /// is nothing to be done.
    pub fn gather(
        stores: &Stores,
        statuses: &Statuses,
        group: &Arc<PrivilegedGroup>,
    ) -> Option<Self> {
        let mut manifests = Self::alone(stores, group)?;
        manifests.nested = nesting::gather(stores, statuses, group, &manifests.members);
        let namespace = object_name(&**group).namespace;
        for name in manifests.nested.inner.keys() {
            let object = ObjectName::new(&namespace, name);
            let object = Object::new(ObjectKind::PrivilegedGroup, object);
            let found = stores.get(&object);
            let inner = match &found {
                Some(Manifest::PrivilegedGroup(inner)) => Self::alone(stores, inner)
                    .map_or(InnerGroup::WithoutTenant, |inner| {
                        InnerGroup::There(Box::new(inner))
                    }),
                _ => InnerGroup::Missing,
            };
            manifests.inner.insert(name.clone(), inner);
            manifests.references.push((object, found));
        }
        Some(manifests)
    }

    /// What speaks about a group itself.
    fn alone(stores: &Stores, group: &Arc<PrivilegedGroup>) -> Option<Self> {
        let (mut tenant, mut boundary, mut template) = (None, None, None);
        let mut references = Vec::new();
        for object in group.spec.references() {
            let found = stores.get(&object);
            match &found {
                Some(Manifest::EntraTenant(one)) => tenant = Some(Arc::clone(one)),
                Some(Manifest::AccessBoundary(one)) => boundary = Some(Arc::clone(one)),
                Some(Manifest::PolicyTemplate(one)) => template = Some(Arc::clone(one)),
                _ => {}
            }
            references.push((object, found));
        }
        let tenant = tenant?;
        Some(Self {
            rivals: rivals::of(stores, group, &tenant),
            tenant,
            boundary,
            template,
            references,
            members: stores.members(&object_name(&**group)),
            group: Arc::clone(group),
            nested: NestedGroups::default(),
            inner: BTreeMap::new(),
        })
    }

    /// Every object, the group last: in the order in which they are let go.
    pub fn all(&self) -> impl Iterator<Item = Manifest> + '_ {
        let group = Manifest::PrivilegedGroup(Arc::clone(&self.group));
        self.members.iter().cloned().chain([group])
    }

    /// The role bindings among the members.
    pub fn bindings(&self) -> impl Iterator<Item = &RoleBinding> {
        self.members.iter().filter_map(|member| match member {
            Manifest::RoleBinding(object) => Some(&**object),
            _ => None,
        })
    }

    /// Whether the group can hold directory roles.
    pub fn assignability(&self) -> Assignability {
        if self.group.spec.role_assignable {
            Assignability::RoleAssignable
        } else {
            Assignability::Ordinary
        }
    }

    /// Whether an object of the group is paused. What is being deleted does not pause, and a paused group pauses the
    /// others.
    pub fn pause<K: CustomKind>(&self, object: &K) -> Pause {
        if object.meta().deletion_timestamp.is_some() {
            Pause::Running
        } else if asks_for_pause(object) {
            Pause::Paused
        } else if asks_for_pause(&*self.group) {
            Pause::WithItsGroup
        } else {
            Pause::Running
        }
    }

    /// Whether nothing is written for an object of the group, because it is paused or its tenant is only observed.
    pub fn is_at_rest<K: CustomKind>(&self, object: &K) -> bool {
        self.tenant.spec.management_policy == ManagementPolicy::Observe
            || self.pause(object) != Pause::Running
    }

    /// The values of the resync annotation that concern the group.
    pub fn asked_resync(&self) -> AskedResync {
        let of = |annotations: &BTreeMap<String, String>| {
            let asked = annotations.get(Annotation::Resync.key()).cloned();
            asked.unwrap_or_default()
        };
        AskedResync {
            of_group: of(self.group.annotations()),
            of_tenant: of(self.tenant.annotations()),
        }
    }
}

/// Whether an annotation asks for a pause. Whoever writes one is in a hurry, so every value but `false` counts.
pub fn asks_for_pause<K: CustomKind>(object: &K) -> bool {
    let asked = object.annotations().get(Annotation::Paused.key());
    asked.is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}
