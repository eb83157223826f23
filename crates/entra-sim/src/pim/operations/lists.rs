//! Reading requests, schedules and instances.
//!
//! learn.microsoft.com: privilegedaccessgroup-list-* and rbacapplication-list-role*schedule*. What live tenants refuse
//! beyond the documentation are switches.

use serde_json::Value;

use super::requests::{body, find};
use super::reviewers::may_review;
use super::rows::rows;
use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata;
use crate::pim::area::{GraphArea, Inherited, Listing, RowForm};
use crate::pim::engine::{Kind, Lookup, RequestRecord};
use crate::pim::refusal::Refusal;
use crate::pim::session::require_licence;
use crate::state::Tenant;

/// Filters and projects rows as the query asks.
fn answer<P: GraphArea>(tenant: &Tenant, call: &Call, rows: Vec<Value>, list: Listing) -> Answered {
    let capabilities = P::capabilities(tenant, list);
    let expand = |row: &mut Value| P::expand(tenant, call, row);
    odata::collection_with(call, rows, capabilities, expand).map(Reply::rows)
}

fn answer_one<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    mut row: Value,
    list: Listing,
) -> Answered {
    P::expand(tenant, call, &mut row);
    odata::entity(call, row, P::capabilities(tenant, list)).map(Reply::ok)
}

fn require_read<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    list: Listing,
) -> Result<(), GraphError> {
    require_licence(tenant)?;
    P::require_read(tenant, call, kind, list)
}

/// `GET {kind}Schedules` and `GET {kind}ScheduleInstances`.
pub(crate) fn list<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: RowForm,
) -> Answered {
    require_read::<P>(tenant, call, kind, Listing::Schedules)?;
    let lookup = P::lookup(tenant, call)?;
    P::require_narrow(&lookup)?;
    let rows = rows(tenant, kind, form, &lookup, call.now);
    answer::<P>(tenant, call, rows, Listing::Schedules)
}

pub(crate) fn one<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: RowForm,
) -> Answered {
    require_read::<P>(tenant, call, kind, Listing::Schedules)?;
    let key = call.param("schedule");
    let lookup: Lookup<P> = P::lookup_of_key(key).ok_or(Refusal::ResourceNotFound)?;
    let row = rows(tenant, kind, form, &lookup, call.now)
        .into_iter()
        .find(|row| row["id"].as_str().is_some_and(|id| P::is_key(id, key)))
        .ok_or(Refusal::ResourceNotFound)?;
    answer_one::<P>(tenant, call, row, Listing::Schedules)
}

/// `filterByCurrentUser` of schedules and instances. It wants the same filter as the list.
pub(crate) fn mine<P: GraphArea>(
    tenant: &Tenant,
    call: &Call,
    kind: Kind,
    form: RowForm,
) -> Answered {
    require_licence(tenant)?;
    P::require_narrow(&P::lookup(tenant, call)?)?;
    let user = current_user(call, &["principal"])?;
    let mut found = rows::<P>(tenant, kind, form, &Lookup::Principal(user), call.now);
    let asked = (kind, form, Inherited::Mine);
    found.extend(P::inherited(tenant, asked, user, call.now));
    answer::<P>(tenant, call, found, Listing::Schedules)
}

/// The signed-in user whose rows are asked for; `on` says in which part.
fn current_user(call: &Call, allowed: &[&str]) -> Result<ObjectId, Refusal> {
    let on = call.param("on");
    if !allowed.iter().any(|one| one.eq_ignore_ascii_case(on)) {
        return Err(Refusal::request(format!("'{on}' can not be filtered on.")));
    }
    call.caller.signed_in_user.ok_or(Refusal::Unauthorized)
}

/// Rows of requests of one kind that meet a condition.
fn request_rows<P: GraphArea>(
    tenant: &Tenant,
    kind: Kind,
    lookup: &Lookup<P>,
    meets: impl Fn(&RequestRecord<P>) -> bool,
) -> Vec<Value> {
    let requests = P::store(tenant).requests(lookup).into_iter();
    requests
        .filter(|request| request.asked.holding.kind == kind && meets(request))
        .map(|request| body(tenant, request))
        .collect()
}

pub(crate) fn requests<P: GraphArea>(tenant: &Tenant, call: &Call, kind: Kind) -> Answered {
    require_read::<P>(tenant, call, kind, Listing::Requests)?;
    let lookup = P::lookup(tenant, call)?;
    let rows = request_rows(tenant, kind, &lookup, |_| true);
    answer::<P>(tenant, call, rows, Listing::Requests)
}

pub(crate) fn request<P: GraphArea>(tenant: &Tenant, call: &Call, kind: Kind) -> Answered {
    require_read::<P>(tenant, call, kind, Listing::Requests)?;
    let row = body(tenant, find::<P>(tenant, call, kind)?);
    answer_one::<P>(tenant, call, row, Listing::Requests)
}

/// `GET {kind}ScheduleRequests/filterByCurrentUser`: as principal, as creator or as approver.
pub(crate) fn my_requests<P: GraphArea>(tenant: &Tenant, call: &Call, kind: Kind) -> Answered {
    require_licence(tenant)?;
    P::lookup(tenant, call)?;
    let user = current_user(call, P::MY_REQUESTS)?;
    let on = call.param("on").to_ascii_lowercase();
    let meets = |request: &RequestRecord<P>| match on.as_str() {
        "principal" => request.asked.holding.principal == user,
        "createdby" => request.asked.creator.id == user,
        _ => may_review(tenant, request, user),
    };
    let rows = request_rows(tenant, kind, &Lookup::Everything, meets);
    answer::<P>(tenant, call, rows, Listing::MyRequests)
}
