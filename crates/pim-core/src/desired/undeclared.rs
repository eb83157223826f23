//! What happens to what stands in the tenant and is not declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::principal::Principal;

/// What happens to settings that nobody declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Mode {
    /// They go back to the service's defaults.
    #[default]
    Exclusive,
    /// They are left alone.
    Merge,
}

/// What happens to access that stands in the tenant and that no object declares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Undeclared {
    /// Nobody looks for it.
    Ignore,
    /// It is told, and left alone.
    #[default]
    Report,
    /// It is told and taken away.
    Remove,
}

/// What happens to access that stands in the tenant and that no object declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct UndeclaredAccess {
    /// Members and owners past PIM whom no `ActiveAssignment` declares: whoever PIM lists without a beginning, and whoever only
    /// the directory lists, such as service principals and devices. They are looked for once in an hour, and when the tenant
    /// tells of a change. A service principal is taken out only where a second list shows it as well.
    #[serde(default)]
    pub standing: Undeclared,
    /// Eligible members and owners whom no `EligibleAssignment` declares: `Report` tells of them in the condition
    /// `UndeclaredAccess` and in an event, `Remove` takes them out as well, `Ignore` does not look for them.
    #[serde(default)]
    pub eligible: Undeclared,
    /// Members and owners whom PIM has made active and whom no `ActiveAssignment` declares. Whoever has activated an
    /// eligibility is none of them.
    #[serde(default)]
    pub active: Undeclared,
    /// Roles that the group holds and that no `RoleBinding` declares. Azure roles are looked for in the subscriptions and
    /// management groups that bindings of the group name.
    #[serde(default)]
    pub roles: Undeclared,
    /// Who may stay without being declared, as far as the boundary admits them: nobody tells of them or takes them out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 50),
        extend(
            "x-kubernetes-list-type" = "map",
            "x-kubernetes-list-map-keys" = ["kind", "name"],
            "x-kubernetes-validations" = [{
                "rule": "self.all(a, a.kind != 'PrivilegedGroup')",
                "message": "declare a PrivilegedGroup in an EligibleAssignment, or allow the group by its object id (kind: Group)"
            }]
        )
    )]
    pub allowed: Vec<Principal>,
}

impl UndeclaredAccess {
    /// Whether nobody wants to know of anything.
    pub fn is_ignored(&self) -> bool {
        [self.standing, self.eligible, self.active, self.roles] == [Undeclared::Ignore; 4]
    }
}
