//! `activation.approval`: whether somebody must approve an activation, and who may.
//!
//! A group has no default approvers, unlike a directory role (learn.microsoft.com: groups-role-settings), so approval
//! without approvers would lock everybody out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inheritance::{fill, leaf};
use super::{Declared, SettingValue};
use crate::principal::{Names, Principal, PrincipalKind};
use crate::rule::{Approver, RuleKey, RuleTarget, Rules};

/// What the API server answers where an approver is of another kind.
pub const WHO_MAY_APPROVE: &str =
    "an approver is a User, or a Group by its object id: an application cannot approve";

/// Whether every activation waits for an approver: `Always`, or `Never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Demand {
    /// Every activation waits for an approver.
    Always,
    /// Nobody is asked.
    Never,
}

/// Whether the approver must give a reason: `Required`, or `Optional`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Necessity {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// Whether somebody must approve an activation, and who may.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    inline,
    extend("x-kubernetes-validations" = [
        {
            "rule": "!has(self.approvers) || self.approvers.all(a, a.kind in ['User', 'Group'])",
            "message": WHO_MAY_APPROVE
        }
    ])
)]
pub struct ApprovalSetting {
    /// Whether every activation waits for an approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Demand>,
    /// Who may approve: users by principal name or object id, groups by object id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 50),
        extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["kind", "name"])
    )]
    pub approvers: Option<Vec<Principal>>,
    /// Whether the approver must give a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver_justification: Option<Necessity>,
}

impl SettingValue for ApprovalSetting {
    fn keys(_: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Approval]
    }

    fn write(&self, _: RuleTarget, names: &Names, rules: &mut Rules) {
        if let Some(required) = self.required {
            rules.approval.required = required == Demand::Always;
        }
        if let Some(approvers) = &self.approvers {
            let identities = approvers
                .iter()
                .filter_map(|approver| names.identity(approver));
            rules.approval.approvers = identities
                .map(|identity| match identity.kind {
                    PrincipalKind::User => Approver::User(identity.id),
                    PrincipalKind::Group | PrincipalKind::PrivilegedGroup => {
                        Approver::Group(identity.id)
                    }
                    PrincipalKind::ServicePrincipal => {
                        Approver::Other(format!("ServicePrincipal {}", identity.id))
                    }
                })
                .collect();
        }
        if let Some(justification) = self.approver_justification {
            rules.approval.approver_justification = justification == Necessity::Required;
        }
    }

    fn show(_: RuleTarget, rules: &Rules) -> String {
        if !rules.approval.required {
            return "Never".to_owned();
        }
        let approvers: Vec<String> = rules
            .approval
            .approvers
            .iter()
            .map(ToString::to_string)
            .collect();
        let justification = if rules.approval.approver_justification {
            "with a reason"
        } else {
            "without a reason"
        };
        format!("Always by [{}] {justification}", approvers.join(", "))
    }

    fn principals(&self) -> Vec<Principal> {
        self.approvers.clone().unwrap_or_default()
    }

    fn leaves(&self) -> Vec<(&'static str, Declared)> {
        vec![
            leaf("required", self.required.as_ref()),
            leaf("approvers", self.approvers.as_ref()),
            leaf(
                "approverJustification",
                self.approver_justification.as_ref(),
            ),
        ]
    }

    fn inherit(&mut self, template: &Self) {
        fill(&mut self.required, template.required.as_ref());
        fill(&mut self.approvers, template.approvers.as_ref());
        fill(
            &mut self.approver_justification,
            template.approver_justification.as_ref(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PrincipalId;
    use crate::principal::{Account, Identity, Resolution};
    use uuid::Uuid;

    #[test]
    fn approvers_are_written_by_their_ids() {
        let boss = Principal {
            kind: PrincipalKind::User,
            name: "boss@contoso.com".to_owned(),
        };
        let id = PrincipalId(Uuid::from_u128(7));
        let identity = Identity {
            id,
            kind: PrincipalKind::User,
            user_principal_name: None,
            account: Account::Enabled,
            user_type: None,
            group: None,
            application: None,
        };
        let names: Names = [(boss.clone(), Resolution::Found(identity))]
            .into_iter()
            .collect();
        let approval = ApprovalSetting {
            required: Some(Demand::Always),
            approvers: Some(vec![boss]),
            approver_justification: None,
        };
        let mut rules = Rules::defaults();
        approval.write(RuleTarget::Activation, &names, &mut rules);
        assert!(rules.approval.required);
        assert!(rules.approval.approvers.contains(&Approver::User(id)));
        assert!(
            rules.approval.approver_justification,
            "what is not declared stays as it was"
        );
    }
}
