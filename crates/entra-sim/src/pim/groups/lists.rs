//! Reading requests, schedules and instances.
//!
//! learn.microsoft.com: privilegedaccessgroup-list-*; a list needs a group or a principal in its filter. Plain members are listed
//! with null dates, as in the samples.

use serde_json::{Value, json};

use super::{kind, requests, subject};
use crate::call::{Call, Reply};
use crate::directory::PrincipalKind;
use crate::error::GraphError;
use crate::ids::{Access, ObjectId};
use crate::odata::{self, Advanced, Capabilities, EQ, Paging, Property};
use crate::pim::access::GroupAccess;
use crate::pim::engine::{self, Kind, Lookup, Privilege, Schedule, Standing};
use crate::pim::mirror;
use crate::pim::refusal::Refusal;
use crate::pim::session::require_licence;
use crate::pim::stable_guid;
use crate::pim::switches::{
    CREATED_BY, DURATION_READBACK, EXPAND_GROUP_BROKEN, PLAIN_SERVICE_PRINCIPALS_IN_PIM,
};
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
    paging: Paging {
        default: 100,
        maximum: 999,
    },
    advanced: Advanced::Absent,
    refusal: "InvalidFilter",
    defaults: &[],
};

/// Whether rows show schedules or what they come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Schedule,
    Instance,
}

/// The group or the principal that every list needs.
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
    match id("principalId")? {
        Some(principal) => Ok(Lookup::Principal(principal)),
        None => Err(GraphError::bad_request(
            "MissingParameters",
            "The required parameters GroupId or PrincipalId is missing",
        )),
    }
}

/// Rows of one kind and form, as lists show them.
fn rows(tenant: &Tenant, call: &Call, form: Form, lookup: &Lookup<GroupAccess>) -> Vec<Value> {
    let kind = kind(call);
    let shown = |schedule: &&Schedule<GroupAccess>| {
        form == Form::Schedule || schedule.window.start <= call.now
    };
    let mut rows: Vec<Value> = tenant
        .pim
        .store
        .shown(lookup, kind, call.now)
        .into_iter()
        .filter(shown)
        .map(|schedule| row(tenant, schedule, form))
        .collect();
    match (kind, lookup) {
        (Kind::Active, _) => rows.extend(plain_rows(tenant, lookup)),
        (Kind::Eligible, Lookup::Principal(principal)) => {
            rows.extend(rows_through_groups(tenant, call, form, *principal))
        }
        (Kind::Eligible, _) => {}
    }
    rows
}

fn reference(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "eligibilityScheduleId",
        Kind::Active => "assignmentScheduleId",
    }
}

fn row(tenant: &Tenant, schedule: &Schedule<GroupAccess>, form: Form) -> Value {
    Value::Object(match form {
        Form::Schedule => engine::schedule(schedule, tenant.behaviours.get(&DURATION_READBACK)),
        Form::Instance => {
            let mut body = engine::instance(schedule);
            let key = schedule.holding.privilege.key(schedule.id);
            body.insert(reference(schedule.holding.kind).to_owned(), json!(key));
            body
        }
    })
}

/// Eligibilities that a principal has because a group he is in is eligible.
fn rows_through_groups(
    tenant: &Tenant,
    call: &Call,
    form: Form,
    principal: ObjectId,
) -> Vec<Value> {
    let mut rows = Vec::new();
    for group in subject::groups_of(tenant, principal) {
        for schedule in tenant
            .pim
            .store
            .shown(&Lookup::Principal(group), Kind::Eligible, call.now)
        {
            if form == Form::Instance && schedule.window.start > call.now {
                continue;
            }
            let mut row = row(tenant, schedule, form);
            row["principalId"] = json!(principal.to_string());
            row["memberType"] = json!("Group");
            rows.push(row);
        }
    }
    rows
}

/// Members and owners that PIM did not make: instance and schedule have one id and no dates.
fn plain_rows(tenant: &Tenant, lookup: &Lookup<GroupAccess>) -> Vec<Value> {
    let directory = &tenant.directory;
    let mut found: Vec<(GroupAccess, ObjectId)> = Vec::new();
    for access in [Access::Member, Access::Owner] {
        match lookup {
            Lookup::Place(group) => {
                let holders = directory
                    .group(*group)
                    .into_iter()
                    .flat_map(|record| record.holders(access).keys());
                found.extend(holders.map(|principal| {
                    (
                        GroupAccess {
                            group: *group,
                            access,
                        },
                        *principal,
                    )
                }));
            }
            Lookup::Principal(principal) => {
                let groups = directory
                    .groups
                    .values()
                    .filter(|group| group.holders(access).contains_key(principal));
                found.extend(groups.map(|group| {
                    (
                        GroupAccess {
                            group: group.id,
                            access,
                        },
                        *principal,
                    )
                }));
            }
            Lookup::Everything => {}
        }
    }
    let with_service_principals = tenant.behaviours.get(&PLAIN_SERVICE_PRINCIPALS_IN_PIM);
    found
        .into_iter()
        .filter(|(privilege, principal)| {
            mirror::standing(tenant, *privilege, *principal) == Standing::Held
        })
        .filter(|(_, principal)| {
            let kind = directory
                .principal(*principal)
                .map(|principal| principal.kind);
            with_service_principals || kind != Some(PrincipalKind::ServicePrincipal)
        })
        .map(|(privilege, principal)| plain_row(privilege, principal))
        .collect()
}

