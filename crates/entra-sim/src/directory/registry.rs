//! All directory objects of a tenant, and what follows from them alone; no rules of the service.

use std::collections::BTreeMap;

use super::changes::Changes;
use super::model::{
    AdministrativeUnit, AppRoleAssignment, AuthenticationContext, Deleted, Group, Organization,
    Principal, ServicePrincipal, User,
};
use super::past::Index;
use crate::ids::{AppId, GRAPH_APP, ObjectId};

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
    /// Policies of Conditional Access, each as its list shows it.
    pub(crate) access_policies: BTreeMap<String, serde_json::Map<String, serde_json::Value>>,
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
