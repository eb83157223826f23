//! How the journal words what happens to a role.

use super::privilege::RoleAt;
use crate::ids::ObjectId;
use crate::journal::Effect;

pub(super) fn assigned(grant: RoleAt, principal: ObjectId) -> Effect {
    Effect::RoleAssigned {
        role: grant.role.to_string(),
        principal,
        scope: grant.scope.to_string(),
    }
}

/// A principal holds a role no more.
pub(super) fn unassigned(grant: RoleAt, principal: ObjectId) -> Effect {
    Effect::RoleUnassigned {
        role: grant.role.to_string(),
        principal,
        scope: grant.scope.to_string(),
    }
}
