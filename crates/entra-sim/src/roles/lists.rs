//! Reading requests, schedules and instances of directory roles.
//!
//! learn.microsoft.com: rbacapplication-list-role*schedule*; a plain assignment has one id in all of them and no dates.

use serde_json::{Value, json};

use super::RoleAt;
use super::assignments::expand;
use super::requests::{body, find, kind, removers};
use super::switches::{
    PLAIN_ASSIGNMENT_IN_SCHEDULES, ROLE_ASSIGNMENT_READ_DELAY, ROLE_REQUEST_READ_NEEDS_WRITE,
    ROLE_REQUEST_STATUS_FILTER_REFUSED, SCHEDULE_ROLE_ID, ScheduleRoleId,
};
use crate::call::{Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::odata::{self, Advanced, Capabilities, EQ, IN, Paging, Property};
use crate::pim::engine::{self, Kind, Lookup, Privilege, Schedule};
use crate::pim::groups::subject;
use crate::pim::refusal::Refusal;
use crate::pim::session::{require_licence, require_scope};
use crate::pim::switches::DURATION_READBACK;
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
    advanced: Advanced::Absent,
    refusal: "InvalidFilter",
    defaults: &[],
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

/// Whether rows show schedules or what they come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Schedule,
    Instance,
}

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

fn require_read(tenant: &Tenant, call: &Call) -> Result<(), GraphError> {
    require_licence(tenant)?;
    require_scope(call, readers(kind(call)))
}

/// Observed: reading requests wants a permission that writes.
fn require_read_of_requests(tenant: &Tenant, call: &Call) -> Result<(), GraphError> {
    require_licence(tenant)?;
    let scopes = if tenant.behaviours.get(&ROLE_REQUEST_READ_NEEDS_WRITE) {
        removers(kind(call))
    } else {
        readers(kind(call))
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

/// Schedules of custom roles may show the template id where the definition's own was asked for.
pub(super) fn show_role_id(tenant: &Tenant, row: &mut Value) {
    if tenant.behaviours.get(&SCHEDULE_ROLE_ID) == ScheduleRoleId::Definition {
        return;
    }
    let role = row
        .get("roleDefinitionId")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    if let Some(definition) = role.and_then(|role| tenant.roles.definition(role)) {
        row["roleDefinitionId"] = json!(definition.template_id.to_string());
    }
}

fn row(tenant: &Tenant, schedule: &Schedule<RoleAt>, form: Form) -> Value {
    let privilege = schedule.holding.privilege;
    let key = privilege.key(schedule.id);
    let mut body = match form {
        Form::Schedule => engine::schedule(schedule, tenant.behaviours.get(&DURATION_READBACK)),
        Form::Instance => engine::instance(schedule),
    };
    match (form, schedule.holding.kind) {
        (Form::Schedule, _) => {}
        (Form::Instance, Kind::Eligible) => {
            body.insert("roleEligibilityScheduleId".to_owned(), json!(key));
        }
        (Form::Instance, Kind::Active) => {
            let id = privilege.assignment_id(schedule.holding.principal);
            body.insert("id".to_owned(), json!(id));
            body.insert("roleAssignmentOriginId".to_owned(), json!(id));
            body.insert("roleAssignmentScheduleId".to_owned(), json!(key));
        }
    }
    let mut row = Value::Object(body);
    show_role_id(tenant, &mut row);
    row
}

fn rows(tenant: &Tenant, call: &Call, form: Form, lookup: &Lookup<RoleAt>) -> Vec<Value> {
    let kind = kind(call);
    let mut rows: Vec<Value> = tenant
        .roles
        .store
        .shown(lookup, kind, call.now)
        .into_iter()
        .filter(|schedule| form == Form::Schedule || schedule.window.start <= call.now)
        .map(|schedule| row(tenant, schedule, form))
        .collect();
    if kind == Kind::Active && tenant.behaviours.get(&PLAIN_ASSIGNMENT_IN_SCHEDULES) {
        rows.extend(plain_rows(tenant, call, form, lookup));
    }
    rows
}

/// Assignments that PIM did not make.
fn plain_rows(tenant: &Tenant, call: &Call, form: Form, lookup: &Lookup<RoleAt>) -> Vec<Value> {
    let delay = tenant.behaviours.get(&ROLE_ASSIGNMENT_READ_DELAY);
    let meets = |grant: &RoleAt, holder: &ObjectId| match lookup {
        Lookup::Place(role) => grant.role == *role,
        Lookup::Principal(principal) => holder == principal,
        Lookup::Everything => true,
    };
    let plain = tenant.roles.plain.iter();
    plain
        .filter(|((grant, holder), since)| {
            meets(grant, holder)
                && call.now.duration_since(**since) >= delay
                && tenant.directory.principal(*holder).is_some()
        })
        .map(|((grant, holder), _)| plain_row(tenant, *grant, *holder, form))
        .collect()
}

fn plain_row(tenant: &Tenant, grant: RoleAt, holder: ObjectId, form: Form) -> Value {
    let id = grant.assignment_id(holder);
    let mut body = grant.fields();
    let rest = match form {
        Form::Schedule => json!({
            "createdDateTime": null,
            "modifiedDateTime": null,
            "createdUsing": null,
            "status": "Provisioned",
            "scheduleInfo": {
                "startDateTime": null,
                "recurrence": null,
                "expiration": { "type": "noExpiration", "endDateTime": null, "duration": null },
            },
        }),
        Form::Instance => json!({
            "startDateTime": null,
            "endDateTime": null,
            "roleAssignmentOriginId": id,
            "roleAssignmentScheduleId": id,
        }),
    };
    if let Value::Object(rest) = rest {
        body.extend(rest);
    }
    body.insert("id".to_owned(), json!(id));
    body.insert("principalId".to_owned(), json!(holder.to_string()));
    body.insert("memberType".to_owned(), json!("Direct"));
    body.insert("assignmentType".to_owned(), json!("Assigned"));
    let mut row = Value::Object(body);
    show_role_id(tenant, &mut row);
    row
}

fn list(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    require_read(tenant, call)?;
    let rows = rows(tenant, call, form, &lookup(tenant, call));
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &SCHEDULES,
        |row| expand(tenant, call, row),
    )?))
}

