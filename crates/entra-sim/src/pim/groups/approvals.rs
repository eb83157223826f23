//! Approvals of activations: signed-in approvers read and answer them.
//!
//! learn.microsoft.com: approval-get, approvalstage-update; applications are not supported. The page writes `steps` in
//! the path where the resource says `stages`, so both are taken.

use http::StatusCode;
use serde_json::{Value, json};

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::odata::{self, Capabilities};
use crate::permission::NO_APPLICATION;
use crate::pim::access::GroupAccess;
use crate::pim::area::Area;
use crate::pim::engine::{ApprovalRecord, RequestRecord, Review, Status, Verdict};
use crate::pim::operations::mirror::carry_out;
use crate::pim::operations::reviewers::may_review;
use crate::pim::policy::rule::Reason;
use crate::pim::refusal::Refusal;
use crate::pim::session::{require_enabled, require_licence};
use crate::pim::window::stamp;
use crate::route::{Service, routes};
use crate::state::Tenant;

routes! { pub(super) ROUTES, Service::GROUP_PIM;
    get "/identityGovernance/privilegedAccess/group/assignmentApprovals/{approval}", NO_APPLICATION, get,
        "pimGroups.approvals.get" => entity("approval", "identityGovernance/privilegedAccess/group/assignmentApprovals");
    get "/identityGovernance/privilegedAccess/group/assignmentApprovals/{approval}/stages", NO_APPLICATION, stages,
        "pimGroups.approvals.stages.list" =>
            collection("approvalStage", "identityGovernance/privilegedAccess/group/assignmentApprovals('{approval}')/stages");
    get "/identityGovernance/privilegedAccess/group/assignmentApprovals/{approval}/stages/{stage}", NO_APPLICATION, stage,
        "pimGroups.approvals.stages.get" =>
            entity("approvalStage", "identityGovernance/privilegedAccess/group/assignmentApprovals('{approval}')/stages");
    patch "/identityGovernance/privilegedAccess/group/assignmentApprovals/{approval}/stages/{stage}", NO_APPLICATION, review,
        "pimGroups.approvals.stages.update" => takes("approvalStage");
    patch "/identityGovernance/privilegedAccess/group/assignmentApprovals/{approval}/steps/{stage}", NO_APPLICATION, review,
        "pimGroups.approvals.steps.update" => takes("approvalStage");
}

const APPROVALS: Capabilities = Capabilities {
    expand: &["stages"],
    ..Capabilities::SERVICE
};

/// The approval that the path names, with its request.
fn named(
    tenant: &Tenant,
    call: &Call,
) -> Result<(ApprovalRecord, RequestRecord<GroupAccess>), GraphError> {
    require_licence(tenant)?;
    let approval = call
        .param("approval")
        .parse()
        .ok()
        .and_then(|id| tenant.pim.store.approval(id))
        .cloned();
    let approval = approval.ok_or(Refusal::ResourceNotFound)?;
    let request = tenant
        .pim
        .store
        .request(approval.request)
        .cloned()
        .ok_or(Refusal::ResourceNotFound)?;
    Ok((approval, request))
}

fn stage_body(
    tenant: &Tenant,
    approval: &ApprovalRecord,
    request: &RequestRecord<GroupAccess>,
    user: ObjectId,
) -> Value {
    let review = approval.review.as_ref();
    let reviewer = review.map(|review| {
        let name = tenant
            .directory
            .principal(review.by)
            .map(|principal| principal.display_name);
        json!({"id": review.by.to_string(), "displayName": name})
    });
    let open = request.status == Status::PendingApproval;
    json!({
        "id": approval.stage.to_string(),
        "displayName": null,
        "assignedToMe": may_review(tenant, request, user),
        "reviewResult": review.map_or("NotReviewed", |review| review.verdict.into()),
        "status": if open { "InProgress" } else if approval.over { "Expired" } else { "Completed" },
        "justification": review.and_then(|review| review.justification.clone()),
        "reviewedBy": reviewer,
        "reviewedDateTime": review.map(|review| stamp(review.at)),
    })
}

fn user(call: &Call) -> Result<ObjectId, Refusal> {
    call.caller.signed_in_user.ok_or(Refusal::Unauthorized)
}

