//! What objects were before their last changes, as far as lists may still show it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::model::DeletedObject;
use crate::ids::ObjectId;

/// What objects were before their last changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Oldest first.
    pub(super) past: BTreeMap<ObjectId, Vec<Past>>,
}

/// What an object was until it changed.
#[derive(Clone, Debug)]
pub(super) struct Past {
    pub(super) until: Timestamp,
    pub(super) object: DeletedObject,
}
