//! Which roles a group can hold at all.

use crate::role::{Holders, RoleSystem};

/// Whether a group can hold directory roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignability {
    /// The group can hold directory roles; Entra ID calls it role-assignable.
    RoleAssignable,
    /// The group cannot hold directory roles.
    Ordinary,
}

impl Assignability {
    /// Whether such a group can hold roles of a system.
    pub fn admits(self, system: RoleSystem) -> bool {
        self == Self::RoleAssignable || system.holders == Holders::Anyone
    }
}
