//! What is asked of an object whatever its kind.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Resource;
use pim_core::desired::Object;
use pim_core::ids::ObjectName;

use super::kinds::{CustomKind, Manifest, each_manifest};
use super::wish::{Uid, Wish, object_name, uid, version};

impl Manifest {
    /// What the planner calls it.
    pub fn object(&self) -> Object {
        each_manifest!(self, one => object(&**one))
    }

    /// The group that it names.
    pub fn group(&self) -> Option<ObjectName> {
        let name = each_manifest!(self, one => one.group_name().map(str::to_owned))?;
        Some(ObjectName::new(self.object().name.namespace, name))
    }

    /// What an event is about.
    pub fn reference(&self) -> ObjectReference {
        each_manifest!(self, one => one.object_ref(&()))
    }

    /// What identifies it for as long as it lives.
    pub fn uid(&self) -> Uid {
        each_manifest!(self, one => uid(&**one))
    }

    /// What people want of it now.
    pub fn wish(&self) -> Wish {
        each_manifest!(self, one => Wish::of(&**one))
    }

    /// The version of the object, by which newer ones are told from older ones.
    pub fn version(&self) -> u64 {
        each_manifest!(self, one => version(&**one))
    }

    /// The generation of its spec.
    pub fn generation(&self) -> Option<i64> {
        each_manifest!(self, one => one.meta().generation)
    }

    /// When the object was created in Kubernetes.
    pub fn created(&self) -> Option<Timestamp> {
        each_manifest!(self, one => one.meta().creation_timestamp.as_ref().map(|time| time.0))
    }

    /// Since when it is being deleted.
    pub fn deleting_since(&self) -> Option<Timestamp> {
        each_manifest!(self, one => one.meta().deletion_timestamp.as_ref().map(|time| time.0))
    }

    /// Whether it is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.deleting_since().is_some()
    }
}

/// What the planner calls an object.
pub fn object<K: CustomKind>(object: &K) -> Object {
    Object {
        kind: K::KIND,
        name: object_name(object),
    }
}