/// Holds the properties of a schedule and of an instance; what does not belong is taken out by [`trim`].
fn plain_row(privilege: GroupAccess, principal: ObjectId) -> Value {
    // The same membership has the same id at every look.
    let guid = stable_guid(&format!(
        "{}/{}/{principal}",
        privilege.group, privilege.access
    ));
    let key = privilege.key(guid);
    let mut body = privilege.fields();
    let rest = json!({
        "id": key,
        "principalId": principal.to_string(),
        "memberType": "Direct",
        "assignmentType": "Assigned",
        "assignmentScheduleId": key,
        "startDateTime": null,
        "endDateTime": null,
        "createdDateTime": null,
        "modifiedDateTime": null,
        "createdUsing": null,
        "status": "Provisioned",
        "scheduleInfo": {
            "startDateTime": null,
            "recurrence": null,
            "expiration": { "type": "noExpiration", "endDateTime": null, "duration": null },
        },
    });
    if let Value::Object(rest) = rest {
        body.extend(rest);
    }
    Value::Object(body)
}

/// Takes out what a row of this form does not have.
fn trim(row: &mut Value, form: Form) {
    let foreign: &[&str] = match form {
        Form::Schedule => &["assignmentScheduleId", "startDateTime", "endDateTime"],
        Form::Instance => &[
            "createdDateTime",
            "modifiedDateTime",
            "createdUsing",
            "status",
            "scheduleInfo",
        ],
    };
    if let Some(object) = row.as_object_mut() {
        object.retain(|name, _| !foreign.contains(&name.as_str()));
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

fn list(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    let lookup = lookup(tenant, call)?;
    let mut rows = rows(tenant, call, form, &lookup);
    for row in &mut rows {
        trim(row, form);
    }
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &LISTS,
        |row| expand(tenant, call, row),
    )?))
}

/// `GET {kind}Schedules`.
pub(super) fn schedules(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    list(tenant, call, Form::Schedule)
}

/// `GET {kind}ScheduleInstances`.
pub(super) fn instances(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    list(tenant, call, Form::Instance)
}

/// One row by its key, which starts with the group.
fn one(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let key = call.param("schedule");
    let group: ObjectId = key
        .split('_')
        .next()
        .and_then(|group| group.parse().ok())
        .ok_or(Refusal::ResourceNotFound)?;
    let mut row = rows(tenant, call, form, &Lookup::Place(group))
        .into_iter()
        .find(|row| {
            row["id"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(key))
        })
        .ok_or(Refusal::ResourceNotFound)?;
    trim(&mut row, form);
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &LISTS)?))
}

/// `GET {kind}Schedules/{id}`.
pub(super) fn schedule(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    one(tenant, call, Form::Schedule)
}

/// `GET {kind}ScheduleInstances/{id}`.
pub(super) fn instance(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    one(tenant, call, Form::Instance)
}

fn request_rows(tenant: &Tenant, call: &Call, lookup: &Lookup<GroupAccess>) -> Vec<Value> {
    let created_by = tenant.behaviours.get(&CREATED_BY);
    let requests = tenant.pim.store.requests(lookup).into_iter();
    requests
        .filter(|request| request.ask.holding.kind == kind(call))
        .map(|request| Value::Object(engine::request(request, created_by)))
        .collect()
}

/// `GET {kind}ScheduleRequests`.
pub(super) fn requests(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    let lookup = lookup(tenant, call)?;
    let rows = request_rows(tenant, call, &lookup);
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &LISTS,
        |row| expand(tenant, call, row),
    )?))
}

/// `GET {kind}ScheduleRequests/{id}`.
pub(super) fn request(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let request = requests::find(tenant, call)?;
    let mut row = Value::Object(engine::request(request, tenant.behaviours.get(&CREATED_BY)));
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &LISTS)?))
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

fn mine(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    // A list of one's own needs a group or a principal in its filter as well.
    lookup(tenant, call)?;
    let user = current_user(call, &["principal"])?;
    let mut rows = rows(tenant, call, form, &Lookup::Principal(user));
    for row in &mut rows {
        trim(row, form);
    }
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &LISTS,
        |row| expand(tenant, call, row),
    )?))
}

/// `GET {kind}Schedules/filterByCurrentUser`.
pub(super) fn my_schedules(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    mine(tenant, call, Form::Schedule)
}

/// `GET {kind}ScheduleInstances/filterByCurrentUser`.
pub(super) fn my_instances(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    mine(tenant, call, Form::Instance)
}

/// `GET {kind}ScheduleRequests/filterByCurrentUser`: as principal, as creator or as approver.
pub(super) fn my_requests(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    lookup(tenant, call)?;
    let user = current_user(call, &["principal", "createdBy", "approver"])?;
    let on = call.param("on").to_ascii_lowercase();
    let created_by = tenant.behaviours.get(&CREATED_BY);
    let rows = tenant
        .pim
        .store
        .requests(&Lookup::Everything)
        .into_iter()
        .filter(|request| request.ask.holding.kind == kind(call))
        .filter(|request| match on.as_str() {
            "principal" => request.ask.holding.principal == user,
            "createdby" => request.ask.creator.id == user,
            _ => super::approvals::may_review(tenant, request, user),
        })
        .map(|request| Value::Object(engine::request(request, created_by)))
        .collect();
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &LISTS,
        |row| expand(tenant, call, row),
    )?))
}
