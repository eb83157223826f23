//! The systems whose roles a group can hold, and what a boundary lists of each: the places in the core that know a system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admission::clean_texts;
use crate::role::RoleSystem;

impl RoleSystem {
    /// The roles of Entra ID itself, which manifests name under `directoryRole`.
    pub const DIRECTORY: Self = Self {
        field: "directoryRole",
        title: "directory role",
    };
}

/// The roles that groups may hold. A list that is left out admits none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct RoleLists {
    /// The directory roles that the groups may hold.
    #[serde(default)]
    #[schemars(length(max = 50), extend("x-kubernetes-list-type" = "atomic"))]
    pub directory_roles: Vec<DirectoryRoles>,
}

/// Some directory roles at some scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct DirectoryRoles {
    /// Names or ids of role definitions.
    #[schemars(length(min = 1, max = 100), inner(length(min = 1, max = 256)), extend("x-kubernetes-list-type" = "set"), transform = clean_texts)]
    pub roles: Vec<String>,
    /// Where they may hold: `/` is the whole tenant.
    #[schemars(length(min = 1, max = 1), inner(length(max = 1), regex(pattern = "^/$")), extend("x-kubernetes-list-type" = "set"))]
    pub scopes: Vec<String>,
    /// How the group may hold them: `Active` means all the time.
    #[schemars(length(min = 1, max = 1), extend("x-kubernetes-list-type" = "set"))]
    pub assignments: Vec<RoleHolding>,
}

/// How a group holds a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum RoleHolding {
    /// The group holds it all the time, people activate the group.
    #[default]
    Active,
}

/// Some roles of one system at some scopes, whichever list of the rules they stand in.
#[derive(Debug, Clone, Copy)]
pub struct RoleList<'a> {
    /// The system that defines the roles.
    pub system: RoleSystem,
    /// Names or ids of roles.
    pub roles: &'a [String],
    /// The scopes at which the group may hold them.
    pub scopes: &'a [String],
    /// How the group may hold them.
    pub assignments: &'a [RoleHolding],
}

impl RoleLists {
    /// Every list, whatever its system.
    pub fn all(&self) -> impl Iterator<Item = RoleList<'_>> {
        self.directory_roles.iter().map(|list| RoleList {
            system: RoleSystem::DIRECTORY,
            roles: &list.roles,
            scopes: &list.scopes,
            assignments: &list.assignments,
        })
    }

    /// The field in which the roles of a system are listed, if there is one.
    pub fn field_of(system: RoleSystem) -> Option<&'static str> {
        (system == RoleSystem::DIRECTORY).then_some("spec.directoryRoles")
    }
}
