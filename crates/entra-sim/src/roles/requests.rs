//! Asking PIM for a directory role, and withdrawing it.
//!
//! learn.microsoft.com: rbacapplication-post-roleassignmentschedulerequests and -roleeligibilityschedulerequests.

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::assignments::{self, Unfit, check_principal, check_scope};
use super::rows::show_role_id;
use super::switches::{
    PlainGroupAnswer, ROLE_REQUEST_FOR_PLAIN_GROUP, UNKNOWN_ROLE_STATUS, UnknownStatus,
};
use super::{RoleAt, Scope, mirror};
use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::pim::engine::{
    Action, Ask, Deferral, Holding, Kind, Removal, Request, Standing, Status, Terms, Via, needed,
    request as request_body,
};
use crate::pim::groups::subject;
use crate::pim::policies;
use crate::pim::refusal::Refusal;
use crate::pim::session::{
    creator, fresh, may_manage_roles, require_licence, require_scope, require_self,
};
use crate::pim::switches::CREATED_BY;
use crate::schema;
use crate::state::Tenant;

/// Permissions that let an application ask for everything.
pub(super) const fn writers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Eligible => &[
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
        Kind::Active => &[
            "RoleAssignmentSchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
        ],
    }
}

/// Permissions that let an application take away.
pub(super) const fn removers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Eligible => &[
            "RoleEligibilitySchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
            "RoleEligibilitySchedule.Remove.Directory",
        ],
        Kind::Active => &[
            "RoleAssignmentSchedule.ReadWrite.Directory",
            "RoleManagement.ReadWrite.Directory",
            "RoleAssignmentSchedule.Remove.Directory",
        ],
    }
}

/// `POST roleEligibilityScheduleRequests` and `POST roleAssignmentScheduleRequests`.
pub(super) fn create(tenant: &mut Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let ask = read(tenant, call, kind)?;
    let holding = ask.holding.clone();
    let scopes = if ask.action == Action::AdminRemove {
        removers(holding.kind)
    } else {
        writers(holding.kind)
    };
    require_scope(call, scopes)?;
    if ask.action.is_own() {
        require_self(tenant, call, holding.principal)?;
        check_own_action(&ask)?;
    } else {
        may_manage_roles(tenant, call)?;
    }
    let lost = check(tenant, call, &ask)?;
    let policy = policies::ensure(
        tenant,
        policies::Scope::DirectoryRole(holding.privilege.role),
    );
    let fresh = fresh(tenant);
    let customs = mirror::customs(&tenant.behaviours);
    let terms = Terms {
        now: call.now,
        fresh,
        policy: &policy,
        customs: &customs,
        standing: match holding.kind {
            Kind::Active => mirror::standing(tenant, holding.privilege, holding.principal),
            Kind::Eligible => Standing::None,
        },
        removal: Removal::Possible,
        eligibility: activated_eligibility(tenant, &ask),
        deferral: lost.or(call.deferral),
    };
    let submitted = tenant.roles.store.submit(ask, &terms)?;
    mirror::carry_out(tenant, submitted.changes);
    if submitted.ends_standing {
        assignments::unassign(tenant, holding.privilege, holding.principal, call.now);
    }
    Ok(Reply::created(body(tenant, &submitted.request)))
}

/// A request as the service sends it.
pub(super) fn body(tenant: &Tenant, request: &Request<RoleAt>) -> Value {
    let mut row = Value::Object(request_body(request, tenant.behaviours.get(&CREATED_BY)));
    show_role_id(tenant, &mut row);
    row
}

/// A role or principal that is not replicated yet answers the same as one that does not exist.
fn unknown(tenant: &Tenant, refusal: Refusal) -> GraphError {
    let mut error = GraphError::from(refusal);
    if tenant.behaviours.get(&UNKNOWN_ROLE_STATUS) == UnknownStatus::NotFound {
        error.status = StatusCode::NOT_FOUND;
    }
    error
}

