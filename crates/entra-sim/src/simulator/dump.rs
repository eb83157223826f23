//! The state of a tenant for people: names beside ids, nothing that a test should parse.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::directory::DeletedObject;
use crate::ids::{Access, ObjectId};
use crate::journal::{Target, Window};
use crate::state::Tenant;

pub(super) fn dump(tenant: &Tenant) -> Value {
    let holdings = tenant.journal.holdings();
    let schedules = |schedules: &BTreeMap<(Target, ObjectId), Window>| -> Vec<Value> {
        schedules
            .iter()
            .map(|((target, principal), window)| {
                json!({
                    "what": self::target(tenant, target), "principal": name(tenant, *principal),
                    "start": window.start, "end": window.end,
                })
            })
            .collect()
    };
    let roles = |held: &BTreeSet<(String, ObjectId, String)>| -> Vec<Value> {
        let rows = held.iter().map(|(role, principal, scope)| {
            json!({"role": role, "principal": name(tenant, *principal), "scope": scope})
        });
        rows.collect()
    };
    let app_roles = holdings.app_roles().iter().map(|(application, role, principal)| {
        json!({"application": application, "role": role, "principal": name(tenant, *principal)})
    });
    let app_roles: Vec<Value> = app_roles.collect();
    json!({
        "tenant": {"id": tenant.id, "displayName": tenant.directory.organization.display_name, "now": tenant.now()},
        "applications": tenant.applications.keys().collect::<Vec<_>>(),
        "users": users(tenant),
        "groups": groups(tenant),
        "deletedItems": deleted(tenant),
        "eligible": schedules(holdings.eligible()),
        "active": schedules(holdings.active()),
        "activations": schedules(holdings.activations()),
        "roles": roles(holdings.roles()),
        "azureRoles": roles(holdings.azure_roles()),
        "intuneRoles": roles(holdings.intune_roles()),
        "appRoles": app_roles,
        "counters": tenant.journal.counters,
        "violations": tenant.violations,
    })
}

fn users(tenant: &Tenant) -> Vec<Value> {
    let users = tenant.directory.users.values();
    users
        .map(|user| {
            json!({
                "id": user.id, "userPrincipalName": user.user_principal_name, "displayName": user.display_name,
                "accountEnabled": user.account_enabled,
            })
        })
        .collect()
}

fn groups(tenant: &Tenant) -> Vec<Value> {
    let groups = tenant.directory.groups.values();
    groups
        .map(|group| {
            let holders = |access: Access| -> Vec<String> {
                group
                    .holders(access)
                    .keys()
                    .map(|id| name(tenant, *id))
                    .collect()
            };
            json!({
                "id": group.id, "displayName": group.display_name, "uniqueName": group.unique_name,
                "mailNickname": group.mail_nickname, "roleAssignable": group.is_role_assignable(),
                "members": holders(Access::Member), "owners": holders(Access::Owner),
            })
        })
        .collect()
}

fn deleted(tenant: &Tenant) -> Vec<Value> {
    let items = tenant.directory.deleted.iter();
    items
        .map(|(id, item)| {
            let name = match &item.object {
                DeletedObject::Group(group) => &group.display_name,
                DeletedObject::User(user) => &user.user_principal_name,
            };
            json!({"id": id, "name": name, "deleted": item.at})
        })
        .collect()
}

fn target(tenant: &Tenant, target: &Target) -> String {
    match target {
        Target::Group { group, access } => format!("{access} of {}", name(tenant, *group)),
        Target::DirectoryRole { role, scope } => format!("role {role} at {scope}"),
        Target::AzureRole { role, scope } => format!("Azure role {role} at {scope}"),
    }
}

fn name(tenant: &Tenant, id: ObjectId) -> String {
    match tenant.directory.user(&id.to_string()) {
        Some(user) => user.user_principal_name.clone(),
        None => tenant.directory.principal(id).map_or_else(
            || id.to_string(),
            |one| format!("{} ({id})", one.display_name),
        ),
    }
}
