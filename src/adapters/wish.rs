//! What identifies an object of Kubernetes, and how it is told whether people changed it.

use std::hash::{DefaultHasher, Hash, Hasher};

use kube::{Resource, ResourceExt};
use pim_api::API_GROUP;
use pim_core::ids::ObjectName;

/// Namespace and name of an object.
pub fn object_name<K: Resource>(object: &K) -> ObjectName {
    ObjectName::new(object.namespace().unwrap_or_default(), object.name_any())
}

/// What identifies an object for as long as it lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uid(pub String);

/// The uid of an object.
pub fn uid<K: Resource>(object: &K) -> Uid {
    Uid(object.uid().unwrap_or_default())
}

/// Resource versions of one resource are ordered (kubernetes.io: api-concepts, "Resource versions"); one that is no
/// number counts as oldest.
pub fn version<K: Resource>(object: &K) -> u64 {
    object
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}

/// What people want of one object at one moment: it differs when somebody changed the spec, an annotation that the
/// operator reads, or deleted it. What others note on an object is their business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The uid of the object.
    pub uid: Uid,
    /// The generation of its spec.
    pub generation: i64,
    /// A hash over those annotations that are ours, and over whether the object is being deleted.
    pub written: u64,
}

impl Wish {
    /// The wish as an object bears it now.
    pub fn of<K: Resource>(object: &K) -> Self {
        let mut hasher = DefaultHasher::new();
        let ours = object.annotations().iter().filter(|(key, _)| is_ours(key));
        ours.for_each(|annotation| annotation.hash(&mut hasher));
        object.meta().deletion_timestamp.is_some().hash(&mut hasher);
        Self {
            uid: uid(object),
            generation: object.meta().generation.unwrap_or_default(),
            written: hasher.finish(),
        }
    }
}

fn is_ours(annotation: &str) -> bool {
    annotation
        .strip_prefix(API_GROUP)
        .is_some_and(|rest| rest.starts_with('/'))
}
