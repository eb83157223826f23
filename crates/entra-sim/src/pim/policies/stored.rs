//! The policies of the tenant as they are kept: what they govern, under which ids.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::ids::{Access, ObjectId, RoleId, stable_guid};
use crate::permission::{Permissions, permissions};
use crate::pim::access::GroupAccess;
use crate::pim::policy::{Family, Policy};
use crate::resource_manager::pim::privilege::AzureRoleAt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PolicyScope {
    Group(GroupAccess),
    DirectoryRole(RoleId),
    AzureRole(AzureRoleAt),
}

impl PolicyScope {
    /// Which defaults and which limits apply.
    pub(crate) const fn family(self) -> Family {
        match self {
            Self::Group(_) => Family::Group,
            Self::DirectoryRole(_) => Family::DirectoryRole,
            Self::AzureRole(_) => Family::AzureRole,
        }
    }

    /// `roleDefinitionId` of its assignment.
    pub(crate) fn role(self) -> String {
        match self {
            Self::Group(access) => access.access.to_string(),
            Self::DirectoryRole(role) => role.to_string(),
            Self::AzureRole(at) => at.role.to_string(),
        }
    }

    /// Permissions that let an application read it.
    pub(super) const fn readers(self) -> Permissions {
        match self {
            Self::Group(_) => GROUP_READERS,
            Self::DirectoryRole(_) => ROLE_READERS,
            Self::AzureRole(_) => NOBODY,
        }
    }

    /// Permissions that let an application change it.
    pub(super) const fn writers(self) -> Permissions {
        match self {
            Self::Group(_) => GROUP_WRITERS,
            Self::DirectoryRole(_) => ROLE_WRITERS,
            Self::AzureRole(_) => NOBODY,
        }
    }
}

/// Graph does not serve it, so none of its permissions reaches it.
const NOBODY: Permissions = &[];

permissions! {
    pub(super) GROUP_READERS = "RoleManagementPolicy.Read.AzureADGroup" | "RoleManagementPolicy.ReadWrite.AzureADGroup";
    GROUP_WRITERS = "RoleManagementPolicy.ReadWrite.AzureADGroup";
    pub(super) ROLE_READERS = "RoleManagementPolicy.Read.Directory" | "RoleManagementPolicy.ReadWrite.Directory"
        | "RoleManagement.Read.Directory" | "RoleManagement.Read.All" | "RoleManagement.ReadWrite.Directory";
    ROLE_WRITERS = "RoleManagementPolicy.ReadWrite.Directory" | "RoleManagement.ReadWrite.Directory";
}

/// The policies that somebody has read; the others still have the defaults of the service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    by_scope: BTreeMap<PolicyScope, Policy>,
    by_guid: BTreeMap<Uuid, PolicyScope>,
}

impl Policies {
    /// A policy by what it governs, if anybody has read it.
    pub(crate) fn get(&self, scope: PolicyScope) -> Option<&Policy> {
        self.by_scope.get(&scope)
    }

    pub(crate) fn insert(&mut self, scope: PolicyScope, policy: Policy) {
        self.by_guid.insert(policy.guid, scope);
        self.by_scope.insert(scope, policy);
    }

    /// Gives a policy another id; the old one is unknown from now on.
    pub(crate) fn rotate(&mut self, scope: PolicyScope) {
        if let Some(policy) = self.by_scope.get_mut(&scope) {
            self.by_guid.remove(&policy.guid);
            policy.guid = stable_guid(&policy.guid.to_string());
            self.by_guid.insert(policy.guid, scope);
        }
    }

    /// What the policy of an id governs.
    pub(crate) fn scope(&self, guid: Uuid) -> Option<PolicyScope> {
        self.by_guid.get(&guid).copied()
    }

    /// The settings of a group go with it.
    pub(crate) fn forget_group(&mut self, group: ObjectId) {
        for access in [Access::Member, Access::Owner] {
            if let Some(policy) = self
                .by_scope
                .remove(&PolicyScope::Group(GroupAccess { group, access }))
            {
                self.by_guid.remove(&policy.guid);
            }
        }
    }
}
