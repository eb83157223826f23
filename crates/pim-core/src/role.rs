//! Roles of whatever system a group can hold them in: the one key of a binding. Which systems there are, and how each
//! of them names and scopes its roles, is the business of the operator's providers.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::ids::RoleDefinitionId;
pub use crate::ids::{RoleId, RoleScope};

/// A system whose roles a group can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleSystem {
    /// The field of a binding's spec that names a role of it, for example `directoryRole`.
    pub field: &'static str,
    /// What people call such a role, for example `directory role`.
    pub title: &'static str,
}

impl From<RoleDefinitionId> for RoleId {
    fn from(id: RoleDefinitionId) -> Self {
        Self::new(id.to_string())
    }
}

impl JsonSchema for RoleId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "RoleId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 256})
    }
}

/// What makes a role of a group the same role: of which system, which one, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleTarget {
    /// The system that defines the role.
    pub system: RoleSystem,
    /// The id of the role definition.
    pub role: RoleId,
    /// The scope at which the role holds.
    pub scope: RoleScope,
}

impl fmt::Display for RoleTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.role, self.scope)
    }
}

/// A role as a manifest names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleReference<'a> {
    /// The system that defines the role.
    pub system: RoleSystem,
    /// Name or id of the role.
    pub role: &'a str,
    /// Where it is to hold.
    pub scope: &'a str,
}
