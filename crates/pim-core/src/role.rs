//! Roles of whatever system a group can hold them in: the one key of a binding. Which systems there are, and how each
//! of them names and scopes its roles, is the business of the operator's providers.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::ids::RoleDefinitionId;
pub use crate::ids::{RoleId, RoleScope};
use crate::schedule::Kind;

/// A system whose roles a group can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleSystem {
    /// The field of a binding's spec that names a role of it, for example `directoryRole`.
    pub field: &'static str,
    /// What people call such a role, for example `directory role`.
    pub title: &'static str,
    /// Which groups can hold one.
    pub holders: Holders,
    /// How its scopes are written.
    pub scopes: ScopeForm,
    /// What the service keeps of roles that were bound.
    pub keeping: Keeping,
    /// Under which terms a role is held, beyond that it is.
    pub terms: &'static RoleTerms,
}

/// What there is to an assignment of a role beyond role, scope and window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleTerms {
    /// What they are called below the field of the role, for example `condition`.
    pub field: &'static str,
    /// How it is told that there are none.
    pub none: &'static str,
}

impl RoleTerms {
    /// A condition that narrows the role.
    pub const CONDITION: Self = Self {
        field: "condition",
        none: "none",
    };
}

/// The pattern of a scope of directory roles as the API server checks it: the whole tenant, an administrative unit, one object.
pub const DIRECTORY_SCOPE_PATTERN: &str =
    "^/(([aA]dministrative[uU]nits/)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$";

impl RoleSystem {
    /// Whether everything that a group holds of it can be listed without knowing where: paths lead to places that must be
    /// asked one by one.
    pub fn is_listed_everywhere(self) -> bool {
        self.scopes != ScopeForm::Path
    }

    /// Whether its roles can begin and end, and a group can be eligible for them: only where the service keeps schedules.
    pub fn has_schedules(self) -> bool {
        self.keeping != Keeping::Assignments
    }
}

/// What a service keeps of the roles that were bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeping {
    /// Schedules, which make assignments.
    Schedules,
    /// Assignments and nothing else.
    Assignments,
    /// An assignment of what is held at once and for ever, a schedule of everything else.
    Both,
}

/// What a service keeps of one role that was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeptAs {
    /// A schedule, which makes an assignment.
    Schedule,
    /// An assignment and nothing else.
    Assignment,
}

/// Which groups can hold the roles of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holders {
    /// Groups that Entra ID calls role-assignable.
    RoleAssignable,
    /// Every security group.
    Anyone,
}

/// How the scopes of a system are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeForm {
    /// As `/` for the whole tenant, or as one object of the directory: `/administrativeUnits/<id>` or `/<id>`.
    Object,
    /// As an id, without regard to case.
    Id,
    /// As ids of groups, joined by commas, without regard to case and order.
    Groups,
    /// As paths, whose segments are compared without regard to case, and each of which holds what lies below it.
    Path,
}

/// The scope that holds everything of a system: asked for, it stands for all that a group holds there.
pub const EVERYWHERE: &str = "/";

impl RoleScope {
    /// A scope of a system, in the one form in which it is compared.
    pub fn of(system: RoleSystem, text: &str) -> Self {
        match system.scopes {
            ScopeForm::Object => Self::new(of_object(text)),
            ScopeForm::Id => Self::new(text.to_lowercase()),
            ScopeForm::Groups => {
                let groups: BTreeSet<String> = text.split(',').map(str::to_lowercase).collect();
                Self::new(Vec::from_iter(groups).join(","))
            }
            ScopeForm::Path => {
                let path = text.trim_end_matches('/').to_lowercase();
                Self::new(if path.is_empty() {
                    "/".to_owned()
                } else {
                    path
                })
            }
        }
    }
}

impl ScopeForm {
    /// Those of the scopes that are listed that admit one. Groups are admitted together: each of them is listed, or `*` is, which
    /// stands for all. A path admits itself and what lies below it, segment by segment; `*` at the end of its last segment stands
    /// for the rest of that segment. A management group is no path to its subscriptions, and what could lead elsewhere on its way
    /// to the service is no path at all.
    pub fn admitting<'a>(self, listed: &'a [String], scope: &RoleScope) -> Vec<&'a String> {
        let those = |admits: &dyn Fn(&str) -> bool| {
            let admitting = listed.iter().filter(|one| admits(one));
            admitting.collect()
        };
        let is = |one: &str| one.eq_ignore_ascii_case(scope.as_str());
        match self {
            Self::Object => those(&|one| one == "/" || is(one)),
            Self::Id => those(&is),
            Self::Groups if are_listed(listed, scope) => listed.iter().collect(),
            Self::Groups => Vec::new(),
            Self::Path => {
                let scope = scope.as_str().to_lowercase();
                those(&|one| admits_path(&one.to_lowercase(), &scope))
            }
        }
    }
}

