//! What PIM for Groups answers, through the dispatcher.

mod activation;
mod deferral;
mod lists;
mod people;
mod requests;
mod subjects;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ids::{Access, AppId, ObjectId};
use crate::journal::Effect;
use crate::pim::bench::{ACTIVE_REQUESTS, Bench, BenchAnswer, ELIGIBLE_REQUESTS, PIM, Roles};

const MEMBER: Access = Access::Member;
const OWNER: Access = Access::Owner;

/// A request with a window of days; zero days ask for no end.
fn body(action: &str, group: ObjectId, access: Access, principal: ObjectId, days: u32) -> Value {
    let expiration = match days {
        0 => json!({"type": "noExpiration"}),
        days => json!({"type": "afterDuration", "duration": format!("P{days}D")}),
    };
    json!({
        "action": action, "accessId": access.as_str(), "groupId": group.to_string(),
        "principalId": principal.to_string(), "justification": "declared in git",
        "scheduleInfo": {"startDateTime": null, "expiration": expiration},
    })
}

fn eligible(bench: &mut Bench, action: &str, group: ObjectId, principal: ObjectId) -> BenchAnswer {
    bench.post(
        ELIGIBLE_REQUESTS,
        body(action, group, MEMBER, principal, 30),
    )
}

fn active(
    bench: &mut Bench,
    action: &str,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
) -> BenchAnswer {
    bench.post(ACTIVE_REQUESTS, body(action, group, access, principal, 30))
}

fn list(bench: &mut Bench, collection: &str, group: ObjectId) -> Vec<Value> {
    bench
        .get(&format!("{PIM}/{collection}?$filter=groupId eq '{group}'"))
        .expect(200)
        .rows()
        .to_vec()
}

fn activation(group: ObjectId, access: Access, user: ObjectId, hours: u32) -> Value {
    let mut body = body("selfActivate", group, access, user, 1);
    body["scheduleInfo"]["expiration"]["duration"] = json!(format!("PT{hours}H"));
    body
}

fn activate(bench: &mut Bench, group: ObjectId, user: ObjectId, hours: u32) -> BenchAnswer {
    let path = ACTIVE_REQUESTS;
    bench.as_user(
        (user, ""),
        "POST",
        path,
        Some(activation(group, MEMBER, user, hours)),
    )
}

/// Opens the policy of an access for permanent grants and sets further rules.
fn policy(bench: &mut Bench, group: ObjectId, access: Access, rules: Value) {
    let filter =
        format!("scopeId eq '{group}' and scopeType eq 'Group' and roleDefinitionId eq '{access}'");
    let path = format!("/policies/roleManagementPolicyAssignments?$filter={filter}");
    let id = bench.get(&path).expect(200).rows()[0]["policyId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut body = json!({});
    body["rules"] = rules;
    bench
        .patch(&format!("/policies/roleManagementPolicies/{id}"), body)
        .expect(200);
}

fn permanent_active() -> Value {
    json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
        "id": "Expiration_Admin_Assignment", "isExpirationRequired": false})
}

fn enabled(id: &str, rules: &[&str]) -> Value {
    json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
        "id": id, "enabledRules": rules})
}

fn with_approver(bench: &mut Bench, group: ObjectId, approver: ObjectId) {
    let approver =
        json!({"@odata.type": "#microsoft.graph.singleUser", "userId": approver.to_string()});
    let stage = json!({"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true,
        "escalationTimeInMinutes": 0, "isEscalationEnabled": false, "escalationApprovers": [],
        "primaryApprovers": [approver]});
    let rule = json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
        "id": "Approval_EndUser_Assignment",
        "setting": {"isApprovalRequired": true, "isApprovalRequiredForExtension": false,
            "isRequestorJustificationRequired": true, "approvalMode": "SingleStage", "approvalStages": [stage]}});
    policy(bench, group, MEMBER, json!([rule]));
}