fn one(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    require_read(tenant, call)?;
    let id = call.param("schedule");
    let mut row = rows(tenant, call, form, &Lookup::Everything)
        .into_iter()
        .find(|row| row["id"].as_str() == Some(id))
        .ok_or(Refusal::ResourceNotFound)?;
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &SCHEDULES)?))
}

/// `GET role{kind}Schedules`.
pub(super) fn schedules(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    list(tenant, call, Form::Schedule)
}

/// `GET role{kind}Schedules/{id}`.
pub(super) fn schedule(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    one(tenant, call, Form::Schedule)
}

/// `GET role{kind}ScheduleInstances`.
pub(super) fn instances(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    list(tenant, call, Form::Instance)
}

/// `GET role{kind}ScheduleInstances/{id}`.
pub(super) fn instance(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    one(tenant, call, Form::Instance)
}

/// `GET role{kind}ScheduleRequests`.
pub(super) fn requests(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    require_read_of_requests(tenant, call)?;
    let rows = tenant
        .roles
        .store
        .requests(&lookup(tenant, call))
        .into_iter()
        .filter(|request| request.ask.holding.kind == kind(call))
        .map(|request| body(tenant, request))
        .collect();
    let capabilities = if tenant.behaviours.get(&ROLE_REQUEST_STATUS_FILTER_REFUSED) {
        &REQUESTS
    } else {
        &REQUESTS_AS_DOCUMENTED
    };
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        capabilities,
        |row| expand(tenant, call, row),
    )?))
}

/// `GET role{kind}ScheduleRequests/{id}`.
pub(super) fn request(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    require_read_of_requests(tenant, call)?;
    let mut row = body(tenant, find(tenant, call)?);
    expand(tenant, call, &mut row);
    Ok(Reply::ok(odata::entity(call, row, &REQUESTS)?))
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

/// Rows of the signed-in user, those of his groups included.
fn mine(tenant: &Tenant, call: &Call, form: Form) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let user = current_user(call)?;
    let mut found = rows(tenant, call, form, &Lookup::Principal(user));
    for group in subject::groups_of(tenant, user) {
        let through = rows(tenant, call, form, &Lookup::Principal(group));
        found.extend(through.into_iter().map(|mut row| {
            row["memberType"] = json!("Group");
            row
        }));
    }
    Ok(Reply::rows(odata::collection_with(
        call,
        found,
        &SCHEDULES,
        |row| expand(tenant, call, row),
    )?))
}

/// `GET role{kind}Schedules/filterByCurrentUser`.
pub(super) fn my_schedules(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    mine(tenant, call, Form::Schedule)
}

/// `GET role{kind}ScheduleInstances/filterByCurrentUser`.
pub(super) fn my_instances(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    mine(tenant, call, Form::Instance)
}

/// `GET role{kind}ScheduleRequests/filterByCurrentUser`.
pub(super) fn my_requests(tenant: &mut Tenant, call: &Call) -> Result<Reply, GraphError> {
    require_licence(tenant)?;
    let user = current_user(call)?;
    let rows = tenant
        .roles
        .store
        .requests(&Lookup::Principal(user))
        .into_iter()
        .filter(|request| request.ask.holding.kind == kind(call))
        .map(|request| body(tenant, request))
        .collect();
    Ok(Reply::rows(odata::collection_with(
        call,
        rows,
        &REQUESTS_AS_DOCUMENTED,
        |row| expand(tenant, call, row),
    )?))
}
