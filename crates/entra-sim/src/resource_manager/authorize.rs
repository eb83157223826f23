//! What a caller may do at a scope: by the roles that they hold there or above, themselves or through a group, and by what
//! narrows these (learn.microsoft.com: "What is Azure role-based access control", how access is determined; "Delegate Azure
//! role assignment management to others with conditions").

use http::StatusCode;

use super::condition::{Circumstances, Condition, Particulars};
use super::scope::Scope;
use super::state::AzureAssignment;
use crate::behaviours::azure::{AZURE_CONDITION_WORDS, ConditionWords};
use crate::call::Caller;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

/// What somebody is about to do.
pub(super) struct Attempt<'a> {
    /// The action as roles name it.
    pub(super) action: &'static str,
    pub(super) scope: &'a Scope,
    /// What it is done to, if that is not the scope itself: the path below it.
    pub(super) target: Option<String>,
    pub(super) particulars: Particulars,
}

impl<'a> Attempt<'a> {
    pub(super) fn at(action: &'static str, scope: &'a Scope) -> Self {
        Self {
            action,
            scope,
            target: None,
            particulars: Particulars::None,
        }
    }

    /// The same on something below the scope.
    pub(super) fn on(self, collection: &str, name: &str) -> Self {
        let path = format!("/providers/Microsoft.Authorization/{collection}/{name}");
        Self {
            target: Some(path),
            ..self
        }
    }

    /// The same with what conditions look at.
    pub(super) fn with(self, particulars: Particulars) -> Self {
        Self {
            particulars,
            ..self
        }
    }

    /// Whether what narrows a role lets this pass. What can not be read never does.
    fn fits(&self, condition: Option<&str>) -> bool {
        let circumstances = Circumstances {
            action: self.action,
            particulars: &self.particulars,
        };
        condition.is_none_or(|text| {
            matches!(self.particulars, Particulars::Unread)
                || Condition::parse(text).is_ok_and(|one| one.holds(&circumstances))
        })
    }
}

/// Refuses whoever holds no role that allows an action at a scope. A scope that does not exist is refused alike, unless a role
/// reaches to where it would be.
pub(super) fn check(
    tenant: &Tenant,
    caller: &Caller,
    action: &'static str,
    scope: &Scope,
) -> Result<(), GraphError> {
    permit(tenant, caller, &Attempt::at(action, scope))
}

/// The same of what is done to something below a scope, or under a condition.
pub(super) fn permit(
    tenant: &Tenant,
    caller: &Caller,
    attempt: &Attempt<'_>,
) -> Result<(), GraphError> {
    let mut is_narrowed = false;
    for held in reaching(tenant, caller.principal(), attempt.scope) {
        let role = tenant.azure.role(held.role);
        if !role.is_some_and(|role| role.allows(attempt.action)) {
            continue;
        }
        if attempt.fits(held.condition.as_deref()) {
            return Ok(());
        }
        is_narrowed = true;
    }
    Err(refused(tenant, caller, attempt, is_narrowed))
}

fn refused(
    tenant: &Tenant,
    caller: &Caller,
    attempt: &Attempt<'_>,
    is_narrowed: bool,
) -> GraphError {
    let (action, name) = (attempt.action, caller.principal());
    let lacks = match tenant.behaviours.get(&AZURE_CONDITION_WORDS) {
        _ if !is_narrowed => "does not have authorization",
        ConditionWords::Either => "does not have authorization or an ABAC condition not fulfilled",
        ConditionWords::Named => "has an authorization with ABAC condition that is not fulfilled",
    };
    let scope = match &attempt.target {
        Some(target) => format!("{}{target}", attempt.scope.as_str().trim_end_matches('/')),
        None => attempt.scope.to_string(),
    };
    GraphError::new(
        StatusCode::FORBIDDEN,
        "AuthorizationFailed",
        format!(
            "The client '{name}' with object id '{name}' {lacks} to perform action '{action}' over scope '{scope}' or the \
             scope is invalid. If access was recently granted, please refresh your credentials."
        ),
    )
}

/// What somebody holds, themselves or through a group.
pub(super) fn held(tenant: &Tenant, principal: ObjectId) -> impl Iterator<Item = &AzureAssignment> {
    let mut holders = tenant.directory.all_groups_of(principal);
    holders.push(principal);
    let assignments = tenant.azure.assignments.values();
    assignments.filter(move |one| holders.contains(&one.principal))
}

/// What of it holds at a scope: there or above.
pub(super) fn reaching<'a>(
    tenant: &'a Tenant,
    principal: ObjectId,
    scope: &'a Scope,
) -> impl Iterator<Item = &'a AzureAssignment> {
    held(tenant, principal).filter(|one| tenant.azure.covers(&one.scope, scope))
}

/// Whether somebody holds any role at a scope, above it or below it: then they see that it is there.
pub(super) fn sees(tenant: &Tenant, principal: ObjectId, scope: &Scope) -> bool {
    let azure = &tenant.azure;
    let mut held = held(tenant, principal);
    held.any(|one| azure.covers(&one.scope, scope) || azure.covers(scope, &one.scope))
}