fn read(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Ask<RoleAt>, GraphError> {
    let type_name = match kind {
        Kind::Eligible => "unifiedRoleEligibilityScheduleRequest",
        Kind::Active => "unifiedRoleAssignmentScheduleRequest",
    };
    let body = schema::canonical_spelling(type_name, &Value::Object(call.body_object()?.clone()));
    if let Err(violations) = schema::check_request(type_name, &body) {
        let what = violations
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        return Err(Refusal::request(what).into());
    }
    let empty = Map::new();
    let object = body.as_object().unwrap_or(&empty);
    if object
        .get("appScopeId")
        .is_some_and(|scope| !scope.is_null())
    {
        return Err(GraphError::not_simulated("appScopeId"));
    }
    let scope = Scope::parse(needed(object, "directoryScopeId")?).ok_or(Refusal::Scope)?;
    let role = needed(object, "roleDefinitionId")?
        .parse()
        .map_err(|_| Refusal::request("'roleDefinitionId' is no id."))?;
    let definition = tenant
        .roles
        .resolve(role)
        .ok_or_else(|| unknown(tenant, Refusal::RoleNotFound))?;
    let principal: ObjectId = needed(object, "principalId")?
        .parse()
        .map_err(|_| Refusal::request("'principalId' is no id."))?;
    let holding = Holding {
        kind,
        privilege: RoleAt {
            role: definition.id,
            scope,
        },
        principal,
    };
    Ok(Ask::parse(object, holding, creator(call))?)
}

fn check_own_action(ask: &Ask<RoleAt>) -> Result<(), GraphError> {
    match (ask.action, ask.holding.kind) {
        (Action::SelfExtend | Action::SelfRenew, _) => Err(GraphError::not_simulated(
            "selfExtend and selfRenew; an administrator extends and renews",
        )),
        (_, Kind::Eligible) => Err(Refusal::request("Nobody makes themselves eligible.").into()),
        _ => Ok(()),
    }
}

/// What the service takes although nothing will ever come of it.
const LOST: Deferral = Deferral {
    status: Status::Granted,
    after: None,
};

/// Role, scope and principal must fit; what a deleted principal left behind can still be removed. A request for a group that
/// can not hold roles may be taken and lost.
fn check(tenant: &Tenant, call: &Call, ask: &Ask<RoleAt>) -> Result<Option<Deferral>, GraphError> {
    let holding = &ask.holding;
    if ask.action.ends() && tenant.roles.store.of_holding(holding).next().is_some() {
        return Ok(None);
    }
    let definition = tenant
        .roles
        .definition(holding.privilege.role)
        .ok_or_else(|| unknown(tenant, Refusal::RoleNotFound))?;
    let principal = assignments::principal(tenant, holding.principal, call.now)
        .ok_or_else(|| unknown(tenant, Refusal::SubjectNotFound))?;
    let answer = tenant.behaviours.get(&ROLE_REQUEST_FOR_PLAIN_GROUP);
    let fit = check_scope(tenant, definition, holding.privilege.scope)
        .and_then(|()| check_principal(tenant, &principal));
    match fit {
        Ok(()) => Ok(None),
        Err(Unfit::NotAtThisScope | Unfit::ScopeUnknown) => Err(Refusal::Scope.into()),
        Err(Unfit::GroupNotAssignable) if answer == PlainGroupAnswer::Granted => Ok(Some(LOST)),
        Err(Unfit::GroupNotAssignable) => Err(Refusal::request(
            "Groups without IsAssignableToRole property set cannot be assigned to roles.",
        )
        .into()),
    }
}

/// Looked for only where a request needs it.
fn activated_eligibility(tenant: &Tenant, ask: &Ask<RoleAt>) -> Option<(Uuid, Via)> {
    if ask.action == Action::SelfActivate {
        eligibility(tenant, &ask.holding)
    } else {
        None
    }
}

/// The eligibility that a principal may activate: his own, or that of a group he is in. The scope must be the same.
fn eligibility(tenant: &Tenant, holding: &Holding<RoleAt>) -> Option<(Uuid, Via)> {
    let in_force = |principal: ObjectId| {
        let eligible = Holding {
            kind: Kind::Eligible,
            principal,
            ..holding.clone()
        };
        tenant
            .roles
            .store
            .of_holding(&eligible)
            .find(|schedule| schedule.in_force())
            .map(|schedule| schedule.id)
    };
    in_force(holding.principal)
        .map(|id| (id, Via::Direct))
        .or_else(|| {
            subject::groups_of(tenant, holding.principal)
                .into_iter()
                .find_map(in_force)
                .map(|id| (id, Via::Group))
        })
}

/// `POST {id}/cancel`.
pub(super) fn cancel(tenant: &mut Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    require_scope(call, removers(kind))?;
    let request = find(tenant, call, kind)?;
    let id = request.id;
    if call.caller.signed_in_user != Some(request.ask.holding.principal) {
        may_manage_roles(tenant, call)?;
    }
    let customs = mirror::customs(&tenant.behaviours);
    let changes = tenant.roles.store.cancel(id, call.now, &customs)?;
    mirror::carry_out(tenant, changes);
    Ok(Reply::no_content())
}

/// The request that the path names.
pub(super) fn find<'a>(
    tenant: &'a Tenant,
    call: &Call,
    kind: Kind,
) -> Result<&'a Request<RoleAt>, Refusal> {
    call.param("request")
        .parse()
        .ok()
        .and_then(|id| tenant.roles.store.request(id))
        .filter(|request| request.ask.holding.kind == kind)
        .ok_or(Refusal::ResourceNotFound)
}
