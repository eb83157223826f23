//! What the metadata of every object says.

use jiff::Timestamp;
use kube::Resource;
use pim_core::desired::Lifecycle;

/// When an object was made.
pub fn created<K: Resource>(object: &K) -> Timestamp {
    object
        .meta()
        .creation_timestamp
        .as_ref()
        .map_or(Timestamp::UNIX_EPOCH, |time| time.0)
}

/// Whether an object is wanted.
pub fn lifecycle<K: Resource>(object: &K) -> Lifecycle {
    if object.meta().deletion_timestamp.is_some() {
        Lifecycle::Deleting
    } else {
        Lifecycle::Living
    }
}
