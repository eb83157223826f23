//! The policies of the tenant: which there are, under which ids, and the operations on them.
//!
//! learn.microsoft.com: rolemanagementpolicy resources, policyroot-list-rolemanagementpolicyassignments. The ids of a group's
//! policies change when the group is onboarded; clients report that they change with every PATCH.

mod body;
mod list;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use uuid::Uuid;

use super::access::GroupAccess;
use super::policy::rule::{CallOut, Rule, RuleId, Setting, Subject};
use super::policy::{Family, Policy, defaults};
use super::stable_guid;
use super::switches::{CUSTOM_EXTENSION_RULES, CustomExtensionRules};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, RoleId};
use crate::route::{ANYONE, Service, routes};
use crate::state::Tenant;

routes! { pub(crate) ROUTES, Service::POLICIES;
    get "/policies/roleManagementPolicyAssignments", ANYONE, list::assignments, "policyAssignments.list" => collection("unifiedRoleManagementPolicyAssignment", "policies/roleManagementPolicyAssignments");
    get "/policies/roleManagementPolicyAssignments/{assignment}", ANYONE, list::assignment, "policyAssignments.get" => entity("unifiedRoleManagementPolicyAssignment", "policies/roleManagementPolicyAssignments");
    get "/policies/roleManagementPolicies", ANYONE, list::policies, "policies.list" => collection("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    get "/policies/roleManagementPolicies/{policy}", ANYONE, list::policy, "policies.get" => entity("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    get "/policies/roleManagementPolicies/{policy}/rules", ANYONE, list::rules, "policies.rules.list" => collection("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/rules");
    get "/policies/roleManagementPolicies/{policy}/effectiveRules", ANYONE, list::rules, "policies.effectiveRules.list" => collection("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/effectiveRules");
    get "/policies/roleManagementPolicies/{policy}/rules/{rule}", ANYONE, list::rule, "policies.rules.get" => entity("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/rules");
    patch "/policies/roleManagementPolicies/{policy}", ANYONE, write::policy, "policies.update" => entity("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    patch "/policies/roleManagementPolicies/{policy}/rules/{rule}", ANYONE, write::rule, "policies.rules.update";
}

/// What a policy governs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Group(GroupAccess),
    DirectoryRole(RoleId),
}

impl Scope {
    /// Which defaults and which limits apply.
    pub(crate) const fn family(self) -> Family {
        match self {
            Self::Group(_) => Family::Group,
            Self::DirectoryRole(_) => Family::DirectoryRole,
        }
    }

    /// `roleDefinitionId` of its assignment.
    pub(crate) fn role(self) -> String {
        match self {
            Self::Group(access) => access.access.to_string(),
            Self::DirectoryRole(role) => role.to_string(),
        }
    }

    /// Permissions that let an application read it.
    const fn readers(self) -> &'static [&'static str] {
        match self {
            Self::Group(_) => GROUP_READERS,
            Self::DirectoryRole(_) => ROLE_READERS,
        }
    }

    /// Permissions that let an application change it.
    const fn writers(self) -> &'static [&'static str] {
        match self {
            Self::Group(_) => &["RoleManagementPolicy.ReadWrite.AzureADGroup"],
            Self::DirectoryRole(_) => &[
                "RoleManagementPolicy.ReadWrite.Directory",
                "RoleManagement.ReadWrite.Directory",
            ],
        }
    }
}

const GROUP_READERS: &[&str] = &[
    "RoleManagementPolicy.Read.AzureADGroup",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
];

const ROLE_READERS: &[&str] = &[
    "RoleManagementPolicy.Read.Directory",
    "RoleManagementPolicy.ReadWrite.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
];

/// The policies that somebody has looked at; the others are as untouched as they would be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    by_scope: BTreeMap<Scope, Policy>,
    by_guid: BTreeMap<Uuid, Scope>,
}

impl Policies {
    /// A policy by what it governs, if anybody has looked at it.
    pub(crate) fn get(&self, scope: Scope) -> Option<&Policy> {
        self.by_scope.get(&scope)
    }

    fn insert(&mut self, scope: Scope, policy: Policy) {
        self.by_guid.insert(policy.guid, scope);
        self.by_scope.insert(scope, policy);
    }

    /// Gives a policy another id; the old one is unknown from now on.
    fn rotate(&mut self, scope: Scope) {
        if let Some(policy) = self.by_scope.get_mut(&scope) {
            self.by_guid.remove(&policy.guid);
            policy.guid = stable_guid(&policy.guid.to_string());
            self.by_guid.insert(policy.guid, scope);
        }
    }

    /// The settings of a group go with it.
    pub(crate) fn forget_group(&mut self, group: ObjectId) {
        for access in [Access::Member, Access::Owner] {
            if let Some(policy) = self
                .by_scope
                .remove(&Scope::Group(GroupAccess { group, access }))
            {
                self.by_guid.remove(&policy.guid);
            }
        }
    }
}

/// The policy of a scope, made at the first look. Its id does not depend on when that was, so that a look at a stale replica
/// finds the same one.
pub(crate) fn ensure(tenant: &mut Tenant, scope: Scope) -> Policy {
    if let Some(policy) = tenant.pim.policies.get(scope) {
        return policy.clone();
    }
    let guid = stable_guid(&format!("policy/{}/{scope:?}", tenant.id));
    let mut policy = Policy::untouched(guid, scope.family());
    let extensions = tenant.behaviours.get(&CUSTOM_EXTENSION_RULES);
    if extensions != CustomExtensionRules::Absent {
        for id in RuleId::CUSTOM_EXTENSIONS {
            let asked = id.subject == Subject::CustomExtension(CallOut::PreApproval);
            let setting = if asked && extensions == CustomExtensionRules::Enabled {
                Setting::CustomExtension {
                    enabled: true,
                    extension: Some(stable_guid(&format!("extension/{}", tenant.id)).to_string()),
                    display_name: Some("Change ticket".to_owned()),
                    attributes: Vec::new(),
                }
            } else {
                defaults::setting(scope.family(), id)
            };
            policy.put(Rule { id, setting });
        }
    }
    tenant.pim.policies.insert(scope, policy.clone());
    policy
}

/// Puts a group under the management of PIM for good. The first time, both of its policies get other ids.
pub(crate) fn onboard(tenant: &mut Tenant, group: ObjectId) {
    if !tenant.pim.onboarded.insert(group) {
        return;
    }
    for access in [Access::Member, Access::Owner] {
        let scope = Scope::Group(GroupAccess { group, access });
        ensure(tenant, scope);
        tenant.pim.policies.rotate(scope);
    }
}

/// Finds the policy that an id names: `Group_{group}_{guid}` or `DirectoryRole_{tenant}_{guid}`. An id that was rotated away is
/// unknown.
fn scope_of(tenant: &Tenant, id: &str) -> Result<Scope, GraphError> {
    let unknown = || GraphError::pim_not_found("The policy is not found.");
    let guid: Uuid = id
        .rsplit('_')
        .next()
        .and_then(|guid| guid.parse().ok())
        .ok_or_else(unknown)?;
    let scope = *tenant.pim.policies.by_guid.get(&guid).ok_or_else(unknown)?;
    if body::policy_id(tenant, scope, guid).eq_ignore_ascii_case(id) {
        Ok(scope)
    } else {
        Err(unknown())
    }
}
