//! A second administrator who must agree to every change of roles, where the tenant asks for one. Applications are asked,
//! too. First a request says why it is made; 412 names a code, and once somebody has agreed the same request is sent again
//! with it (learn.microsoft.com: "Use Access policies to implement multi admin approval", and what clients send).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::SignedDuration;
use uuid::Uuid;

use super::body::invalid;
use super::state::{ApprovalStage, IntuneApproval};
use crate::behaviours::intune::INTUNE_APPROVAL;
use crate::call::Call;
use crate::error::GraphError;
use crate::state::Tenant;

const JUSTIFICATION: HeaderName = HeaderName::from_static("x-msft-approval-justification");
const CODE: HeaderName = HeaderName::from_static("x-msft-approval-code");

/// The longest justification, in characters.
const LONGEST: usize = 1024;

/// How long a request waits.
const LAPSES_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Lets a write go on, if nobody has to agree to it or somebody has.
pub(super) fn agreed(tenant: &mut Tenant, call: &Call) -> Result<(), GraphError> {
    if !tenant.behaviours.get(&INTUNE_APPROVAL) {
        return Ok(());
    }
    let now = call.now;
    let lives = |one: &IntuneApproval| now.duration_since(one.since) < LAPSES_AFTER;
    tenant.intune.approvals.retain(|_, one| lives(one));
    let request = format!("{} {} {:?}", call.operation, call.path, call.body);
    match text(call, &CODE)? {
        Some(code) => claimed(tenant, call, &code, &request),
        None => asked(tenant, call, request),
    }
}

fn text(call: &Call, name: &HeaderName) -> Result<Option<String>, GraphError> {
    let Some(value) = call.headers.get(name) else {
        return Ok(None);
    };
    let value = value.to_str().ok().filter(|value| !value.is_empty());
    value
        .map(|value| Some(value.to_owned()))
        .ok_or_else(|| invalid(format!("The header {name} can not be read.")))
}

fn claimed(tenant: &mut Tenant, call: &Call, code: &str, request: &str) -> Result<(), GraphError> {
    let id: Option<Uuid> = code.parse().ok();
    let known = id.and_then(|id| tenant.intune.approvals.get(&id).map(|one| (id, one)));
    match known {
        Some((id, one)) if one.request == request && one.app == call.caller.app_id => {
            if one.stage == ApprovalStage::Waiting {
                return Err(waiting(id));
            }
            tenant.intune.approvals.remove(&id);
            Ok(())
        }
        _ => Err(invalid(
            "The approval code does not belong to this request.",
        )),
    }
}

fn asked(tenant: &mut Tenant, call: &Call, request: String) -> Result<(), GraphError> {
    let reason = text(call, &JUSTIFICATION)?;
    let reason = reason.and_then(|reason| STANDARD.decode(reason).ok());
    let reason = reason.and_then(|reason| String::from_utf8(reason).ok());
    if reason.is_none_or(|reason| reason.is_empty() || reason.chars().count() > LONGEST) {
        let message = "The request needs approval: a justification must be provided in the header \
                       x-msft-approval-justification.";
        return Err(invalid(message));
    }
    if tenant
        .intune
        .approvals
        .values()
        .any(|one| one.request == request)
    {
        let message = "An approval request for this resource is pending already.";
        return Err(GraphError::new(StatusCode::CONFLICT, "Conflict", message));
    }
    let id = tenant.new_guid();
    let approval = IntuneApproval {
        request,
        app: call.caller.app_id,
        since: call.now,
        stage: ApprovalStage::Waiting,
    };
    tenant.intune.approvals.insert(id, approval);
    Err(waiting(id))
}

fn waiting(id: Uuid) -> GraphError {
    let message = "The request is pending approval.";
    let code = HeaderValue::from_str(&id.to_string());
    let error = GraphError::new(
        StatusCode::PRECONDITION_FAILED,
        "PreconditionFailed",
        message,
    );
    match code {
        Ok(code) => error.header(CODE, code),
        Err(_) => error,
    }
}

/// A second administrator agrees to everything that waits; says how much that was.
pub(crate) fn approve(tenant: &mut Tenant) -> usize {
    let waiting = tenant
        .intune
        .approvals
        .values_mut()
        .filter(|one| one.stage == ApprovalStage::Waiting);
    let mut approved = 0;
    for one in waiting {
        one.stage = ApprovalStage::Approved;
        approved += 1;
    }
    approved
}
