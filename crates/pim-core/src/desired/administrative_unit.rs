//! The administrative unit that a group is to be in.

use crate::ids::AdministrativeUnitId;
use crate::reason::Reason;

/// The administrative unit that a group is to be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministrativeUnit {
    /// Its object id.
    pub id: AdministrativeUnitId,
    /// What was found under it.
    pub found: FoundUnit,
}

/// What was found under the id of an administrative unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundUnit {
    /// A unit whose groups can be managed.
    Open,
    /// A unit with restricted management, where the service refuses changes and PIM manages nothing.
    Restricted,
    /// Nothing.
    Missing,
    /// It could not be read, or was not asked for; why, and what is told of it.
    Unread(Reason, String),
}
