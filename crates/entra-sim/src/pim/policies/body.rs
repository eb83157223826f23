//! Bodies of policies and of their assignments.

use serde_json::{Value, json};
use uuid::Uuid;

use super::stored::PolicyScope;
use crate::ids::ObjectId;
use crate::odata::Expand;
use crate::pim::policy::{Policy, json as rules};
use crate::pim::window::stamp;
use crate::state::Tenant;

pub(super) fn policy_id(tenant: &Tenant, scope: PolicyScope, guid: Uuid) -> String {
    match scope {
        PolicyScope::Group(access) => format!("Group_{}_{guid}", access.group),
        PolicyScope::DirectoryRole(_) => format!("DirectoryRole_{}_{guid}", tenant.id),
        PolicyScope::AzureRole(_) => guid.to_string(),
    }
}

fn scope_id(scope: PolicyScope) -> String {
    match scope {
        PolicyScope::Group(access) => access.group.to_string(),
        PolicyScope::DirectoryRole(_) => "/".to_owned(),
        PolicyScope::AzureRole(at) => at.scope.to_string(),
    }
}

fn scope_type(scope: PolicyScope) -> &'static str {
    match scope {
        PolicyScope::Group(_) => "Group",
        PolicyScope::DirectoryRole(_) => "DirectoryRole",
        PolicyScope::AzureRole(_) => "AzureRole",
    }
}

/// The rules of a policy, approvers with their names of today.
pub(crate) fn rules_of(tenant: &Tenant, scope: PolicyScope, policy: &Policy) -> Vec<Value> {
    let names = |id: ObjectId| {
        tenant
            .directory
            .principal(id)
            .map(|principal| principal.display_name)
    };
    policy
        .readable()
        .map(|rule| rules::rule(rule, scope.family(), &names))
        .collect()
}

/// A policy without its rules. Nothing in it tells members from owners, as in the service.
pub(super) fn policy(tenant: &Tenant, scope: PolicyScope, policy: &Policy) -> Value {
    let kind = scope_type(scope);
    let modified = policy.modified.as_ref();
    json!({
        "id": policy_id(tenant, scope, policy.guid),
        "displayName": kind,
        "description": kind,
        "isOrganizationDefault": false,
        "scopeId": scope_id(scope),
        "scopeType": kind,
        "lastModifiedDateTime": modified.map(|modified| stamp(modified.at)),
        "lastModifiedBy": { "displayName": modified.map(|modified| modified.by.clone()), "id": null },
    })
}

/// A policy with what `$expand` and `$select` ask for.
pub(super) fn expanded(
    tenant: &Tenant,
    scope: PolicyScope,
    stored: &Policy,
    expand: &[Expand],
    select: &[String],
) -> Value {
    let mut body = policy(tenant, scope, stored);
    if let Some(object) = body.as_object_mut() {
        if !select.is_empty() {
            object.retain(|name, _| select.iter().any(|one| one.eq_ignore_ascii_case(name)));
        }
        for name in ["rules", "effectiveRules"] {
            let asked = expand
                .iter()
                .find(|one| one.name == "*" || one.name.eq_ignore_ascii_case(name));
            if let Some(asked) = asked {
                let rules = rules_of(tenant, scope, stored)
                    .into_iter()
                    .map(|rule| selected(rule, &asked.select));
                object.insert(name.to_owned(), rules.collect());
            }
        }
    }
    body
}

fn selected(mut body: Value, select: &[String]) -> Value {
    if let (Some(object), false) = (body.as_object_mut(), select.is_empty()) {
        object.retain(|name, _| {
            name.starts_with('@') || select.iter().any(|one| one.eq_ignore_ascii_case(name))
        });
    }
    body
}

/// The assignment that ties a policy to an access or a role.
pub(super) fn assignment(
    tenant: &Tenant,
    scope: PolicyScope,
    policy: &Policy,
    scope_type_asked: Option<&str>,
) -> Value {
    let policy_id = policy_id(tenant, scope, policy.guid);
    let role = scope.role();
    json!({
        "id": format!("{policy_id}_{role}"),
        "policyId": policy_id,
        "scopeId": scope_id(scope),
        "scopeType": scope_type_asked.unwrap_or_else(|| scope_type(scope)),
        "roleDefinitionId": role,
    })
}
