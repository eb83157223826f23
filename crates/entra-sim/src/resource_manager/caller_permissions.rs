//! What the caller may do at a scope, told by the roles that reach it (learn.microsoft.com: "Permissions - List For Resource
//! Group", "Permissions - List For Resource", REST API 2022-04-01; of a subscription: "Use Resource Manager authentication API
//! to access subscriptions").

use http::StatusCode;
use serde_json::{Value, json};

use super::assignments::existing;
use super::authorize::{check, reaching};
use super::scope::{Scope, ScopeLevel};
use crate::behaviours::azure::{AZURE_CONDITIONS_TOLD, AZURE_PERMISSIONS_ABOVE, ConditionsTold};
use crate::call::Caller;
use crate::error::GraphError;
use crate::state::Tenant;

const READS: &str = "Microsoft.Authorization/permissions/read";

/// The first version whose published types have a condition.
const FIRST_WITH_CONDITIONS: &str = "2022-05-01-preview";

/// One row for each entry of each role that the caller holds there. Nobody needs an action for it: who holds nothing there is
/// refused, as everywhere.
pub(super) fn list(
    tenant: &Tenant,
    caller: &Caller,
    scope: &Scope,
    version: &str,
) -> Result<Value, GraphError> {
    let is_above = matches!(
        scope.level(),
        Some(ScopeLevel::ManagementGroup(_) | ScopeLevel::Tenant)
    );
    if is_above && !tenant.behaviours.get(&AZURE_PERMISSIONS_ABOVE) {
        return Err(GraphError::new(
            StatusCode::NOT_FOUND,
            "InvalidResourceType",
            format!(
                "The resource type 'permissions' could not be found in the namespace 'Microsoft.Authorization' at '{scope}'."
            ),
        ));
    }
    let with_conditions = match tenant.behaviours.get(&AZURE_CONDITIONS_TOLD) {
        ConditionsTold::Never => false,
        ConditionsTold::Preview => version >= FIRST_WITH_CONDITIONS,
        ConditionsTold::Always => true,
    };
    let mut rows: Vec<Value> = Vec::new();
    for held in reaching(tenant, caller.principal(), scope) {
        let allowed = tenant.azure.role(held.role).into_iter();
        for allowed in allowed.flat_map(|role| &role.allowed) {
            let mut row = allowed.shown();
            if let Some(condition) = held.condition.as_ref().filter(|_| with_conditions) {
                row["condition"] = json!(condition);
                row["conditionVersion"] = json!(held.condition_version);
            }
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        check(tenant, caller, READS, scope)?;
    }
    existing(tenant, scope)?;
    Ok(json!({"value": rows}))
}