/// `GET assignmentApprovals/{id}`: for the requestor, the approvers and the owners of the group.
fn get(tenant: &mut Tenant, call: &Call) -> Answered {
    let (approval, request) = visible(tenant, call)?;
    let mut body = json!({"id": approval.id.to_string()});
    if call.query.expansion("stages").is_some() {
        body["stages"] = json!([stage_body(tenant, &approval, &request, user(call)?)]);
    }
    Ok(Reply::ok(odata::entity(call, body, &APPROVALS)?))
}

fn stages(tenant: &mut Tenant, call: &Call) -> Answered {
    let (approval, request) = visible(tenant, call)?;
    let rows = vec![stage_body(tenant, &approval, &request, user(call)?)];
    Ok(Reply::rows(odata::collection(call, rows, &APPROVALS)?))
}

fn stage(tenant: &mut Tenant, call: &Call) -> Answered {
    let (approval, request) = visible(tenant, call)?;
    require_stage(call, &approval)?;
    let body = stage_body(tenant, &approval, &request, user(call)?);
    Ok(Reply::ok(odata::entity(call, body, &APPROVALS)?))
}

/// The stage that the path names is that of the approval.
fn require_stage(call: &Call, approval: &ApprovalRecord) -> Result<(), Refusal> {
    let named = call.param("stage");
    if named.eq_ignore_ascii_case(&approval.stage.to_string()) {
        Ok(())
    } else {
        Err(Refusal::ResourceNotFound)
    }
}

fn visible(
    tenant: &Tenant,
    call: &Call,
) -> Result<(ApprovalRecord, RequestRecord<GroupAccess>), GraphError> {
    let user = user(call)?;
    require_enabled(tenant, user)?;
    let (approval, request) = named(tenant, call)?;
    let group = request.asked.holding.privilege.group;
    let involved = request.asked.holding.principal == user
        || approval
            .review
            .as_ref()
            .is_some_and(|review| review.by == user)
        || may_review(tenant, &request, user)
        || crate::directory::membership::holds(tenant, group, Access::Owner, user);
    if involved {
        Ok((approval, request))
    } else {
        Err(Refusal::Unauthorized.into())
    }
}

/// `PATCH assignmentApprovals/{id}/stages/{stage}`: 204, and 409 when somebody has answered before.
fn review(tenant: &mut Tenant, call: &Call) -> Answered {
    let user = user(call)?;
    require_enabled(tenant, user)?;
    let (approval, request) = named(tenant, call)?;
    require_stage(call, &approval)?;
    if approval.review.is_some() || approval.over || request.status != Status::PendingApproval {
        return Err(GraphError::new(
            StatusCode::CONFLICT,
            "Conflict",
            "The approval stage has been completed already.",
        ));
    }
    if !may_review(tenant, &request, user) {
        return Err(Refusal::Unauthorized.into());
    }
    let (verdict, justification) = answer(tenant, call, &request)?;
    let instance = tenant.new_guid();
    let options = GroupAccess::options(&tenant.behaviours);
    let review = Review {
        verdict,
        by: user,
        justification,
        at: call.now,
    };
    let changes = tenant
        .pim
        .store
        .review(approval.id, review, instance, &options);
    carry_out(tenant, changes);
    Ok(Reply::no_content())
}

/// What the approver says, with a justification where the policy wants one.
fn answer(
    tenant: &Tenant,
    call: &Call,
    request: &RequestRecord<GroupAccess>,
) -> Result<(Verdict, Option<String>), GraphError> {
    let body = call.body_object()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let verdict = text("reviewResult")
        .and_then(|word| word.parse::<Verdict>().ok())
        .ok_or_else(|| Refusal::request("'reviewResult' is Approve or Deny."))?;
    let justification = text("justification")
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned);
    let policy = tenant
        .pim
        .policies
        .get(request.asked.holding.privilege.policy());
    let asks_reason = policy
        .and_then(|policy| policy.approval())
        .is_some_and(|one| one.approver == Reason::Demanded);
    if asks_reason && justification.is_none() {
        return Err(Refusal::request("'justification' is missing.").into());
    }
    Ok((verdict, justification))
}
