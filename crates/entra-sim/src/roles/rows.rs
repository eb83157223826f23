//! Rows of schedules and instances of directory roles, as lists show them.
//!
//! learn.microsoft.com: rbacapplication-list-role*schedule*; a plain assignment has one id in all of them and no dates.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::RoleAt;
use super::switches::{
    PLAIN_ASSIGNMENT_IN_SCHEDULES, ROLE_ASSIGNMENT_READ_DELAY, SCHEDULE_ROLE_ID, ScheduleRoleId,
};
use crate::ids::ObjectId;
use crate::pim::engine::{self, Kind, Lookup, Privilege, Schedule};
use crate::pim::switches::DURATION_READBACK;
use crate::state::Tenant;

/// Whether rows show schedules or what they come to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Schedule,
    Instance,
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

/// Rows of one kind and form, as lists show them.
pub(super) fn rows(
    tenant: &Tenant,
    kind: Kind,
    form: Form,
    lookup: &Lookup<RoleAt>,
    now: Timestamp,
) -> Vec<Value> {
    let mut rows: Vec<Value> = tenant
        .roles
        .store
        .shown(lookup, kind, now)
        .into_iter()
        .filter(|schedule| form == Form::Schedule || schedule.window.start <= now)
        .map(|schedule| row(tenant, schedule, form))
        .collect();
    if kind == Kind::Active && tenant.behaviours.get(&PLAIN_ASSIGNMENT_IN_SCHEDULES) {
        rows.extend(plain_rows(tenant, form, lookup, now));
    }
    rows
}

/// Assignments that PIM did not make.
fn plain_rows(tenant: &Tenant, form: Form, lookup: &Lookup<RoleAt>, now: Timestamp) -> Vec<Value> {
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
                && now.duration_since(**since) >= delay
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
