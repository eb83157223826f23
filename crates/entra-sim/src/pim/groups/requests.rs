//! Asking PIM for Groups for something, and withdrawing it.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::subject::{self, Readiness};
use crate::call::{Call, Reply};
use crate::directory::membership;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::pim::access::GroupAccess;
use crate::pim::engine::{
    Action, Ask, Holding, Kind, Mode, Removal, Request, Standing, Terms, Via, needed,
    request as request_body,
};
use crate::pim::mirror::{self, carry_out};
use crate::pim::policies::{self, Scope};
use crate::pim::refusal::Refusal;
use crate::pim::session::{
    creator, fresh, may_manage_group, require_licence, require_scope, require_self,
};
use crate::pim::switches::{CREATED_BY, ROLE_ASSIGNABLE_NEEDS_ROLE_MANAGEMENT};
use crate::schema;
use crate::state::Tenant;

/// `POST eligibilityScheduleRequests` and `POST assignmentScheduleRequests`.
pub(super) fn create(tenant: &mut Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let ask = read(call, kind)?;
    require_write(call, &ask)?;
    let readiness = check(tenant, call, &ask)?;
    let fresh = fresh(tenant);
    let customs = mirror::customs(&tenant.behaviours);
    if readiness == Readiness::Failing && ask.mode == Mode::Real {
        let request = tenant.pim.store.fail(ask, fresh, call.now, &customs);
        return Ok(reply(tenant, &request));
    }
    let GroupAccess { group, access } = ask.holding.privilege;
    let (principal, mode) = (ask.holding.principal, ask.mode);
    let policy = policies::ensure(tenant, Scope::Group(ask.holding.privilege));
    // Only who owns the group now is protected; an eligibility goes like any other.
    let last_owner = kind == Kind::Active
        && access == Access::Owner
        && membership::is_last_owner(tenant, group, principal);
    let terms = Terms {
        now: call.now,
        fresh,
        policy: &policy,
        customs: &customs,
        standing: match kind {
            Kind::Active => mirror::standing(tenant, ask.holding.privilege, principal),
            Kind::Eligible => Standing::None,
        },
        removal: if last_owner {
            Removal::Impossible
        } else {
            Removal::Possible
        },
        eligibility: activated_eligibility(tenant, &ask),
        deferral: call.deferral,
    };
    let submitted = tenant.pim.store.submit(ask, &terms)?;
    if mode == Mode::Real {
        policies::onboard(tenant, group);
    }
    carry_out(tenant, submitted.changes);
    if submitted.ends_standing {
        membership::remove(tenant, group, access, principal, call.now)
            .map_err(|membership::LastOwner| Refusal::LastOwner)?;
    }
    Ok(reply(tenant, &submitted.request))
}

/// Whether this caller may ask this of this group and principal, and how far PIM has heard of the group.
fn check(tenant: &Tenant, call: &Call, ask: &Ask<GroupAccess>) -> Result<Readiness, GraphError> {
    let group = subject::manageable(tenant, ask.holding.privilege.group)?;
    let readiness = subject::readiness(tenant, group, call.now);
    if readiness == Readiness::Unknown {
        return Err(Refusal::ResourceNotFound.into());
    }
    subject::refuse_restricted(tenant, group.id)?;
    if group.is_role_assignable()
        && tenant
            .behaviours
            .get(&ROLE_ASSIGNABLE_NEEDS_ROLE_MANAGEMENT)
    {
        require_scope(call, &["RoleManagement.ReadWrite.Directory"])?;
    }
    if ask.action.is_own() {
        require_self(tenant, call, ask.holding.principal)?;
        check_own_action(ask)?;
    } else {
        may_manage_group(tenant, call, group)?;
    }
    check_principal(tenant, call, ask)?;
    Ok(readiness)
}

fn reply(tenant: &Tenant, request: &Request<GroupAccess>) -> Reply {
    Reply::created(Value::Object(request_body(
        request,
        tenant.behaviours.get(&CREATED_BY),
    )))
}

