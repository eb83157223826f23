//! A group with all its objects, as they stand in Kubernetes, and what they have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::{Resource, ResourceExt};
use pim_api::{
    AccessBoundary, ActiveAssignment, Annotation, EligibleAssignment, EntraTenant, PrivilegedGroup,
    RoleBinding,
};
use pim_core::desired::{Assignability, Object, ObjectKind, Pause};

use crate::adapters::kinds::{Kind, Uid, object_name, uid};

/// A group with all its objects, as they stand in Kubernetes.
#[derive(Clone)]
pub struct Manifests {
    /// The tenant.
    pub tenant: Arc<EntraTenant>,
    /// The boundary, if the named one exists.
    pub boundary: Option<Arc<AccessBoundary>>,
    /// The group.
    pub group: Arc<PrivilegedGroup>,
    /// Its role bindings.
    pub bindings: Vec<Arc<RoleBinding>>,
    /// Its eligible assignments.
    pub eligible: Vec<Arc<EligibleAssignment>>,
    /// Its active assignments.
    pub active: Vec<Arc<ActiveAssignment>>,
}

/// One of the objects of a group.
#[derive(Debug, Clone)]
pub enum Manifest {
    /// A role binding.
    Binding(Arc<RoleBinding>),
    /// An eligible assignment.
    Eligible(Arc<EligibleAssignment>),
    /// An active assignment.
    Active(Arc<ActiveAssignment>),
    /// The group.
    Group(Arc<PrivilegedGroup>),
}

/// Runs the same code for whichever kind an object is of.
#[macro_export]
macro_rules! each_manifest {
    ($manifest:expr, $object:ident => $code:expr) => {
        match $manifest {
            $crate::resolve::Manifest::Binding($object) => $code,
            $crate::resolve::Manifest::Eligible($object) => $code,
            $crate::resolve::Manifest::Active($object) => $code,
            $crate::resolve::Manifest::Group($object) => $code,
        }
    };
}

impl Manifests {
    /// Every object, the group last: in the order in which they are let go.
    pub fn all(&self) -> impl Iterator<Item = Manifest> + '_ {
        let bindings = self.bindings.iter().cloned().map(Manifest::Binding);
        let eligible = self.eligible.iter().cloned().map(Manifest::Eligible);
        let active = self.active.iter().cloned().map(Manifest::Active);
        bindings
            .chain(eligible)
            .chain(active)
            .chain([Manifest::Group(Arc::clone(&self.group))])
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
    pub fn pause<K: Kind>(&self, object: &K) -> Pause {
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

    /// The values of the resync annotation that concern the group: its own, and its tenant's; empty without any.
    pub fn asked_resync(&self) -> String {
        let of = |annotations: &BTreeMap<String, String>| {
            annotations.get(Annotation::Resync.key()).cloned()
        };
        match (of(self.group.annotations()), of(self.tenant.annotations())) {
            (None, None) => String::new(),
            (own, tenants) => format!(
                "{}/{}",
                own.unwrap_or_default(),
                tenants.unwrap_or_default()
            ),
        }
    }
}

impl Manifest {
    /// What the planner calls it.
    pub fn object(&self) -> Object {
        let kind = match self {
            Self::Binding(_) => ObjectKind::RoleBinding,
            Self::Eligible(_) => ObjectKind::EligibleAssignment,
            Self::Active(_) => ObjectKind::ActiveAssignment,
            Self::Group(_) => ObjectKind::PrivilegedGroup,
        };
        Object {
            kind,
            name: each_manifest!(self, object => object_name(&**object)),
        }
    }

    /// What an event is about.
    pub fn reference(&self) -> ObjectReference {
        each_manifest!(self, object => object.object_ref(&()))
    }

    /// What identifies it for as long as it lives.
    pub fn uid(&self) -> Uid {
        each_manifest!(self, object => uid(&**object))
    }

    /// The generation of its spec.
    pub fn generation(&self) -> Option<i64> {
        each_manifest!(self, object => object.meta().generation)
    }

    /// When it was made.
    pub fn created(&self) -> Option<Timestamp> {
        each_manifest!(self, object => object.meta().creation_timestamp.as_ref().map(|time| time.0))
    }

    /// Since when it is being deleted.
    pub fn deleting_since(&self) -> Option<Timestamp> {
        each_manifest!(self, object => object.meta().deletion_timestamp.as_ref().map(|time| time.0))
    }

    /// Whether it is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.deleting_since().is_some()
    }
}

/// Whether an annotation asks for a pause. Whoever writes one is in a hurry, so every value but `false` counts.
fn asks_for_pause<K: Kind>(object: &K) -> bool {
    let asked = object.annotations().get(Annotation::Paused.key());
    asked.is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}
