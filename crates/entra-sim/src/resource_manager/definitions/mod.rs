//! Roles of Azure: those that every tenant has, and those that somebody of the tenant has made
//! (learn.microsoft.com: "Role Definitions", REST API 2022-04-01; "Azure custom roles").
//!
//! | Module | What |
//! | --- | --- |
//! | [`role`] | one role |
//! | [`built_in`] | the roles of every tenant |
//! | [`body`] | what a request to write one holds |
//! | [`write`] | making, changing and deleting one |

mod body;
pub(super) mod built_in;
pub(crate) mod role;
pub(super) mod write;

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use self::role::AzureRole;
use super::authorize::{check, held};
use super::filter::{Part, parse, unsupported};
use super::scope::{Scope, ScopeLevel};
use super::state::AzureState;
use crate::call::Caller;
use crate::error::GraphError;
use crate::state::Tenant;

const READS: &str = "Microsoft.Authorization/roleDefinitions/read";

/// The role of an id, whatever stands before it.
pub(super) fn find<'a>(azure: &'a AzureState, id: &str) -> Option<&'a AzureRole> {
    azure.role(Uuid::try_parse(id.rsplit('/').next()?).ok()?)
}

/// The role of an id, if it can be given at a scope.
pub(super) fn assignable<'a>(
    azure: &'a AzureState,
    id: &str,
    scope: &Scope,
) -> Option<&'a AzureRole> {
    find(azure, id).filter(|role| azure.is_assignable(role, scope))
}

/// All roles that can be given at a scope.
pub(super) fn at<'a>(
    azure: &'a AzureState,
    scope: &'a Scope,
) -> impl Iterator<Item = &'a AzureRole> {
    let custom = azure.custom_roles.values();
    built_in::all().chain(custom.filter(|role| azure.is_assignable(role, scope)))
}

pub(super) fn list(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Value, GraphError> {
    // Built-in roles belong to nobody: at the root everybody reads them.
    if scope.level() != Some(ScopeLevel::Tenant) {
        check(tenant, caller, READS, scope)?;
    }
    let parts = parse(filter)?;
    let with_below = parts.contains(&Part::Function("atscopeandbelow".to_owned(), String::new()));
    let azure = &tenant.azure;
    let custom = azure.custom_roles.values().filter(|role| {
        let there = if with_below {
            azure.is_assignable_below(role, scope)
        } else {
            azure.is_assignable(role, scope)
        };
        there && reads(tenant, caller, role)
    });
    let mut rows = Vec::new();
    for role in built_in::all().chain(custom) {
        if fits(role, &parts).ok_or_else(|| unsupported(filter))? {
            rows.push(role.shown(scope));
        }
    }
    Ok(json!({"value": rows}))
}

/// Whether a role is what a filter asks for; nothing if the filter asks for what there is not.
fn fits(role: &AzureRole, parts: &[Part]) -> Option<bool> {
    let mut fits = true;
    for part in parts {
        fits &= match part {
            Part::Equals(name, value) if name == "rolename" => {
                role.name.eq_ignore_ascii_case(value)
            }
            Part::Equals(name, value) if name == "type" => role.kind().eq_ignore_ascii_case(value),
            Part::Function(name, none) if name == "atscopeandbelow" && none.is_empty() => true,
            _ => return None,
        };
    }
    Some(fits)
}

/// Whether the caller reads roles anywhere where this one can be given.
fn reads(tenant: &Tenant, caller: &Caller, role: &AzureRole) -> bool {
    let azure = &tenant.azure;
    let mut held = held(tenant, caller.principal());
    held.any(|one| {
        let reads = azure.role(one.role).is_some_and(|own| own.allows(READS));
        reads && azure.is_assignable_below(role, &one.scope)
    })
}

pub(super) fn get(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Result<Value, GraphError> {
    let is_of_tenant = scope.level() == Some(ScopeLevel::Tenant);
    if !is_of_tenant {
        check(tenant, caller, READS, scope)?;
    }
    let found = find(&tenant.azure, name).filter(|role| {
        let there = is_of_tenant || tenant.azure.is_assignable_below(role, scope);
        there && reads(tenant, caller, role)
    });
    found.map(|role| role.shown(scope)).ok_or_else(|| {
        GraphError::new(
            StatusCode::NOT_FOUND,
            "RoleDefinitionDoesNotExist",
            format!("The specified role definition with ID '{name}' does not exist."),
        )
    })
}
