//! Finding policies: each is made when it is first read.

use uuid::Uuid;

use super::body;
use super::stored::PolicyScope;
use crate::behaviours::pim::{CUSTOM_EXTENSION_RULES, CustomExtensionRules};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId, stable_guid};
use crate::pim::access::GroupAccess;
use crate::pim::policy::rule::{CallOut, PolicyRule, RuleId, Setting, Subject};
use crate::pim::policy::{Family, Policy, defaults};
use crate::state::Tenant;

/// The policy of a scope, made when it is first read. Its id does not depend on when that was, so that a read of a
/// stale replica finds the same one.
pub(crate) fn ensure(tenant: &mut Tenant, scope: PolicyScope) -> Policy {
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
            policy.put(PolicyRule { id, setting });
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
        let scope = PolicyScope::Group(GroupAccess { group, access });
        ensure(tenant, scope);
        tenant.pim.policies.rotate(scope);
    }
}

/// Finds the policy that an id names: `Group_{group}_{guid}` or `DirectoryRole_{tenant}_{guid}`. An id that was rotated
/// away is unknown.
pub(super) fn scope_of(tenant: &Tenant, id: &str) -> Result<PolicyScope, GraphError> {
    let unknown = || GraphError::pim_not_found("The policy is not found.");
    let guid: Uuid = id
        .rsplit('_')
        .next()
        .and_then(|guid| guid.parse().ok())
        .ok_or_else(unknown)?;
    let scope = tenant.pim.policies.scope(guid);
    // Those of Azure roles are the Resource Manager's.
    let scope = scope
        .filter(|scope| scope.family() != Family::AzureRole)
        .ok_or_else(unknown)?;
    if body::policy_id(tenant, scope, guid).eq_ignore_ascii_case(id) {
        Ok(scope)
    } else {
        Err(unknown())
    }
}
