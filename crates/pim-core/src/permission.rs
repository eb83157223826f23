//! How much power in a tenant the permissions of an application amount to. Which permissions those are is the client's
//! business; what the operator does with them is told by these names in status and documentation.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much an application may do. Each profile can do what the ones before it can.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline)]
pub enum PermissionProfile {
    /// It reads groups, access and PIM settings, and changes nothing.
    Observe,
    /// It gives and takes access to groups that exist.
    Assign,
    /// It changes the PIM settings of groups, too.
    Govern,
    /// It makes, renames, restores and deletes groups, too.
    Own,
}

impl PermissionProfile {
    /// Every profile, the weakest first.
    pub const ALL: [Self; 4] = [Self::Observe, Self::Assign, Self::Govern, Self::Own];
}

impl fmt::Display for PermissionProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What an application may do beside its profile: with the roles of one system, or with what groups are in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[schemars(inline)]
pub enum PermissionAddOn {
    /// It gives groups directory roles.
    DirectoryRoles,
    /// It gives groups roles of applications.
    AppRoles,
    /// It gives groups roles of Intune.
    IntuneRoles,
    /// It puts groups into administrative units.
    AdministrativeUnits,
}

impl fmt::Display for PermissionAddOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
