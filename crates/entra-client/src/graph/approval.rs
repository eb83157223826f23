//! The approval setting of a policy (learn.microsoft.com: approvalSettings, unifiedApprovalStage).

use pim_core::ids::{GroupId, PrincipalId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::open_enum::open_enum;

open_enum! {
    /// How stages follow one another. Groups use one stage.
    ApprovalMode {
        /// One stage.
        SingleStage = "SingleStage",
        /// One after another.
        Serial = "Serial",
        /// At once.
        Parallel = "Parallel",
        /// None.
        NoApproval = "NoApproval",
    }
}

/// Whether and by whom an activation must be approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalSettings {
    /// Whether at all.
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    pub is_approval_required: bool,
    /// Whether for extensions, too.
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    pub is_approval_required_for_extension: bool,
    /// Whether the requestor must say why.
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    pub is_requestor_justification_required: bool,
    /// How stages follow one another.
    pub approval_mode: Option<ApprovalMode>,
    /// The stages. Approvers stay stored while approval is off.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub approval_stages: Vec<ApprovalStage>,
}

/// One stage of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalStage {
    /// Days until an unanswered request is denied.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub approval_stage_time_out_in_days: u32,
    /// Whether the approver must say why.
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    pub is_approver_justification_required: bool,
    /// Minutes until escalation; the service does not store escalation approvers.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub escalation_time_in_minutes: u32,
    /// Whether it escalates.
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    pub is_escalation_enabled: bool,
    /// Who may approve; the order means nothing.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub primary_approvers: Vec<Approver>,
    /// Who may approve after escalation.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub escalation_approvers: Vec<Approver>,
}

/// Who may approve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Approver {
    /// A person.
    User(PrincipalId),
    /// The members of a group.
    Members(GroupId),
    /// A kind that PIM for groups does not use (managers, sponsors); read, never written.
    Other {
        /// Its `@odata.type`.
        odata_type: String,
    },
}

const USER: &str = "#microsoft.graph.singleUser";
const MEMBERS: &str = "#microsoft.graph.groupMembers";

impl Serialize for Approver {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::User(id) => json!({"@odata.type": USER, "userId": id}).serialize(serializer),
            Self::Members(id) => {
                json!({"@odata.type": MEMBERS, "groupId": id}).serialize(serializer)
            }
            Self::Other { odata_type } => Err(serde::ser::Error::custom(format!(
                "an approver of type {odata_type} is read, never written"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for Approver {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let odata_type = text("@odata.type").unwrap_or_default();
        // One documented sample has `id` where others have `userId` or `groupId`.
        let id = |name: &str| -> Result<Uuid, D::Error> {
            let id = text(name).or_else(|| text("id")).unwrap_or_default();
            Uuid::try_parse(id)
                .map_err(|_| serde::de::Error::custom(format!("an approver without {name}")))
        };
        if odata_type.eq_ignore_ascii_case(USER) {
            Ok(Self::User(id("userId")?.into()))
        } else if odata_type.eq_ignore_ascii_case(MEMBERS) {
            Ok(Self::Members(id("groupId")?.into()))
        } else {
            Ok(Self::Other {
                odata_type: odata_type.to_owned(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_are_read_in_both_documented_shapes() {
        let read: Vec<Approver> = serde_json::from_str(
            r##"[{"@odata.type":"#microsoft.graph.singleUser","userId":"11111111-1111-4111-8111-111111111111","description":"x"},
                {"@odata.type":"#microsoft.graph.groupMembers","id":"22222222-2222-4222-8222-222222222222","isBackup":false},
                {"@odata.type":"#microsoft.graph.requestorManager","managerLevel":1}]"##,
        )
        .unwrap();
        assert_eq!(
            read[0],
            Approver::User("11111111-1111-4111-8111-111111111111".parse().unwrap())
        );
        assert_eq!(
            serde_json::to_value(&read[1]).unwrap(),
            json!({"@odata.type": MEMBERS, "groupId": "22222222-2222-4222-8222-222222222222"})
        );
        assert!(serde_json::to_value(&read[2]).is_err());
    }
}
