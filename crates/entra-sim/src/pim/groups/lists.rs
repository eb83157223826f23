//! Reading requests, schedules and instances.
//!
//! learn.microsoft.com: privilegedaccessgroup-list-*; a list of schedules or instances needs a group or a principal in its filter.
//! The pages say so of requests, too, but those are listed without (microsoftgraph/microsoft-graph-docs-contrib#8885,
//! microsoftgraph/msgraph-sdk-powershell#2777).

use serde_json::{Value, json};

use super::rows::{Form, rows};
use super::{approvals, requests, subject};
use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Capabilities, EQ, NE, Property};
use crate::pim::access::GroupAccess;
use crate::pim::engine::{self, Kind, Lookup, Request};
use crate::pim::refusal::Refusal;
use crate::pim::session::require_licence;
use crate::pim::switches::{CREATED_BY, EXPAND_GROUP_BROKEN};
use crate::state::Tenant;

const LISTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("groupId", EQ),
        Property::plain("principalId", EQ),
        Property::plain("accessId", EQ),
        Property::plain("status", EQ),
        Property::plain("targetScheduleId", EQ),
        Property::plain("createdUsing", EQ),
        Property::plain("assignmentType", EQ),
        Property::plain("memberType", EQ),
        Property::plain("assignmentScheduleId", EQ),
        Property::plain("eligibilityScheduleId", EQ),
    ],
    order_by: &["createdDateTime"],
    expand: &["group", "principal"],
    ..Capabilities::SERVICE
};

/// Requests can be asked for all that do not have some status (microsoftgraph/microsoft-graph-docs#21378).
const REQUESTS: Capabilities = Capabilities {
    filter: &[
        Property::plain("groupId", EQ),
        Property::plain("principalId", EQ),
        Property::plain("accessId", EQ),
        Property::plain("status", EQ | NE),
        Property::plain("targetScheduleId", EQ),
    ],
    ..LISTS
};

/// The group or the principal that a filter names, and everything when it names none.
fn lookup(tenant: &Tenant, call: &Call) -> Result<Lookup<GroupAccess>, GraphError> {
    require_licence(tenant)?;
    let id = |name: &str| -> Result<Option<ObjectId>, GraphError> {
        call.query
            .required(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Refusal::request(format!("'{text}' is not an id.")).into())
            })
            .transpose()
    };
    if let Some(group) = id("groupId")? {
        let known = subject::manageable(tenant, group)?;
        if subject::readiness(tenant, known, call.now) == subject::Readiness::Unknown {
            return Err(Refusal::ResourceNotFound.into());
        }
        return Ok(Lookup::Place(group));
    }
    let principal = id("principalId")?;
    Ok(principal.map_or(Lookup::Everything, Lookup::Principal))
}

/// The group or the principal that lists of schedules and instances need.
fn narrow_lookup(tenant: &Tenant, call: &Call) -> Result<Lookup<GroupAccess>, GraphError> {
    match lookup(tenant, call)? {
        Lookup::Everything => Err(GraphError::bad_request(
            "MissingParameters",
            "The required parameters GroupId or PrincipalId is missing",
        )),
        narrow => Ok(narrow),
    }
}