/// Reads the body. Names and enumerations are taken in any case, as the samples and real clients need.
fn read(call: &Call, kind: Kind) -> Result<Ask<GroupAccess>, GraphError> {
    let type_name = match kind {
        Kind::Eligible => "privilegedAccessGroupEligibilityScheduleRequest",
        Kind::Active => "privilegedAccessGroupAssignmentScheduleRequest",
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
    let id = |name: &str| -> Result<ObjectId, Refusal> {
        needed(object, name)?
            .parse()
            .map_err(|_| Refusal::request(format!("'{name}' is not an id.")))
    };
    let access = Access::parse(needed(object, "accessId")?)
        .ok_or_else(|| Refusal::request("'accessId' is member or owner."))?;
    let privilege = GroupAccess {
        group: id("groupId")?,
        access,
    };
    let holding = Holding {
        kind,
        privilege,
        principal: id("principalId")?,
    };
    Ok(Ask::parse(object, holding, creator(call))?)
}

/// The permissions that only remove do nothing else.
fn require_write(call: &Call, ask: &Ask<GroupAccess>) -> Result<(), GraphError> {
    if ask.action == Action::AdminRemove {
        return Ok(());
    }
    let scope: &[&str] = match ask.holding.kind {
        Kind::Eligible => &["PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"],
        Kind::Active => &["PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"],
    };
    require_scope(call, scope)
}

fn check_own_action(ask: &Ask<GroupAccess>) -> Result<(), GraphError> {
    match (ask.action, ask.holding.kind) {
        (Action::SelfExtend | Action::SelfRenew, _) => Err(GraphError::not_simulated(
            "selfExtend and selfRenew; an administrator extends and renews",
        )),
        (_, Kind::Eligible) => Err(Refusal::request("Nobody makes themselves eligible.").into()),
        _ => Ok(()),
    }
}

/// What a deleted principal left behind can be removed and nothing else.
fn check_principal(tenant: &Tenant, call: &Call, ask: &Ask<GroupAccess>) -> Result<(), GraphError> {
    let holding = &ask.holding;
    if ask.action.ends() && tenant.pim.store.of_holding(holding).next().is_some() {
        return Ok(());
    }
    let principal = subject::principal(tenant, holding.principal, call.now)?;
    if ask.action.ends() {
        return Ok(());
    }
    let group = subject::manageable(tenant, holding.privilege.group)?;
    Ok(subject::admissible(tenant, group, holding, &principal)?)
}

/// Looked for only where a request needs it.
fn activated_eligibility(tenant: &Tenant, ask: &Ask<GroupAccess>) -> Option<(Uuid, Via)> {
    if ask.action == Action::SelfActivate {
        eligibility(tenant, &ask.holding)
    } else {
        None
    }
}

/// The eligibility that a principal may activate: his own, or that of a group he is in.
fn eligibility(tenant: &Tenant, holding: &Holding<GroupAccess>) -> Option<(Uuid, Via)> {
    let in_force = |principal: ObjectId| {
        let eligible = Holding {
            kind: Kind::Eligible,
            principal,
            ..holding.clone()
        };
        tenant
            .pim
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

/// `POST {id}/cancel`. Clients pass the id of the request or the key of its schedule, which ends with it.
pub(super) fn cancel(tenant: &mut Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let request = find(tenant, call, kind)?;
    let (id, group) = (request.id, request.ask.holding.privilege.group);
    subject::refuse_restricted(tenant, group)?;
    let own = call.caller.signed_in_user == Some(request.ask.holding.principal);
    if !own {
        may_manage_group(tenant, call, subject::manageable(tenant, group)?)?;
    }
    let customs = mirror::customs(&tenant.behaviours);
    let changes = tenant.pim.store.cancel(id, call.now, &customs)?;
    carry_out(tenant, changes);
    Ok(Reply::no_content())
}

/// The request that the path names.
pub(super) fn find<'a>(
    tenant: &'a Tenant,
    call: &Call,
    kind: Kind,
) -> Result<&'a Request<GroupAccess>, Refusal> {
    let named = call.param("request");
    named
        .rsplit('_')
        .next()
        .and_then(|guid| guid.parse().ok())
        .and_then(|guid| tenant.pim.store.request(guid))
        .filter(|request| request.ask.holding.kind == kind)
        .ok_or(Refusal::ResourceNotFound)
}
