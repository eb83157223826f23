//! Which policy is in force for a role at a scope: that alone tells what a policy is for. There is one assignment for each
//! role (learn.microsoft.com: Role Management Policy Assignments, REST API 2020-10-01).

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::policies::{READS, listed, policy_id, shown};
use super::privilege::AzureRoleAt;
use crate::call::Caller;
use crate::error::GraphError;
use crate::pim::policy::Policy;
use crate::pim::session::require_licence;
use crate::resource_manager::assignments::at_scope;
use crate::resource_manager::definitions;
use crate::resource_manager::definitions::role::AzureRole;
use crate::resource_manager::scope::Scope;
use crate::resource_manager::spelling::role_id;
use crate::state::Tenant;

/// The assignments of the roles that a filter names, without one of all roles.
pub(crate) fn list(
    tenant: &mut Tenant,
    caller: &Caller,
    scope: &Scope,
    filter: &str,
) -> Result<Value, GraphError> {
    let policies = listed(tenant, caller, scope, filter)?.into_iter();
    let rows: Vec<Value> = policies
        .map(|(at, policy)| row(tenant, at, &policy))
        .collect();
    Ok(json!({"value": rows}))
}

/// One assignment by its name: the policy and the role.
pub(crate) fn get(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    name: &str,
) -> Result<Value, GraphError> {
    at_scope(tenant, caller, READS, scope)?;
    require_licence(tenant)?;
    let named = name.split_once('_').and_then(|(policy, role)| {
        let (at, found) = super::policies::find(tenant, scope, policy).ok()?;
        (at.role == Uuid::try_parse(role).ok()?).then(|| row(tenant, at, found))
    });
    named.ok_or_else(|| {
        let message = format!("The role management policy assignment '{name}' is not found.");
        GraphError::new(
            StatusCode::NOT_FOUND,
            "RoleManagementPolicyAssignmentNotFound",
            message,
        )
    })
}

fn row(tenant: &Tenant, at: AzureRoleAt, policy: &Policy) -> Value {
    let scope = at.scope.scope();
    let role = role_id(&scope, at.role);
    let whole = shown(tenant, at, policy);
    let properties = &whole["properties"];
    let definition = definitions::find(&tenant.azure, &role);
    let name = format!("{}_{}", policy.guid, at.role);
    json!({
        "id": format!(
            "{}/providers/Microsoft.Authorization/roleManagementPolicyAssignments/{name}",
            scope.as_str().trim_end_matches('/')
        ),
        "name": name, "type": "Microsoft.Authorization/roleManagementPolicyAssignments",
        "properties": {
            "scope": scope.as_str(), "roleDefinitionId": role, "policyId": policy_id(at, policy),
            "effectiveRules": properties["effectiveRules"],
            "policyAssignmentProperties": {
                "scope": properties["policyProperties"]["scope"],
                "roleDefinition": {
                    "id": role, "displayName": definition.map(|one| &one.name), "type": definition.map(AzureRole::kind),
                },
                "policy": {
                    "id": policy_id(at, policy), "lastModifiedBy": properties["lastModifiedBy"],
                    "lastModifiedDateTime": properties["lastModifiedDateTime"],
                },
            },
        },
    })
}
