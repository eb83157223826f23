//! The settings that the tenant keeps for an Azure role at a scope. Their name changes with every change, so clients look for
//! them by the role (learn.microsoft.com: Role Management Policies, REST API 2020-10-01).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::privilege::{AzureRoleAt, ScopePath};
use super::rules;
use crate::call::Caller;
use crate::error::GraphError;
use crate::journal::Effect;
use crate::pim::policies::find::ensure;
use crate::pim::policies::rules_of;
use crate::pim::policies::stored::PolicyScope;
use crate::pim::policy::switches::Strictness;
use crate::pim::policy::{Modified, Policy, Reach};
use crate::pim::session::require_licence;
use crate::pim::window::stamp;
use crate::resource_manager::assignments::at_scope;
use crate::resource_manager::definitions;
use crate::resource_manager::filter::{Part, parse, unsupported};
use crate::resource_manager::scope::Scope;
use crate::state::Tenant;

pub(super) const READS: &str = "Microsoft.Authorization/roleManagementPolicies/read";
const WRITES: &str = "Microsoft.Authorization/roleManagementPolicies/write";

/// The policy of the role that a filter names, without one those of all roles.
pub(crate) fn list(
    tenant: &mut Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Value, GraphError> {
    let policies = listed(tenant, caller, scope, filter)?.into_iter();
    let rows: Vec<Value> = policies
        .map(|(at, policy)| shown(tenant, at, &policy))
        .collect();
    Ok(json!({"value": rows}))
}

/// The policies at a scope, as a list asks for them: there is exactly one for each scope and role.
pub(super) fn listed(
    tenant: &mut Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Vec<(AzureRoleAt, Policy)>, GraphError> {
    at_scope(tenant, caller, READS, scope)?;
    require_licence(tenant)?;
    let roles: Vec<Uuid> = match parse(filter)?.as_slice() {
        [] => definitions::at(&tenant.azure, scope)
            .map(|role| role.id)
            .collect(),
        [Part::Equals(name, id)] if name == "roledefinitionid" => {
            let role = definitions::assignable(&tenant.azure, id, scope);
            vec![role.ok_or_else(|| unsupported(filter))?.id]
        }
        _ => return Err(unsupported(filter)),
    };
    let scope = ScopePath::from(&tenant.azure.spelled(scope));
    let ensured = roles.into_iter().map(|role| {
        let at = AzureRoleAt { role, scope };
        (at, ensure(tenant, PolicyScope::AzureRole(at)))
    });
    Ok(ensured.collect())
}

pub(crate) fn get(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, READS, scope)?;
    let (at, policy) = find(tenant, scope, name)?;
    Ok(shown(tenant, at, policy))
}

pub(super) fn find<'a>(
    tenant: &'a Tenant,
    scope: &Scope,
    name: &str,
) -> Result<(AzureRoleAt, &'a Policy), GraphError> {
    let guid = name.parse().ok();
    let known = guid.and_then(|guid| tenant.pim.policies.scope(guid));
    let found = match known {
        Some(PolicyScope::AzureRole(at)) if at.scope == ScopePath::from(scope) => {
            let policy = tenant.pim.policies.get(PolicyScope::AzureRole(at));
            policy.map(|policy| (at, policy))
        }
        _ => None,
    };
    found.ok_or_else(|| {
        let message = "The input policy is not found.";
        GraphError::new(StatusCode::BAD_REQUEST, "InputPolicyNotFound", message)
    })
}

/// Changes rules; the policy has another name from then on.
pub(crate) fn patch(
    tenant: &mut Tenant,
    caller: &Caller,
    (scope, name): (&Scope, &str),
    body: Option<&Value>,
    now: Timestamp,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, WRITES, scope)?;
    require_licence(tenant)?;
    let (at, policy) = find(tenant, scope, name)?;
    let mut policy = policy.clone();
    let of = PolicyScope::AzureRole(at);
    let sent = body.and_then(|body| body["properties"]["rules"].as_array());
    let sent: Vec<Value> = sent.into_iter().flatten().map(rules::to_graph).collect();
    let strictness = Strictness::of(&tenant.behaviours, of.family());
    let changed = policy.change(&sent, Reach::Policy, strictness)?;
    let by = tenant.directory.principal(caller.principal());
    policy.modified = Some(Modified {
        at: now,
        by: by.map(|one| one.display_name).unwrap_or_default(),
    });
    tenant.pim.policies.insert(of, policy);
    tenant.pim.policies.rotate(of);
    if !changed.is_empty() {
        let effect = Effect::AzureRolePolicyChanged {
            role: at.role.to_string(),
            scope: at.scope.to_string(),
            rules: changed.iter().map(ToString::to_string).collect(),
        };
        tenant.effect(now, effect);
    }
    let policy = ensure(tenant, of);
    Ok(shown(tenant, at, &policy))
}

/// The whole id of a policy.
pub(super) fn policy_id(at: AzureRoleAt, policy: &Policy) -> String {
    let scope = at.scope.to_string();
    format!(
        "{}/providers/Microsoft.Authorization/roleManagementPolicies/{}",
        scope.trim_end_matches('/'),
        policy.guid
    )
}

pub(super) fn shown(tenant: &Tenant, at: AzureRoleAt, policy: &Policy) -> Value {
    let rules = rules_of(tenant, PolicyScope::AzureRole(at), policy).into_iter();
    let rules: Vec<Value> = rules.map(rules::of_graph).collect();
    let modified = policy.modified.as_ref();
    let scope = at.scope.to_string();
    json!({
        "id": policy_id(at, policy),
        "name": policy.guid, "type": "Microsoft.Authorization/roleManagementPolicies",
        "properties": {
            "scope": scope, "displayName": null, "description": null, "isOrganizationDefault": modified.is_none(),
            "rules": rules, "effectiveRules": rules,
            "lastModifiedBy": {
                "id": null, "displayName": modified.map(|modified| modified.by.clone()), "type": null, "email": null,
            },
            "lastModifiedDateTime": modified.map(|modified| stamp(modified.at)),
            "policyProperties": {"scope": {"id": scope, "displayName": null, "type": null}},
        },
    })
}
