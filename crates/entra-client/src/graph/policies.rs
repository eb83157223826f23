//! Policies: all rules of a group for one access kind.
//!
//! Both policies of a group come in one call. The id of a policy changes when the service sees fit (at onboarding, and
//! by some accounts with every change), so it is good for the next write only.

use std::collections::BTreeMap;

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{GroupId, PolicyId};
use pim_core::observed::{Onboarding, Policy};
use pim_core::rule::{Rule, RuleKey};
use pim_core::schedule::{Access, ByAccess};
use serde::{Deserialize, Serialize};

use super::Graph;
use super::rules::{ReadRule, WireRule};
use super::schedule::access;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query, segment};

const ASSIGNMENTS: &str = "/policies/roleManagementPolicyAssignments";

/// The policies of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPolicies {
    /// Both of them. One that is missing is not listed yet: never take the other one for it
    /// (hashicorp/terraform-provider-azuread#1491).
    pub policies: ByAccess<Option<Policy>>,
    /// Whether either of them was ever changed.
    pub onboarding: Onboarding,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRow {
    scope_id: String,
    role_definition_id: String,
    policy: Option<WirePolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePolicy {
    id: PolicyId,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    last_modified_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    rules: Vec<ReadRule>,
}

#[derive(Serialize)]
struct ReadRules {
    rules: Vec<WireRule>,
}

impl From<WirePolicy> for Policy {
    fn from(wire: WirePolicy) -> Self {
        let mut policy = Self {
            id: wire.id,
            rules: BTreeMap::new(),
            unreadable: BTreeMap::new(),
            unknown: Vec::new(),
        };
        for rule in wire.rules {
            match rule {
                ReadRule::Known(key, rule) => {
                    policy.rules.insert(key, rule);
                }
                ReadRule::Unreadable(key, reason) => {
                    policy.unreadable.insert(key, reason);
                }
                ReadRule::Unknown(rule) => policy.unknown.push(rule),
            }
        }
        policy
    }
}

impl Graph {
    /// Both policies of a group with all rules.
    pub async fn group_policies(&self, group: GroupId) -> Result<GroupPolicies, Error> {
        let filter = Filter::eq("scopeId", &group).and(&Filter::eq("scopeType", &"Group"));
        let query = Query::new().filter(filter).expand("policy($expand=rules)");
        let operation = Operation::get(OperationName::ListGroupPolicies, ASSIGNMENTS).query(&query);
        let wrong = operation.failure(Class::Bug);
        let mut found = GroupPolicies::default();
        let listed = self.session.list::<PolicyRow>(operation).await?;
        if let Some(row) = listed.unreadable.first() {
            return Err(wrong.saying(format!("a policy cannot be read: {}", row.reason)));
        }
        for row in listed.rows {
            if !row.scope_id.eq_ignore_ascii_case(&group.to_string()) {
                return Err(wrong.clone().saying("a policy of another group was listed"));
            }
            let place = match access(&row.role_definition_id) {
                Some(Access::Member) => &mut found.policies.member,
                Some(Access::Owner) => &mut found.policies.owner,
                None => continue,
            };
            let Some(policy) = row.policy else {
                continue;
            };
            if policy.last_modified_date_time.is_some() {
                found.onboarding = Onboarding::Done;
            }
            if place.replace(policy.into()).is_some() {
                return Err(wrong
                    .clone()
                    .saying("two policies for one access kind were listed"));
            }
        }
        Ok(found)
    }

    /// Writes these rules; those that are not given stay as they are. Read the policy back after it.
    pub async fn update_policy(
        &self,
        policy: &PolicyId,
        rules: &[(RuleKey, Rule)],
    ) -> Result<(), Error> {
        let path = format!(
            "/policies/roleManagementPolicies/{}",
            segment(policy.as_str())
        );
        let body = ReadRules {
            rules: rules
                .iter()
                .map(|(key, rule)| WireRule::new(*key, rule))
                .collect(),
        };
        let operation =
            Operation::new(OperationName::UpdatePolicy, Method::PATCH, path).json(&body)?;
        self.session.submit(operation).await.map(drop)
    }
}
