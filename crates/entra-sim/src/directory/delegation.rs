//! What signed-in users may change in the directory: by their directory roles, as owners, or because every member may.
//!
//! learn.microsoft.com: "Microsoft Entra built-in roles", "Default user permissions", groups-concept for groups that
//! roles can be assigned to. Roles count for the whole tenant only.

use std::collections::BTreeMap;

use super::model::{DeletedObject, Group, UserType};
use crate::call::Call;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, RoleId};
use crate::roles::held::holds_any;
use crate::roles::well_known::{
    APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, CONDITIONAL_ACCESS_ADMINISTRATOR,
    DIRECTORY_WRITERS, GLOBAL_ADMINISTRATOR, GROUPS_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR, ROLE_MANAGERS,
    SECURITY_ADMINISTRATOR, USER_ADMINISTRATOR,
};
use crate::route::Delegated;
use crate::state::Tenant;

pub(super) const GROUP_WRITERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    GROUPS_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    DIRECTORY_WRITERS,
];
/// Who deletes groups and takes them back.
pub(super) const GROUP_REMOVERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    GROUPS_ADMINISTRATOR,
    USER_ADMINISTRATOR,
];
pub(super) const USER_WRITERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    DIRECTORY_WRITERS,
];
/// Who deletes users and takes them back.
pub(super) const USER_REMOVERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
];
pub(super) const APP_ROLE_WRITERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_ROLE_ADMINISTRATOR,
    APPLICATION_ADMINISTRATOR,
    CLOUD_APPLICATION_ADMINISTRATOR,
];
pub(super) const CONTEXT_WRITERS: &[RoleId] = &[
    GLOBAL_ADMINISTRATOR,
    CONDITIONAL_ACCESS_ADMINISTRATOR,
    SECURITY_ADMINISTRATOR,
];

/// Whether a signed-in user may ask for an operation. What does not exist is left to the handler, which says so.
pub(crate) fn permits(
    tenant: &Tenant,
    delegated: Delegated,
    params: &BTreeMap<&'static str, String>,
    user: ObjectId,
) -> bool {
    match delegated {
        Delegated::Handler => true,
        Delegated::Roles(roles) => holds_any(tenant, user, roles),
        Delegated::NewGroup => may_create(tenant, user),
        Delegated::Group(roles) => {
            let group = id(params, "group").and_then(|id| tenant.directory.group(id));
            group.is_none_or(|group| may_change(tenant, group, roles, user))
        }
        Delegated::Upsert => {
            let name = params.get("uniqueName").map(String::as_str);
            let mut groups = tenant.directory.groups.values();
            match groups.find(|group| group.unique_name.as_deref() == name) {
                Some(group) => may_change(tenant, group, GROUP_WRITERS, user),
                None => may_create(tenant, user),
            }
        }
        Delegated::DeletedItem => {
            let item = id(params, "object").and_then(|id| tenant.directory.deleted.get(&id));
            item.is_none_or(|item| match &item.object {
                DeletedObject::Group(group) => may_change(tenant, group, GROUP_REMOVERS, user),
                DeletedObject::User(_) => holds_any(tenant, user, USER_REMOVERS),
            })
        }
    }
}

fn id(params: &BTreeMap<&'static str, String>, name: &str) -> Option<ObjectId> {
    params.get(name)?.parse().ok()
}

/// Members of the organization may create groups, guests may not, unless a role says so.
fn may_create(tenant: &Tenant, user: ObjectId) -> bool {
    let record = tenant.directory.users.get(&user);
    record.is_some_and(|user| user.user_type == UserType::Member)
        || holds_any(tenant, user, GROUP_WRITERS)
}

fn may_change(tenant: &Tenant, group: &Group, roles: &[RoleId], user: ObjectId) -> bool {
    let roles = if group.is_role_assignable() {
        &ROLE_MANAGERS
    } else {
        roles
    };
    group.holders(Access::Owner).contains_key(&user) || holds_any(tenant, user, roles)
}

/// Refuses a signed-in user who creates a group that roles can be assigned to without a role for it.
pub(super) fn may_assign_roles(tenant: &Tenant, call: &Call) -> Result<(), GraphError> {
    match call.caller.signed_in_user {
        Some(user) if !holds_any(tenant, user, &ROLE_MANAGERS) => Err(GraphError::denied()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::TABLES;
    use crate::route::Delegated;

    #[test]
    fn every_operation_that_changes_the_directory_says_whom_it_is_open_to() {
        let routes = TABLES.iter().copied().flatten();
        let silent: Vec<&str> = routes
            .filter(|route| !route.reads && route.delegated == Delegated::Handler)
            .map(|route| route.operation)
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }
}
