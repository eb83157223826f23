//! The directory: users, service principals, groups, administrative units, and what was deleted of them.
//!
//! Other areas ask it for facts ([`Directory::principal`], [`Directory::group`], ...) and change memberships through
//! [`membership`] only, so that every change is journalled, shown by delta and told to PIM. They never write its records.

pub(crate) mod membership;
mod model;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ids::{AppId, ObjectId};

pub(crate) use model::{
    AdministrativeUnit, AppRole, AppRoleAssignment, Deleted, DeletedObject, Group, Organization,
    Principal, PrincipalKind, ServicePrincipal, User, UserType,
};

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

    /// A soft-deleted group and when it was deleted.
    pub(crate) fn deleted_group(&self, id: ObjectId) -> Option<(&Group, Timestamp)> {
        match self.deleted.get(&id) {
            Some(Deleted {
                object: DeletedObject::Group(group),
                at,
            }) => Some((group, *at)),
            _ => None,
        }
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

    /// Whether a group, user or device sits in a restricted management administrative unit.
    pub(crate) fn is_management_restricted(&self, id: ObjectId) -> bool {
        self.units
            .values()
            .any(|unit| unit.restricted && unit.members.contains(&id))
    }

    /// Groups that a principal is a direct member of.
    pub(crate) fn groups_of(&self, principal: ObjectId) -> impl Iterator<Item = &Group> {
        self.groups
            .values()
            .filter(move |group| group.members.contains_key(&principal))
    }
}
