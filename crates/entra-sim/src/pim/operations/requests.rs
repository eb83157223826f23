//! Asking PIM for something, and withdrawing it.
//!
//! learn.microsoft.com: privilegedaccessgroup-post-assignmentschedulerequests,
//! rbacapplication-post-roleassignmentschedulerequests and their kind.

use serde_json::{Map, Value};

use super::mirror::carry_out;
use super::submit::{fail, submit};
use crate::behaviours::pim::CREATED_BY;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::pim::area::{GraphArea, Readiness};
use crate::pim::engine::{
    Action, Deferral, Holding, Kind, Mode, Request, RequestRecord, needed_id,
    request as request_body,
};
use crate::pim::refusal::Refusal;
use crate::pim::session::{creator, require_licence, require_scope, require_self};
use crate::schema;
use crate::state::Tenant;

pub(crate) fn create<P: GraphArea>(tenant: &mut Tenant, call: &Call, kind: Kind) -> Answered {
    require_licence(tenant)?;
    let asked = read::<P>(tenant, call, kind)?;
    let (holding, mode) = (asked.holding, asked.mode);
    // The permissions that only remove do nothing else.
    let scopes = if asked.action == Action::AdminRemove {
        P::removers(kind)
    } else {
        P::writers(kind)
    };
    require_scope(call, scopes)?;
    let readiness = holding.privilege.admit(tenant, call)?;
    if asked.action.is_own() {
        require_self(tenant, call, holding.principal)?;
        check_own_action(asked.action, kind)?;
    } else {
        holding.privilege.may_manage(tenant, call)?;
    }
    let lost = fitting(tenant, call, &asked)?;
    let deferral = lost.or(call.deferral);
    let request = if readiness == Readiness::Failing && mode == Mode::Real {
        fail(tenant, asked, call.now)
    } else {
        submit(tenant, asked, call.now, deferral)?
    };
    Ok(Reply::created(body(tenant, &request)))
}

/// A request as the service sends it.
pub(super) fn body<P: GraphArea>(tenant: &Tenant, request: &RequestRecord<P>) -> Value {
    let mut row = request_body(request, tenant.behaviours.get(&CREATED_BY));
    P::finish(tenant, &mut row);
    Value::Object(row)
}

/// Reads the body. Names and enumerations are taken in any case, as the samples and real clients need.
fn read<P: GraphArea>(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Request<P>, GraphError> {
    let type_name = P::request_type(kind);
    let body = schema::canonical_spelling(type_name, &Value::Object(call.body_object()?.clone()));
    schema::check_request(type_name, &body).map_err(|violations| {
        let what: Vec<String> = violations.iter().map(ToString::to_string).collect();
        Refusal::request(what.join("; "))
    })?;
    let empty = Map::new();
    let object = body.as_object().unwrap_or(&empty);
    let holding = Holding {
        kind,
        privilege: P::read(tenant, object)?,
        principal: needed_id(object, "principalId")?,
    };
    Ok(Request::parse(object, holding, creator(call))?)
}

fn check_own_action(action: Action, kind: Kind) -> Result<(), GraphError> {
    match (action, kind) {
        (Action::SelfExtend | Action::SelfRenew, _) => Err(GraphError::not_simulated(
            "selfExtend and selfRenew; an administrator extends and renews",
        )),
        (_, Kind::Eligible) => Err(Refusal::request("Nobody makes themselves eligible.").into()),
        _ => Ok(()),
    }
}

/// The principal must fit; what a deleted principal left behind can still be removed.
fn fitting<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    asked: &Request<P>,
) -> Result<Option<Deferral>, GraphError> {
    let held = P::store(tenant).of_holding(&asked.holding).next().is_some();
    if asked.action.ends() && held {
        return Ok(None);
    }
    P::fits(tenant, call, asked)
}

pub(crate) fn cancel<P: GraphArea>(tenant: &mut Tenant, call: &Call, kind: Kind) -> Answered {
    require_licence(tenant)?;
    require_scope(call, P::removers(kind))?;
    let request = find::<P>(tenant, call, kind)?;
    let (id, holding) = (request.id, request.asked.holding);
    holding.privilege.require_writable(tenant)?;
    if call.caller.signed_in_user != Some(holding.principal) {
        holding.privilege.may_manage(tenant, call)?;
    }
    let options = P::options(&tenant.behaviours);
    let changes = P::store_mut(tenant).cancel(id, call.now, &options)?;
    carry_out(tenant, changes);
    Ok(Reply::no_content())
}

/// The request that the path names.
pub(super) fn find<'a, P: GraphArea>(
    tenant: &'a Tenant,
    call: &Call,
    kind: Kind,
) -> Result<&'a RequestRecord<P>, Refusal> {
    P::guid(call.param("request"))
        .and_then(|guid| P::store(tenant).request(guid))
        .filter(|request| request.asked.holding.kind == kind)
        .ok_or(Refusal::ResourceNotFound)
}
