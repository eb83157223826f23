//! The policies of the tenant: which there are, under which ids, and the operations on them.
//!
//! learn.microsoft.com: rolemanagementpolicy resources, policyroot-list-rolemanagementpolicyassignments. The ids of a
//! group's policies change when the group is onboarded; clients report that they change with every PATCH.

mod body;
pub(crate) mod find;
mod list;
pub(crate) mod stored;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use body::rules_of;

use crate::permission::ANYONE;
use crate::route::{Service, routes};

routes! { pub(crate) ROUTES, Service::POLICIES;
    get "/policies/roleManagementPolicyAssignments", ANYONE, list::assignments,
        "policyAssignments.list" => collection("unifiedRoleManagementPolicyAssignment", "policies/roleManagementPolicyAssignments");
    get "/policies/roleManagementPolicyAssignments/{assignment}", ANYONE, list::assignment,
        "policyAssignments.get" => entity("unifiedRoleManagementPolicyAssignment", "policies/roleManagementPolicyAssignments");
    get "/policies/roleManagementPolicies", ANYONE, list::policies,
        "policies.list" => collection("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    get "/policies/roleManagementPolicies/{policy}", ANYONE, list::policy,
        "policies.get" => entity("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    get "/policies/roleManagementPolicies/{policy}/rules", ANYONE, list::rules,
        "policies.rules.list" => collection("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/rules");
    get "/policies/roleManagementPolicies/{policy}/effectiveRules", ANYONE, list::rules,
        "policies.effectiveRules.list" =>
            collection("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/effectiveRules");
    get "/policies/roleManagementPolicies/{policy}/rules/{rule}", ANYONE, list::rule,
        "policies.rules.get" => entity("unifiedRoleManagementPolicyRule", "policies/roleManagementPolicies('{policy}')/rules");
    patch "/policies/roleManagementPolicies/{policy}", ANYONE, write::policy,
        "policies.update" => entity("unifiedRoleManagementPolicy", "policies/roleManagementPolicies");
    patch "/policies/roleManagementPolicies/{policy}/rules/{rule}", ANYONE, write::rule, "policies.rules.update";
}
