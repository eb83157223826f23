//! Changing policies: the whole one or one rule of it, all or nothing.

use serde_json::{Map, Value};

use super::body;
use super::find::{ensure, onboard, scope_of};
use super::stored::PolicyScope;
use crate::behaviours::pim::ROTATE_ON_EVERY_PATCH;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::journal::Effect;
use crate::pim::groups::subject;
use crate::pim::policy::rule::RuleId;
use crate::pim::policy::switches::Strictness;
use crate::pim::policy::{Modified, Reach};
use crate::pim::session::{may_manage_group, may_manage_roles, require_licence, require_scope};
use crate::state::Tenant;

/// `PATCH roleManagementPolicies/{id}`: 200 with the policy, without rules.
pub(super) fn policy(tenant: &mut Tenant, call: &Call) -> Answered {
    let scope = writable(tenant, call)?;
    let object = call.body_object()?;
    check_properties(tenant, scope, object)?;
    let rules = match object.get("rules") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(rules)) => rules,
        Some(_) => {
            return Err(GraphError::bad_request(
                "BadRequest",
                "'rules' is a collection of rules.",
            ));
        }
    };
    change(tenant, call, scope, rules, Reach::Policy)?;
    let stored = ensure(tenant, scope);
    Ok(Reply::ok(body::policy(tenant, scope, &stored)))
}

/// `PATCH roleManagementPolicies/{id}/rules/{rule}`: 204.
pub(super) fn rule(tenant: &mut Tenant, call: &Call) -> Answered {
    let scope = writable(tenant, call)?;
    let id = RuleId::parse(call.param("rule"))
        .filter(|id| {
            tenant
                .pim
                .policies
                .get(scope)
                .is_some_and(|policy| policy.rule(*id).is_some())
        })
        .ok_or_else(|| GraphError::pim_not_found("The policy rule is not found."))?;
    let rule = Value::Object(call.body_object()?.clone());
    change(tenant, call, scope, &[rule], Reach::Rule(id))?;
    Ok(Reply::no_content())
}

/// The policy that the path names, when the caller may change it.
fn writable(tenant: &mut Tenant, call: &Call) -> Result<PolicyScope, GraphError> {
    require_licence(tenant)?;
    let id = call.param("policy");
    // Observed: the id of a role definition in the place of a policy is a method that is not allowed
    // (microsoftgraph/microsoft-graph-docs#15910).
    if id.parse::<uuid::Uuid>().is_ok() {
        return Err(GraphError::new(
            http::StatusCode::METHOD_NOT_ALLOWED,
            "UnknownError",
            "",
        ));
    }
    let scope = scope_of(tenant, id)?;
    require_scope(call, scope.writers())?;
    match scope {
        PolicyScope::Group(access) => {
            let group = subject::manageable(tenant, access.group)?;
            subject::refuse_restricted(tenant, group.id)?;
            may_manage_group(tenant, call, group)?;
        }
        PolicyScope::DirectoryRole(_) | PolicyScope::AzureRole(_) => {
            may_manage_roles(tenant, call)?;
        }
    }
    Ok(scope)
}

/// Beside the rules a client may repeat what stands or send null for it, as terraform-provider-azuread does; nothing else of
/// a policy can be written.
fn check_properties(
    tenant: &mut Tenant,
    scope: PolicyScope,
    object: &Map<String, Value>,
) -> Result<(), GraphError> {
    let stored = ensure(tenant, scope);
    let current = body::policy(tenant, scope, &stored);
    for (name, value) in object {
        let allowed = match name.as_str() {
            "rules" => true,
            _ if name.starts_with('@') || value.is_null() => true,
            _ => current.get(name).is_some_and(|own| same(own, value)),
        };
        if !allowed {
            return Err(
                GraphError::bad_request("InvalidPolicy", "The policy is invalid.").detail(
                    "InvalidProperty",
                    name,
                    "only rules can be changed",
                ),
            );
        }
    }
    Ok(())
}

fn same(own: &Value, given: &Value) -> bool {
    match (own, given) {
        (Value::String(own), Value::String(given)) => own.eq_ignore_ascii_case(given),
        _ => own == given,
    }
}

fn change(
    tenant: &mut Tenant,
    call: &Call,
    scope: PolicyScope,
    rules: &[Value],
    reach: Reach,
) -> Result<(), GraphError> {
    let strictness = Strictness::of(&tenant.behaviours, scope.family());
    let mut policy = ensure(tenant, scope);
    let changed = policy.change(rules, reach, strictness)?;
    let by = tenant
        .directory
        .principal(call.caller.principal())
        .map(|principal| principal.display_name);
    policy.modified = Some(Modified {
        at: call.now,
        by: by.unwrap_or_default(),
    });
    tenant.pim.policies.insert(scope, policy);
    renew_ids(tenant, scope);
    let rules: Vec<String> = changed.iter().map(ToString::to_string).collect();
    if !rules.is_empty() {
        let effect = match scope {
            PolicyScope::Group(access) => Effect::GroupPolicyChanged {
                group: access.group,
                access: access.access,
                rules,
            },
            PolicyScope::DirectoryRole(role) => Effect::RolePolicyChanged {
                role: role.to_string(),
                rules,
            },
            PolicyScope::AzureRole(at) => Effect::AzureRolePolicyChanged {
                role: at.role.to_string(),
                scope: at.scope.to_string(),
                rules,
            },
        };
        tenant.effect(call.now, effect);
    }
    Ok(())
}

/// The first change onboards a group, which gives its policies other ids; later ones may do so too.
fn renew_ids(tenant: &mut Tenant, scope: PolicyScope) {
    let PolicyScope::Group(access) = scope else {
        return;
    };
    if !tenant.pim.onboarded.contains(&access.group) {
        onboard(tenant, access.group);
    } else if tenant.behaviours.get(&ROTATE_ON_EVERY_PATCH) {
        tenant.pim.policies.rotate(scope);
    }
}
