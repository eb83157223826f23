//! Tenants, management groups, subscriptions and resource groups: what a caller sees of them.

use http::StatusCode;
use serde_json::{Value, json};

use super::authorize::{check, sees};
use super::scope::Scope;
use super::state::Subscription;
use crate::call::Caller;
use crate::error::GraphError;
use crate::state::Tenant;

/// Of resource groups.
const READS: &str = "Microsoft.Resources/subscriptions/resourceGroups/read";

pub(super) fn tenants(tenant: &Tenant) -> Value {
    json!({"value": [{
        "id": format!("/tenants/{}", tenant.id), "tenantId": tenant.id, "tenantCategory": "Home",
        "displayName": tenant.directory.organization.display_name,
        "domains": tenant.directory.organization.domains,
        "defaultDomain": tenant.directory.organization.domains.first(),
        "tenantType": "AAD",
    }]})
}

/// Subscriptions in which the caller holds anything.
pub(super) fn subscriptions(tenant: &Tenant, caller: &Caller) -> Value {
    let all = tenant.azure.subscriptions.values();
    let seen = all.filter(|one| {
        let scope = Scope::subscription(&one.id);
        sees(tenant, caller.principal(), &scope)
    });
    let rows: Vec<Value> = seen.map(|one| subscription_shown(tenant, one)).collect();
    json!({"value": rows, "count": {"type": "Total", "value": rows.len()}})
}

pub(super) fn subscription(
    tenant: &Tenant,
    caller: &Caller,
    id: &str,
) -> Result<Value, GraphError> {
    let found = found(tenant, id)?;
    let scope = Scope::subscription(&found.id);
    if !sees(tenant, caller.principal(), &scope) {
        check(
            tenant,
            caller,
            "Microsoft.Resources/subscriptions/read",
            &scope,
        )?;
    }
    Ok(subscription_shown(tenant, found))
}

fn found<'a>(tenant: &'a Tenant, id: &str) -> Result<&'a Subscription, GraphError> {
    let found = tenant.azure.subscriptions.get(&id.to_ascii_lowercase());
    found.ok_or_else(|| {
        GraphError::new(
            StatusCode::NOT_FOUND,
            "SubscriptionNotFound",
            format!("The subscription '{id}' could not be found."),
        )
    })
}

fn subscription_shown(tenant: &Tenant, one: &Subscription) -> Value {
    json!({
        "id": format!("/subscriptions/{}", one.id), "authorizationSource": "RoleBased", "managedByTenants": [],
        "subscriptionId": one.id, "tenantId": tenant.id, "displayName": one.display_name, "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off",
        },
    })
}

pub(super) fn resource_groups(
    tenant: &Tenant,
    caller: &Caller,
    id: &str,
) -> Result<Value, GraphError> {
    let one = found(tenant, id)?;
    check(tenant, caller, READS, &Scope::subscription(&one.id))?;
    let rows: Vec<Value> = one
        .resource_groups
        .values()
        .map(|group| group_shown(one, &group.name, &group.location))
        .collect();
    Ok(json!({"value": rows}))
}

pub(super) fn resource_group(
    tenant: &Tenant,
    caller: &Caller,
    id: &str,
    name: &str,
) -> Result<Value, GraphError> {
    let one = found(tenant, id)?;
    let scope = Scope::parse(&format!("/subscriptions/{id}/resourceGroups/{name}"));
    let scope = scope.unwrap_or_else(|| Scope::subscription(id));
    check(tenant, caller, READS, &scope)?;
    let group = one.resource_groups.get(&name.to_ascii_lowercase());
    let group = group.map(|group| group_shown(one, &group.name, &group.location));
    group.ok_or_else(|| {
        GraphError::new(
            StatusCode::NOT_FOUND,
            "ResourceGroupNotFound",
            format!("Resource group '{name}' could not be found."),
        )
    })
}

fn group_shown(subscription: &Subscription, name: &str, location: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{}/resourceGroups/{name}", subscription.id), "name": name,
        "type": "Microsoft.Resources/resourceGroups", "location": location,
        "properties": {"provisioningState": "Succeeded"},
    })
}

/// Management groups in which the caller holds anything.
pub(super) fn management_groups(tenant: &Tenant, caller: &Caller) -> Value {
    let all = tenant.azure.management_groups.values();
    let seen = all.filter(|one| {
        let scope = Scope::management_group(&one.name);
        sees(tenant, caller.principal(), &scope)
    });
    let rows: Vec<Value> = seen
        .map(|one| {
            json!({
                "id": Scope::management_group(&one.name).as_str(), "type": "Microsoft.Management/managementGroups",
                "name": one.name, "properties": {"tenantId": tenant.id, "displayName": one.display_name},
            })
        })
        .collect();
    json!({"value": rows})
}