/// Whether all groups of a scope are listed.
fn are_listed(listed: &[String], scope: &RoleScope) -> bool {
    let mut groups = scope.as_str().split(',');
    groups.all(|group| {
        let mut listed = listed.iter();
        listed.any(|one| one == "*" || one.eq_ignore_ascii_case(group))
    })
}

/// The service compares ids without regard to case, and people do not write it.
fn of_object(text: &str) -> String {
    const UNITS: &str = "/administrativeUnits/";
    let lower = text.to_lowercase();
    match lower.strip_prefix(&UNITS.to_lowercase()) {
        Some(id) => format!("{UNITS}{id}"),
        None => lower,
    }
}

fn admits_path(listed: &str, scope: &str) -> bool {
    let segments = |path: &str| -> Vec<String> {
        let all = path.split('/').filter(|segment| !segment.is_empty());
        all.map(str::to_owned).collect()
    };
    let (listed, scope) = (segments(listed), segments(scope));
    let leads_elsewhere =
        |segment: &String| segment.ends_with('.') || segment.contains(['%', '\\', '?', '#', '*']);
    if scope.iter().any(leads_elsewhere) {
        return false;
    }
    let Some((last, above)) = listed.split_last() else {
        return true;
    };
    let Some((there, _)) = scope.get(above.len()..).and_then(<[String]>::split_first) else {
        return false;
    };
    let is_last = match last.strip_suffix('*') {
        Some(beginning) => there.starts_with(beginning),
        None => there == last,
    };
    is_last && scope.starts_with(above)
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

/// A role as a group is bound to it: which one and where, and whether its members must activate it first. The key of a
/// binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundRole {
    /// Which role, and at which scope.
    pub target: RoleTarget,
    /// Whether the group is eligible for the role or active in it.
    pub kind: Kind,
}

impl fmt::Display for BoundRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.target)
    }
}

/// A role as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleReference<'a> {
    /// The system that defines the role.
    pub system: RoleSystem,
    /// Name or id of the role.
    pub role: &'a str,
    /// Where it is to hold.
    pub scope: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    mod properties;

    use super::*;

    #[test]
    fn groups_are_the_same_scope_in_every_order_and_are_admitted_together() {
        let scope = |text| RoleScope::of(RoleSystem::INTUNE, text);
        assert_eq!(scope("B,a,b"), scope("a,b"));
        let admits = |listed: &[&str], text| {
            let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
            !ScopeForm::Groups
                .admitting(&listed, &scope(text))
                .is_empty()
        };
        assert!(admits(&["A", "b", "c"], "b,a"));
        assert!(admits(&["*"], "b,a"));
        assert!(!admits(&["a"], "a,b"), "b is not listed");
        assert!(!admits(&[], "a"));
    }

    #[test]
    fn a_path_admits_itself_and_what_lies_below_it_segment_by_segment() {
        let admits = |listed: &str, scope: &str| {
            let scope = RoleScope::of(RoleSystem::AZURE, scope);
            let listed = [listed.to_owned()];
            !ScopeForm::Path.admitting(&listed, &scope).is_empty()
        };
        for (listed, scope) in [
            ("/subscriptions/1", "/subscriptions/1"),
            ("/subscriptions/1", "/SUBSCRIPTIONS/1/resourcegroups/a/"),
            (
                "/subscriptions/1/resourceGroups/pay-*",
                "/subscriptions/1/resourceGroups/PAY-eu",
            ),
            (
                "/subscriptions/1/resourceGroups/pay-*",
                "/subscriptions/1/resourceGroups/pay-eu/providers/Microsoft.KeyVault/vaults/kv",
            ),
            ("/", "/subscriptions/1"),
        ] {
            assert!(admits(listed, scope), "{listed} admits {scope}");
        }
        for (listed, scope) in [
            ("/subscriptions/1", "/subscriptions/12"),
            ("/subscriptions/1/resourceGroups/a", "/subscriptions/1"),
            (
                "/subscriptions/1/resourceGroups/pay-*",
                "/subscriptions/2/resourceGroups/pay-eu",
            ),
            (
                "/subscriptions/1/resourceGroups/*/x",
                "/subscriptions/1/resourceGroups/a/x",
            ),
            (
                "/subscriptions/1",
                "/providers/Microsoft.Management/managementGroups/1",
            ),
            (
                "/subscriptions/1/resourceGroups/pay-*",
                "/subscriptions/1/resourceGroups/pay-x/../../../2",
            ),
            ("/subscriptions/1", "/subscriptions/1/resourceGroups/."),
            (
                "/subscriptions/1",
                "/subscriptions/1/resourceGroups/a%2f..%2fb",
            ),
            (
                "/subscriptions/1",
                "/subscriptions/1/resourceGroups/a\\..\\b",
            ),
        ] {
            assert!(!admits(listed, scope), "{listed} does not admit {scope}");
        }
    }
}
