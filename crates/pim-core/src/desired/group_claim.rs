//! Which other objects claim groups of the same tenant.

use jiff::Timestamp;

use crate::ids::{GroupId, ObjectName};

/// A group that another object names by its id, or has taken up before. Only claims that the other object's boundary
/// admits are among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupClaim {
    /// The object that claims the group.
    pub object: ObjectName,
    /// When that object was made: the older one has the group.
    pub created: Timestamp,
    /// The group.
    pub group: GroupId,
}
