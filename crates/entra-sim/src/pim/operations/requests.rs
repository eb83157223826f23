//! Asking PIM for something, and withdrawing it.
//!
//! learn.microsoft.com: privilegedaccessgroup-post-assignmentschedulerequests,
//! rbacapplication-post-roleassignmentschedulerequests and their kind.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::mirror::carry_out;
use crate::behaviours::pim::CREATED_BY;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::pim::area::{Area, Readiness};
use crate::pim::engine::{
    Action, Deferral, Holding, Kind, Mode, Request, RequestRecord, Standing, Terms, Via, needed_id,
    request as request_body,
};
use crate::pim::policies::find as policies;
use crate::pim::refusal::Refusal;
use crate::pim::session::{creator, fresh, require_licence, require_scope, require_self};
use crate::schema;
use crate::state::Tenant;

pub(crate) fn create<P: Area>(tenant: &mut Tenant, call: &Call, kind: Kind) -> Answered {
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
    let fresh = fresh(tenant);
    let options = P::options(&tenant.behaviours);
    if readiness == Readiness::Failing && mode == Mode::Real {
        let request = P::store_mut(tenant).fail(asked, fresh, call.now, &options);
        return Ok(Reply::created(body(tenant, &request)));
    }
    let policy = policies::ensure(tenant, holding.privilege.policy());
    let terms = Terms {
        now: call.now,
        fresh,
        policy: &policy,
        options: &options,
        standing: match kind {
            Kind::Active => P::standing(tenant, &holding),
            Kind::Eligible => Standing::None,
        },
        removal: P::removal(tenant, &holding),
        // Searched for only where a request needs it.
        eligibility: match asked.action {
            Action::SelfActivate => eligibility(tenant, &holding),
            _ => None,
        },
        deferral: lost.or(call.deferral),
    };
    let submitted = P::store_mut(tenant).submit(asked, &terms)?;
    if mode == Mode::Real {
        holding.privilege.onboard(tenant);
    }
    carry_out(tenant, submitted.changes);
    if submitted.ends_standing {
        P::end_standing(tenant, &holding, call.now)?;
    }
    Ok(Reply::created(body(tenant, &submitted.request)))
}

/// A request as the service sends it.
pub(super) fn body<P: Area>(tenant: &Tenant, request: &RequestRecord<P>) -> Value {
    let mut row = request_body(request, tenant.behaviours.get(&CREATED_BY));
    P::finish(tenant, &mut row);
    Value::Object(row)
}

/// Reads the body. Names and enumerations are taken in any case, as the samples and real clients need.
fn read<P: Area>(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Request<P>, GraphError> {
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
fn fitting<P: Area>(
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

/// The eligibility that a principal may activate: their own, or that of a group they are in.
fn eligibility<P: Area>(tenant: &Tenant, holding: &Holding<P>) -> Option<(Uuid, Via)> {
    let in_force = |principal: ObjectId| {
        let eligible = Holding {
            kind: Kind::Eligible,
            principal,
            ..*holding
        };
        P::store(tenant)
            .of_holding(&eligible)
            .find(|schedule| schedule.in_force())
            .map(|schedule| schedule.id)
    };
    let own = in_force(holding.principal).map(|id| (id, Via::Direct));
    own.or_else(|| {
        let groups = tenant.directory.all_groups_of(holding.principal);
        let found = groups.into_iter().find_map(in_force);
        found.map(|id| (id, Via::Group))
    })
}

pub(crate) fn cancel<P: Area>(tenant: &mut Tenant, call: &Call, kind: Kind) -> Answered {
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
pub(super) fn find<'a, P: Area>(
    tenant: &'a Tenant,
    call: &Call,
    kind: Kind,
) -> Result<&'a RequestRecord<P>, Refusal> {
    P::guid(call.param("request"))
        .and_then(|guid| P::store(tenant).request(guid))
        .filter(|request| request.asked.holding.kind == kind)
        .ok_or(Refusal::ResourceNotFound)
}
