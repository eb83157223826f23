//! What the groups of some namespaces may be and hold. Closed by default: what no list admits is refused. Pure
//! judgement; what follows from a refusal is the planner's business.
//!
//! One boundary judges everything about a group: the group, its policies, its roles and everybody who gets access.

mod extensions;
mod floor;
mod judge;
mod retention;
mod roles;
mod rules;
mod subjects;
mod violation;

pub use extensions::{CUSTOM_EXTENSIONS, what_to_do as about_unlisted_rules};
pub use floor::{
    ActivationFloor, ApprovalFloor, ApproverNames, ContextFloor, FloorViolation, MultiFactorFloor,
    PolicyFloor, StrongAuthentication,
};
pub use retention::ADOPTABLE;
pub use roles::{AppRoles, AzureRoles, DirectoryRoles, RoleList, RoleLists};
pub use rules::{
    AssignmentLimits, AutoRenewal, BoundaryRules, DurationLimit, GroupLimits, Guests, LeaveBehind,
    OnViolation, OrdinaryGroups, OwnerLimits, SubjectLimits,
};
pub use violation::Admission;

use crate::role::{RoleId, RoleSystem};

/// A boundary with its name and with the ids that its role names lead to.
#[derive(Debug, Clone)]
pub struct Boundary {
    /// The name of the object.
    pub name: String,
    /// The rules that the object declares.
    pub rules: BoundaryRules,
    /// The ids behind each name of a role in its lists. Roles are compared as ids.
    pub role_ids: Vec<NamedRoles>,
}

/// The ids behind one name of a role at one of the scopes that it is listed with. What bears the name elsewhere is another role.
#[derive(Debug, Clone)]
pub struct NamedRoles {
    /// The system in which it was looked up.
    pub system: RoleSystem,
    /// The name or id, as the boundary writes it.
    pub name: String,
    /// The scope, as the boundary writes it.
    pub scope: String,
    /// The ids of the roles that bear it.
    pub ids: Vec<RoleId>,
}

/// Why something is not admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule of the boundary, for metrics: a field path.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

#[cfg(test)]
mod tests;