/// Adds what `$expand` asks for: of a principal its id only, of the group what the switch allows.
fn expand(tenant: &Tenant, call: &Call, row: &mut Value) {
    let id = |name: &str| {
        row.get(name)
            .and_then(Value::as_str)
            .and_then(|text| text.parse::<ObjectId>().ok())
    };
    let (group, principal) = (id("groupId"), id("principalId"));
    if call.query.expansion("principal").is_some() {
        let kind = principal
            .and_then(|id| tenant.directory.principal(id))
            .map(|principal| principal.kind);
        row["principal"] = match (kind, principal) {
            (Some(kind), Some(id)) => {
                json!({"@odata.type": kind.odata_type(), "id": id.to_string()})
            }
            _ => Value::Null,
        };
    }
    if call.query.expansion("group").is_some() {
        let record = group.and_then(|id| tenant.directory.group(id));
        row["group"] = match record {
            Some(group) if !tenant.behaviours.get(&EXPAND_GROUP_BROKEN) => {
                json!({"id": group.id.to_string(), "displayName": group.display_name, "mail": null})
            }
            _ => Value::Null,
        };
    }
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

/// `GET {kind}Schedules` and `GET {kind}ScheduleInstances`.
pub(super) fn list(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    let lookup = narrow_lookup(tenant, call)?;
    let rows = rows(tenant, kind, form, &lookup, call.now);
    answer(tenant, call, rows, &LISTS)
}

/// One row by its key, which starts with the group.
pub(super) fn one(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let key = call.param("schedule");
    let group: ObjectId = key
        .split('_')
        .next()
        .and_then(|group| group.parse().ok())
        .ok_or(Refusal::ResourceNotFound)?;
    let mut row = rows(tenant, kind, form, &Lookup::Place(group), call.now)
        .into_iter()
        .find(|row| {
            row["id"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(key))
        })
        .ok_or(Refusal::ResourceNotFound)?;
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &LISTS)?))
}

/// `filterByCurrentUser` of schedules and instances. A list of one's own needs a group or a principal in its filter as well.
pub(super) fn mine(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: Form,
) -> Result<Reply, GraphError> {
    narrow_lookup(tenant, call)?;
    let user = current_user(call, &["principal"])?;
    let rows = rows(tenant, kind, form, &Lookup::Principal(user), call.now);
    answer(tenant, call, rows, &LISTS)
}

/// The signed-in user whose rows are asked for; `on` says in which part.
fn current_user(call: &Call, allowed: &[&str]) -> Result<ObjectId, GraphError> {
    let on = call.param("on");
    if !allowed.iter().any(|one| one.eq_ignore_ascii_case(on)) {
        return Err(Refusal::request(format!("'{on}' can not be filtered on.")).into());
    }
    call.caller
        .signed_in_user
        .ok_or_else(|| Refusal::Unauthorized.into())
}

/// Rows of requests of one kind that meet a condition.
fn request_rows(
    tenant: &Tenant,
    kind: Kind,
    lookup: &Lookup<GroupAccess>,
    meets: impl Fn(&Request<GroupAccess>) -> bool,
) -> Vec<Value> {
    let created_by = tenant.behaviours.get(&CREATED_BY);
    let requests = tenant.pim.store.requests(lookup).into_iter();
    requests
        .filter(|request| request.ask.holding.kind == kind && meets(request))
        .map(|request| Value::Object(engine::request(request, created_by)))
        .collect()
}

/// `GET {kind}ScheduleRequests`.
pub(super) fn requests(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    let lookup = lookup(tenant, call)?;
    let rows = request_rows(tenant, kind, &lookup, |_| true);
    answer(tenant, call, rows, &REQUESTS)
}

/// `GET {kind}ScheduleRequests/{id}`.
pub(super) fn request(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let request = requests::find(tenant, call, kind)?;
    let mut row = Value::Object(engine::request(request, tenant.behaviours.get(&CREATED_BY)));
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &REQUESTS)?))
}

/// `GET {kind}ScheduleRequests/filterByCurrentUser`: as principal, as creator or as approver.
pub(super) fn my_requests(tenant: &Tenant, call: &Call, kind: Kind) -> Result<Reply, GraphError> {
    lookup(tenant, call)?;
    let user = current_user(call, &["principal", "createdBy", "approver"])?;
    let on = call.param("on").to_ascii_lowercase();
    let rows = request_rows(tenant, kind, &Lookup::Everything, |request| {
        match on.as_str() {
            "principal" => request.ask.holding.principal == user,
            "createdby" => request.ask.creator.id == user,
            _ => approvals::may_review(tenant, request, user),
        }
    });
    answer(tenant, call, rows, &REQUESTS)
}
