//! What a caller may do at a scope: by the roles that they hold there or above, themselves or through a group
//! (learn.microsoft.com: "Azure built-in roles", privileged).

use http::StatusCode;
use uuid::{Uuid, uuid};

use super::scope::Scope;
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

pub(super) const OWNER: Uuid = uuid!("8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
pub(super) const CONTRIBUTOR: Uuid = uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c");
pub(super) const READER: Uuid = uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7");
pub(super) const USER_ACCESS_ADMINISTRATOR: Uuid = uuid!("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9");
pub(super) const RBAC_ADMINISTRATOR: Uuid = uuid!("f58310d9-a9f6-439a-9e8d-f62e7b41a168");

/// An action that has to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Read(&'static str),
    Assign(&'static str),
    /// Of PIM: who only assigns roles does not have it (learn.microsoft.com: pim-apis, Azure resource roles).
    Manage(&'static str),
}

impl Need {
    fn action(self) -> &'static str {
        match self {
            Self::Read(action) | Self::Assign(action) | Self::Manage(action) => action,
        }
    }

    /// Whether a role allows it. Every built-in role reads what it is bound at.
    fn is_met_by(self, role: Uuid) -> bool {
        match self {
            Self::Read(_) => true,
            Self::Assign(_) => {
                [OWNER, USER_ACCESS_ADMINISTRATOR, RBAC_ADMINISTRATOR].contains(&role)
            }
            Self::Manage(_) => [OWNER, USER_ACCESS_ADMINISTRATOR].contains(&role),
        }
    }
}

/// Refuses whoever holds no role that allows something at a scope. A scope that does not exist is refused alike, unless a role
/// reaches to where it would be.
pub(super) fn check(
    tenant: &Tenant,
    caller: &Caller,
    need: Need,
    scope: &Scope,
) -> Result<(), GraphError> {
    if holds(tenant, caller.principal(), scope, |role| {
        need.is_met_by(role)
    }) {
        return Ok(());
    }
    let (action, name) = (need.action(), caller.principal());
    Err(GraphError::new(
        StatusCode::FORBIDDEN,
        "AuthorizationFailed",
        format!(
            "The client '{name}' with object id '{name}' does not have authorization to perform action '{action}' over scope \
             '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        ),
    ))
}

/// Whether somebody holds a role at a scope or above it.
pub(super) fn holds(
    tenant: &Tenant,
    principal: ObjectId,
    scope: &Scope,
    suits: impl Fn(Uuid) -> bool,
) -> bool {
    let mut holders = tenant.directory.all_groups_of(principal);
    holders.push(principal);
    let mut assignments = tenant.azure.assignments.values();
    assignments.any(|one| {
        holders.contains(&one.principal)
            && suits(one.role)
            && tenant.azure.covers(&one.scope, scope)
    })
}

/// Whether somebody holds any role at a scope, above it or below it: then they see that it is there.
pub(super) fn sees(tenant: &Tenant, principal: ObjectId, scope: &Scope) -> bool {
    let mut holders = tenant.directory.all_groups_of(principal);
    holders.push(principal);
    let mut assignments = tenant.azure.assignments.values();
    assignments.any(|one| {
        holders.contains(&one.principal)
            && (tenant.azure.covers(&one.scope, scope) || tenant.azure.covers(scope, &one.scope))
    })
}
