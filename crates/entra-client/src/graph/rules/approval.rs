//! The rule that says who approves activations (learn.microsoft.com: approvalSettings, unifiedApprovalStage).

use std::collections::BTreeSet;

use pim_core::ids::PrincipalId;
use pim_core::rule::{Approval, Approver, Rule};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::texts;

/// How stages follow one another. Groups use one stage.
const SINGLE_STAGE: &str = "SingleStage";

/// The other modes. One that is not among them is shown as it is read.
const OTHER_MODES: &texts::Table<()> = &[("Serial", ()), ("Parallel", ()), ("NoApproval", ())];

/// The rule, with its values one level below.
#[derive(Serialize, Deserialize)]
pub(super) struct WireApproval {
    setting: WireSettings,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSettings {
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    is_approval_required: bool,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_approval_required_for_extension: bool,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_requestor_justification_required: bool,
    approval_mode: Option<String>,
    /// Approvers stay stored while approval is off.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    approval_stages: Vec<WireStage>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStage {
    /// Days until an unanswered request is denied.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    approval_stage_time_out_in_days: u32,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_approver_justification_required: bool,
    /// The service does not store escalation approvers.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    escalation_time_in_minutes: u32,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_escalation_enabled: bool,
    /// The order means nothing.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    primary_approvers: Vec<WireApprover>,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    escalation_approvers: Vec<WireApprover>,
}

impl WireApproval {
    /// Escalation and further stages are no part of what manifests say; a policy that has them differs by an approver that
    /// nobody can declare.
    pub(super) fn read(self) -> Rule {
        let WireSettings {
            is_approval_required: required,
            approval_mode,
            approval_stages: stages,
            ..
        } = self.setting;
        let mut undeclarable = Vec::new();
        if stages.len() > 1 {
            undeclarable.push(format!("{} stages", stages.len()));
        }
        if stages.iter().any(|stage| stage.is_escalation_enabled) {
            undeclarable.push("escalation".to_owned());
        }
        // What is written with every approval rule counts in the comparison, too: a mode in which nobody is asked would
        // make the rest of the rule say nothing.
        if required
            && let Some(mode) =
                approval_mode.filter(|mode| !mode.eq_ignore_ascii_case(SINGLE_STAGE))
        {
            let mode = texts::known(OTHER_MODES, &mode).map_or(mode.as_str(), |(mode, ())| mode);
            undeclarable.push(format!("approval mode {mode}"));
        }
        let approver_justification = stages
            .first()
            .is_none_or(|stage| stage.is_approver_justification_required);
        let primary = stages.into_iter().flat_map(|stage| stage.primary_approvers);
        let approvers: BTreeSet<Approver> = primary
            .map(|WireApprover(approver)| approver)
            .chain(undeclarable.into_iter().map(Approver::Other))
            .collect();
        Rule::Approval(Approval {
            required,
            approvers,
            approver_justification,
        })
    }
}

impl From<&Approval> for WireApproval {
    fn from(rule: &Approval) -> Self {
        // No rule that asks for approval is written with an approver that nobody can declare.
        let approvers = rule
            .approvers
            .iter()
            .filter(|approver| !matches!(approver, Approver::Other(_)));
        let stage = WireStage {
            approval_stage_time_out_in_days: 1,
            is_approver_justification_required: rule.approver_justification,
            escalation_time_in_minutes: 0,
            is_escalation_enabled: false,
            primary_approvers: approvers.cloned().map(WireApprover).collect(),
            escalation_approvers: Vec::new(),
        };
        Self {
            setting: WireSettings {
                is_approval_required: rule.required,
                is_approval_required_for_extension: false,
                is_requestor_justification_required: true,
                approval_mode: Some(SINGLE_STAGE.to_owned()),
                approval_stages: vec![stage],
            },
        }
    }
}

/// An approver in the form of the service. Kinds that PIM for groups does not use (managers, sponsors) are read, never
/// written.
struct WireApprover(Approver);

const USER: &str = "#microsoft.graph.singleUser";
const MEMBERS: &str = "#microsoft.graph.groupMembers";

impl Serialize for WireApprover {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Approver::User(id) => json!({"@odata.type": USER, "userId": id}).serialize(serializer),
            Approver::Group(id) => {
                json!({"@odata.type": MEMBERS, "groupId": id}).serialize(serializer)
            }
            Approver::Other(odata_type) => Err(serde::ser::Error::custom(format!(
                "an approver of type {odata_type} is read, never written"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for WireApprover {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let odata_type = text("@odata.type").unwrap_or_default();
        // One documented sample has `id` where others have `userId` or `groupId`.
        let id = |name: &str| -> Result<PrincipalId, D::Error> {
            let id = text(name).or_else(|| text("id")).unwrap_or_default();
            Uuid::try_parse(id)
                .map(PrincipalId::from)
                .map_err(|_| serde::de::Error::custom(format!("an approver without {name}")))
        };
        Ok(Self(if odata_type.eq_ignore_ascii_case(USER) {
            Approver::User(id("userId")?)
        } else if odata_type.eq_ignore_ascii_case(MEMBERS) {
            Approver::Group(id("groupId")?)
        } else {
            Approver::Other(odata_type.to_owned())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_are_read_in_both_documented_shapes() {
        let read: Vec<WireApprover> = serde_json::from_str(
            r##"[{"@odata.type":"#microsoft.graph.singleUser","userId":"11111111-1111-4111-8111-111111111111","description":"x"},
                {"@odata.type":"#microsoft.graph.groupMembers","id":"22222222-2222-4222-8222-222222222222","isBackup":false},
                {"@odata.type":"#microsoft.graph.requestorManager","managerLevel":1}]"##,
        )
        .unwrap();
        assert_eq!(
            read[0].0,
            Approver::User("11111111-1111-4111-8111-111111111111".parse().unwrap())
        );
        assert_eq!(
            serde_json::to_value(&read[1]).unwrap(),
            json!({"@odata.type": MEMBERS, "groupId": "22222222-2222-4222-8222-222222222222"})
        );
        assert!(serde_json::to_value(&read[2]).is_err());
    }
}
