//! Policies: all rules of a group for one access kind.
//!
//! Both policies of a group come in one call. The id of a policy changes when the service sees fit (at onboarding, and
//! by some accounts with every change), so it is good for the next write only.

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{GroupId, PolicyId};
use serde::{Deserialize, Serialize};

use super::Graph;
use super::group_pim::Access;
use super::rules::{AnyRule, Rule, UnknownRule, UnreadableRule};
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query, segment};

const ASSIGNMENTS: &str = "/policies/roleManagementPolicyAssignments";

/// A policy with all its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its id, for the next write.
    pub id: PolicyId,
    /// When it was last changed; nothing if never.
    pub last_modified: Option<Timestamp>,
    /// The rules that we can write.
    pub rules: Vec<Rule>,
    /// Those of a known type that cannot be read.
    pub unreadable_rules: Vec<UnreadableRule>,
    /// All others.
    pub unknown_rules: Vec<UnknownRule>,
}

/// The policies of a group. One that is missing is not listed yet: never take the other one for it
/// (hashicorp/terraform-provider-azuread#1491).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPolicies {
    /// For members.
    pub member: Option<Policy>,
    /// For owners.
    pub owner: Option<Policy>,
}

impl GroupPolicies {
    /// Whether either of them was ever changed.
    pub fn ever_changed(&self) -> bool {
        let both = self.member.iter().chain(&self.owner);
        both.into_iter()
            .any(|policy| policy.last_modified.is_some())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
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
    rules: Vec<AnyRule>,
}

#[derive(Serialize)]
struct Rules<'a> {
    rules: &'a [Rule],
}

impl From<WirePolicy> for Policy {
    fn from(wire: WirePolicy) -> Self {
        let mut policy = Self {
            id: wire.id,
            last_modified: wire.last_modified_date_time,
            rules: Vec::new(),
            unreadable_rules: Vec::new(),
            unknown_rules: Vec::new(),
        };
        for rule in wire.rules {
            match rule {
                AnyRule::Known(rule) => policy.rules.push(*rule),
                AnyRule::Unreadable(rule) => policy.unreadable_rules.push(rule),
                AnyRule::Unknown(rule) => policy.unknown_rules.push(rule),
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
        let wrong = Error::of_operation(&operation, Class::Bug);
        let mut policies = GroupPolicies::default();
        let listed = self.list::<Row>(operation).await?;
        if let Some(row) = listed.unreadable.first() {
            return Err(wrong.saying(format!("a policy cannot be read: {}", row.reason)));
        }
        for row in listed.rows {
            if !row.scope_id.eq_ignore_ascii_case(&group.to_string()) {
                return Err(wrong.clone().saying("a policy of another group was listed"));
            }
            let place = match Access::from(row.role_definition_id.as_str()) {
                Access::Member => &mut policies.member,
                Access::Owner => &mut policies.owner,
                Access::Other(_) => continue,
            };
            let Some(policy) = row.policy else {
                continue;
            };
            if place.replace(policy.into()).is_some() {
                return Err(wrong
                    .clone()
                    .saying("two policies for one access kind were listed"));
            }
        }
        Ok(policies)
    }

    /// Writes these rules; those that are not given stay as they are. Read the policy back after it.
    pub async fn update_policy(&self, policy: &PolicyId, rules: &[Rule]) -> Result<(), Error> {
        let path = format!(
            "/policies/roleManagementPolicies/{}",
            segment(policy.as_str())
        );
        let operation = Operation::new(OperationName::UpdatePolicy, Method::PATCH, path)
            .json(&Rules { rules })?;
        self.submit(operation).await.map(drop)
    }
}
