//! How the rule of approval is read: its one stage and who may approve.

use serde_json::{Map, Value};

use super::fields::{flag, text};
use super::refusal::PolicyRefusal;
use super::rule::{Approval, ApprovalMode, Approver, RuleId, Setting};
use super::switches::Strictness;
use crate::ids::ObjectId;

/// Longest time a stage of approval may be left open that fits the type; the service itself always waits one day.
const MAXIMUM_STAGE_DAYS: u8 = 14;

pub(super) fn approval(
    object: &Map<String, Value>,
    id: RuleId,
    strictness: Strictness,
) -> Result<Approval, PolicyRefusal> {
    let Some(Value::Object(setting)) = object.get("setting") else {
        return Err(PolicyRefusal::invalid(id, "setting is missing"));
    };
    let required = flag(setting, id, "isApprovalRequired")?;
    let mode = match text(setting, "approvalMode") {
        None => ApprovalMode::SingleStage,
        Some(word) => word
            .parse()
            .map_err(|_| PolicyRefusal::invalid(id, format!("no mode '{word}'")))?,
    };
    let stage = stage(setting, id)?;
    if required
        && (stage.is_none() || matches!(mode, ApprovalMode::Serial | ApprovalMode::Parallel))
    {
        return Err(PolicyRefusal::invalid(
            id,
            "approval has one stage, in mode SingleStage",
        ));
    }
    let approvers = stage.map_or_else(|| Ok(Vec::new()), |stage| approvers(stage, id))?;
    if required && approvers.is_empty() && !strictness.approval_without_approver {
        return Err(PolicyRefusal::invalid(
            id,
            "approval is required and nobody may approve",
        ));
    }
    let set = |object: Option<&Map<String, Value>>, name: &str| object?.get(name)?.as_bool();
    Ok(Approval {
        required,
        required_for_extension: set(Some(setting), "isApprovalRequiredForExtension")
            .unwrap_or(false),
        requestor: set(Some(setting), "isRequestorJustificationRequired")
            .unwrap_or(true)
            .into(),
        mode,
        approver: set(stage, "isApproverJustificationRequired")
            .unwrap_or(true)
            .into(),
        timeout_days: timeout(stage, id)?,
        approvers,
    })
}

/// Switching approval off without naming approvers leaves those that stand stored on the stage, as measured in a live
/// tenant.
pub(super) fn keeping(given: Approval, current: Option<&Setting>) -> Approval {
    match current {
        Some(Setting::Approval(stored)) if !given.required && given.approvers.is_empty() => {
            Approval {
                approvers: stored.approvers.clone(),
                ..given
            }
        }
        _ => given,
    }
}

/// The one stage that PIM has, when it is sent.
fn stage(
    setting: &Map<String, Value>,
    id: RuleId,
) -> Result<Option<&Map<String, Value>>, PolicyRefusal> {
    let stages = setting
        .get("approvalStages")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    match stages {
        [] => Ok(None),
        [Value::Object(stage)] => Ok(Some(stage)),
        _ => Err(PolicyRefusal::invalid(id, "there is exactly one stage")),
    }
}

fn timeout(stage: Option<&Map<String, Value>>, id: RuleId) -> Result<u8, PolicyRefusal> {
    let Some(days) = stage.and_then(|stage| stage.get("approvalStageTimeOutInDays")?.as_u64())
    else {
        return Ok(1);
    };
    u8::try_from(days)
        .ok()
        .filter(|days| (1..=MAXIMUM_STAGE_DAYS).contains(days))
        .ok_or_else(|| PolicyRefusal::invalid(id, "approvalStageTimeOutInDays is out of range"))
}

fn approvers(stage: &Map<String, Value>, id: RuleId) -> Result<Vec<Approver>, PolicyRefusal> {
    let sets = stage
        .get("primaryApprovers")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    sets.iter()
        .map(|set| {
            let kind = set
                .get("@odata.type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            match kind
                .trim_start_matches('#')
                .trim_start_matches("microsoft.graph.")
            {
                "singleUser" => approver_id(set, "userId").map(Approver::User),
                "groupMembers" => approver_id(set, "groupId").map(Approver::GroupMembers),
                other => Err(PolicyRefusal::invalid(
                    id,
                    format!("'{other}' can not approve"),
                )),
            }
        })
        .collect()
}

fn approver_id(set: &Value, name: &str) -> Result<ObjectId, PolicyRefusal> {
    set.get(name)
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .ok_or(PolicyRefusal::ApproverId)
}
