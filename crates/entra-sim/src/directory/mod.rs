//! The directory: users, service principals, groups, administrative units, and what was deleted of them.
//!
//! Other areas ask it for facts ([`Directory::principal`], [`Directory::group`], ...) and change memberships through
//! [`membership`] only, so that every change is journalled, shown by delta and told to PIM. They never write its records.

mod app_roles;
mod changes;
mod conditional_access;
mod delegation;
mod deleted_items;
mod groups;
mod index;
mod json;
pub(crate) mod membership;
mod model;
mod objects;
mod organization;
mod permissions;
pub(crate) mod replication;
mod sensitive;
mod service_principals;
mod units;
mod users;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::behaviours::directory as switches;
use crate::ids::{AppId, ObjectId};
use crate::journal::Effect;
use crate::route::Route;
use crate::state::Tenant;

pub(crate) use app_roles::{assignment_id, withdraw};
pub(crate) use changes::Changes;
pub(crate) use delegation::permits;
pub(crate) use groups::restricted;
pub(crate) use index::Index;
pub(crate) use model::{
    AdministrativeUnit, AppRole, AppRoleAssignment, AuthenticationContext, Deleted, DeletedObject,
    Group, Organization, Principal, PrincipalKind, ServicePrincipal, User, UserType,
};

/// Operations of this area.
pub(crate) const AREAS: &[&[Route]] = &[
    groups::ROUTES,
    groups::MEMBER_ROUTES,
    groups::DELTA_ROUTES,
    deleted_items::ROUTES,
    users::ROUTES,
    service_principals::ROUTES,
    app_roles::ROUTES,
    objects::ROUTES,
    organization::ROUTES,
    units::ROUTES,
    conditional_access::ROUTES,
];

/// All directory objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    pub(crate) organization: Organization,
    pub(crate) users: BTreeMap<ObjectId, User>,
    pub(crate) service_principals: BTreeMap<ObjectId, ServicePrincipal>,
    pub(crate) groups: BTreeMap<ObjectId, Group>,
    pub(crate) units: BTreeMap<ObjectId, AdministrativeUnit>,
    pub(crate) deleted: BTreeMap<ObjectId, Deleted>,
    pub(crate) app_role_assignments: BTreeMap<String, AppRoleAssignment>,
    /// By id, `c1` to `c99`.
    pub(crate) contexts: BTreeMap<String, AuthenticationContext>,
    pub(crate) changes: Changes,
    pub(crate) index: Index,
}

impl Directory {
    /// A living user, group or service principal.
    pub(crate) fn principal(&self, id: ObjectId) -> Option<Principal> {
        if let Some(user) = self.users.get(&id) {
            return Some(user.principal());
        }
        if let Some(group) = self.groups.get(&id) {
            return Some(group.principal());
        }
        self.service_principals
            .get(&id)
            .map(ServicePrincipal::principal)
    }

    /// A living group.
    pub(crate) fn group(&self, id: ObjectId) -> Option<&Group> {
        self.groups.get(&id)
    }

    /// A user by object id or user principal name.
    pub(crate) fn user(&self, key: &str) -> Option<&User> {
        match key.parse() {
            Ok(id) => self.users.get(&id),
            Err(_) => self
                .users
                .values()
                .find(|user| user.user_principal_name.eq_ignore_ascii_case(key)),
        }
    }

    /// The service principal of an application.
    pub(crate) fn service_principal_of(&self, app: AppId) -> Option<&ServicePrincipal> {
        self.service_principals
            .values()
            .find(|principal| principal.app_id == app)
    }

    /// The application permissions of Graph that a service principal was granted, by name.
    pub(crate) fn permissions_of(&self, principal: ObjectId) -> Vec<String> {
        let Some(graph) = self.service_principal_of(GRAPH_APP) else {
            return Vec::new();
        };
        let mut names: Vec<String> = self
            .app_role_assignments
            .values()
            .filter(|one| one.principal == principal && one.resource == graph.id)
            .filter_map(|one| graph.app_roles.iter().find(|role| role.id == one.role))
            .map(|role| role.value.clone())
            .collect();
        names.sort();
        names
    }

    /// Whether a group, user or device sits in a restricted management administrative unit.
    pub(crate) fn is_management_restricted(&self, id: ObjectId) -> bool {
        self.units
            .values()
            .any(|unit| unit.restricted && unit.members.contains(&id))
    }

    /// The groups that a principal is in, directly and through other groups.
    pub(crate) fn all_groups_of(&self, principal: ObjectId) -> Vec<ObjectId> {
        let mut found: Vec<ObjectId> = Vec::new();
        let mut open = vec![principal];
        while let Some(one) = open.pop() {
            for group in self.groups_of(one) {
                if !found.contains(&group.id) {
                    found.push(group.id);
                    open.push(group.id);
                }
            }
        }
        found
    }

    /// Groups that a principal is a direct member of.
    pub(crate) fn groups_of(&self, principal: ObjectId) -> impl Iterator<Item = &Group> {
        self.groups
            .values()
            .filter(move |group| group.members.contains_key(&principal))
    }
}

/// The application id of Microsoft Graph, the same in every tenant.
pub(crate) const GRAPH_APP: AppId = AppId::new(uuid::Uuid::from_u128(
    0x0000_0003_0000_0000_c000_0000_0000_0000,
));

/// Purges the deleted items whose time is over.
pub(crate) fn advance(tenant: &mut Tenant, now: Timestamp) {
    let retention = tenant.behaviours.get(&switches::DELETED_ITEMS_RETENTION);
    let due: Vec<(ObjectId, Timestamp)> = tenant
        .directory
        .deleted
        .iter()
        .filter_map(|(id, item)| Some((*id, item.at.saturating_add(retention).ok()?)))
        .filter(|(_, end)| *end <= now)
        .collect();
    for (id, end) in due {
        purge(tenant, id, end);
    }
}

/// Removes a deleted item for good, with every reference to it.
pub(crate) fn purge(tenant: &mut Tenant, id: ObjectId, at: Timestamp) {
    let Some(item) = tenant.directory.deleted.remove(&id) else {
        return;
    };
    let holding: Vec<(ObjectId, crate::ids::Access)> = tenant
        .directory
        .groups
        .values()
        .flat_map(|group| {
            [crate::ids::Access::Member, crate::ids::Access::Owner]
                .into_iter()
                .filter(|access| group.holders(*access).contains_key(&id))
                .map(|access| (group.id, access))
        })
        .collect();
    for (group, access) in holding {
        membership::forget(tenant, group, access, id, at);
    }
    withdraw(tenant, id, at);
    let units: Vec<ObjectId> = tenant.directory.units.keys().copied().collect();
    for unit in units {
        units::take(tenant, unit, id, at);
    }
    let effect = match item.object {
        DeletedObject::Group(_) => Effect::GroupPurged { group: id },
        DeletedObject::User(_) => Effect::UserPurged { user: id },
    };
    tenant.effect(at, effect);
}
