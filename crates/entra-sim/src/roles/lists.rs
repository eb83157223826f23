//! Reading requests, schedules and instances of directory roles.
//!
//! learn.microsoft.com: rbacapplication-list-role*schedule*. What live tenants refuse beyond the documentation are switches.

use serde_json::{Value, json};

use super::RoleAt;
use super::assignments::expand;
use super::requests::{body, find, removers};
use super::rows::{Form, rows};
use super::switches::{ROLE_REQUEST_READ_NEEDS_WRITE, ROLE_REQUEST_STATUS_FILTER_REFUSED};
use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Capabilities, EQ, IN, Paging, Property};
use crate::pim::engine::{Kind, Lookup};
use crate::pim::groups::subject;
use crate::pim::refusal::Refusal;
use crate::pim::session::{require_licence, require_scope};
use crate::state::Tenant;

const PAGING: Paging = Paging {
    default: 100,
    maximum: 999,
};

const SCHEDULES: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ | IN),
        Property::plain("roleDefinitionId", EQ | IN),
        Property::plain("directoryScopeId", EQ | IN),
        Property::plain("appScopeId", EQ),
        Property::plain("assignmentType", EQ),
        Property::plain("memberType", EQ),
        Property::plain("status", EQ),
        Property::plain("createdUsing", EQ),
        Property::plain("roleAssignmentScheduleId", EQ),
        Property::plain("roleEligibilityScheduleId", EQ),
        Property::plain("roleAssignmentOriginId", EQ),
    ],
    order_by: &["createdDateTime"],
    expand: &["principal", "roleDefinition", "directoryScope"],
    paging: PAGING,
    ..Capabilities::SERVICE
};

/// What live tenants take on requests.
const REQUESTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ),
        Property::plain("roleDefinitionId", EQ),
        Property::plain("directoryScopeId", EQ),
        Property::plain("targetScheduleId", EQ),
    ],
    order_by: &[],
    ..SCHEDULES
};

/// What the documentation lets expect of requests.
const REQUESTS_AS_DOCUMENTED: Capabilities = Capabilities {
    filter: &[
        Property::plain("principalId", EQ),
        Property::plain("roleDefinitionId", EQ),
        Property::plain("directoryScopeId", EQ),
        Property::plain("targetScheduleId", EQ),
        Property::plain("status", EQ),
    ],
    ..SCHEDULES
};

const fn readers(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Eligible => &[
            "RoleManagement.Read.All",
            "RoleManagement.Read.Directory",
            "RoleManagement.ReadWrite.Directory",
            "RoleEligibilitySchedule.Read.Directory",
            "RoleEligibilitySchedule.ReadWrite.Directory",
        ],
        Kind::Active => &[
            "RoleManagement.Read.All",
            "RoleManagement.Read.Directory",
            "RoleManagement.ReadWrite.Directory",
            "RoleAssignmentSchedule.Read.Directory",
            "RoleAssignmentSchedule.ReadWrite.Directory",
        ],
    }
}

fn require_read(tenant: &Tenant, call: &Call, kind: Kind) -> Result<(), GraphError> {
    require_licence(tenant)?;
    require_scope(call, readers(kind))
}

/// Observed: reading requests wants a permission that writes.
fn require_read_of_requests(tenant: &Tenant, call: &Call, kind: Kind) -> Result<(), GraphError> {
    require_licence(tenant)?;
    let scopes = if tenant.behaviours.get(&ROLE_REQUEST_READ_NEEDS_WRITE) {
        removers(kind)
    } else {
        readers(kind)
    };
    require_scope(call, scopes)
}

/// The narrowest index that the filter allows.
fn lookup(tenant: &Tenant, call: &Call) -> Lookup<RoleAt> {
    if let Some(principal) = call
        .query
        .required("principalId")
        .and_then(|id| id.parse().ok())
    {
        return Lookup::Principal(principal);
    }
    let role = call
        .query
        .required("roleDefinitionId")
        .and_then(|id| id.parse().ok());
    role.and_then(|role| tenant.roles.resolve(role))
        .map_or(Lookup::Everything, |definition| {
            Lookup::Place(definition.id)
        })
}

/// Filters and projects rows as the query asks.
fn answer(
    tenant: &Tenant,
    call: &Call,
    rows: Vec<Value>,
    capabilities: &Capabilities,
) -> Result<Reply, GraphError> {
    let rows = odata::collection_with(call, rows, capabilities, |row| expand(tenant, call, row))?;
    Ok(Reply::rows(rows))
}

/// `GET role{kind}Schedules` and `GET role{kind}ScheduleInstances`.
pub(super) fn list(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    require_read(tenant, call, kind)?;
    let rows = rows(tenant, kind, form, &lookup(tenant, call), call.now);
    answer(tenant, call, rows, &SCHEDULES)
}

/// One row by its id.
pub(super) fn one(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    require_read(tenant, call, kind)?;
    let id = call.param("schedule");
    let mut row = rows(tenant, kind, form, &Lookup::Everything, call.now)
        .into_iter()
        .find(|row| row["id"].as_str() == Some(id))
        .ok_or(Refusal::ResourceNotFound)?;
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &SCHEDULES)?))
}

/// `filterByCurrentUser`: rows of the signed-in user, those of their groups included.
pub(super) fn mine(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let user = current_user(call)?;
    let mut found = rows(tenant, kind, form, &Lookup::Principal(user), call.now);
    for group in subject::groups_of(tenant, user) {
        let through = rows(tenant, kind, form, &Lookup::Principal(group), call.now);
        found.extend(through.into_iter().map(|mut row| {
            row["memberType"] = json!("Group");
            row
        }));
    }
    answer(tenant, call, found, &SCHEDULES)
}

/// The signed-in user whose rows are asked for.
fn current_user(call: &Call) -> Result<ObjectId, GraphError> {
    if !call.param("on").eq_ignore_ascii_case("principal") {
        return Err(
            Refusal::request(format!("'{}' can not be filtered on.", call.param("on"))).into(),
        );
    }
    call.caller
        .signed_in_user
        .ok_or_else(|| Refusal::Unauthorized.into())
}

fn request_rows(tenant: &Tenant, kind: Kind, lookup: &Lookup<RoleAt>) -> Vec<Value> {
    let requests = tenant.roles.store.requests(lookup).into_iter();
    requests
        .filter(|request| request.ask.holding.kind == kind)
        .map(|request| body(tenant, request))
        .collect()
}

/// `GET role{kind}ScheduleRequests`.
pub(super) fn requests(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_read_of_requests(tenant, call, kind)?;
    let capabilities = if tenant.behaviours.get(&ROLE_REQUEST_STATUS_FILTER_REFUSED) {
        &REQUESTS
    } else {
        &REQUESTS_AS_DOCUMENTED
    };
    answer(
        tenant,
        call,
        request_rows(tenant, kind, &lookup(tenant, call)),
        capabilities,
    )
}

/// `GET role{kind}ScheduleRequests/{id}`.
pub(super) fn request(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_read_of_requests(tenant, call, kind)?;
    let mut row = body(tenant, find(tenant, call, kind)?);
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &REQUESTS)?))
}

/// `GET role{kind}ScheduleRequests/filterByCurrentUser`.
pub(super) fn my_requests(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let rows = request_rows(tenant, kind, &Lookup::Principal(current_user(call)?));
    answer(tenant, call, rows, &REQUESTS_AS_DOCUMENTED)
}
