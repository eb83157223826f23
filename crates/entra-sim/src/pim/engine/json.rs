//! Bodies of requests, schedules and instances: what all areas have in common.
//!
//! Words are written as the service mixes them: `adminAssign` and `afterDateTime`, but `Provisioned`, `Direct` and
//! `Assigned`.

use serde_json::{Map, Value, json};

use super::record::{RequestRecord, Status};
use super::request::{Mode, Session};
use super::schedule::{Kind, Origin, Privilege, Schedule, Via};
use crate::behaviours::pim::{CreatedBy, Readback};
use crate::pim::window::stamp;

/// A request as the service sends it.
pub(crate) fn request<P: Privilege>(
    request: &RequestRecord<P>,
    created_by: CreatedBy,
) -> Map<String, Value> {
    let asked = &request.asked;
    let privilege = &asked.holding.privilege;
    // learn.microsoft.com, rbacapplication-post-roleeligibilityschedulerequests: a removal comes back with three nulls.
    let shows_window = request.shows_window();
    let revoked = !shows_window && request.status == Status::Revoked;
    let completed = request.completed.filter(|_| !revoked);
    let target = request.target.filter(|_| shows_window);
    let common = json!({
        "id": request.id.to_string(),
        "status": request.status,
        "createdDateTime": stamp(request.created),
        "completedDateTime": completed.map(stamp),
        "approvalId": request.approval.map(|id| id.to_string()),
        "customData": asked.custom_data,
        "action": asked.action,
        "principalId": asked.holding.principal.to_string(),
        "isValidationOnly": asked.mode == Mode::ValidationOnly,
        "targetScheduleId": target.map(|id| privilege.key(id)),
        "justification": asked.justification,
        "createdBy": identity(request, created_by),
        "scheduleInfo": shows_window.then(|| asked.requested.to_json(request.start)),
        "ticketInfo": {"ticketNumber": asked.ticket.number, "ticketSystem": asked.ticket.system},
    });
    let mut body = privilege.fields();
    if let Value::Object(common) = common {
        body.extend(common);
    }
    body
}

fn identity<P>(request: &RequestRecord<P>, created_by: CreatedBy) -> Value {
    let identity = json!({"displayName": null, "id": request.asked.creator.id.to_string()});
    let name = match (&request.asked.creator.session, created_by) {
        (Session::Application, CreatedBy::Application) => "application",
        _ => "user",
    };
    json!({ name: identity })
}

fn member_type(origin: Origin) -> &'static str {
    match origin {
        Origin::Activated {
            via: Via::Group, ..
        } => "Group",
        Origin::Assigned
        | Origin::Activated {
            via: Via::Direct, ..
        } => "Direct",
    }
}

fn assignment_type(origin: Origin) -> &'static str {
    match origin {
        Origin::Assigned => "Assigned",
        Origin::Activated { .. } => "Activated",
    }
}

fn common<P: Privilege>(schedule: &Schedule<P>) -> Map<String, Value> {
    let mut body = schedule.holding.privilege.fields();
    body.insert(
        "principalId".to_owned(),
        json!(schedule.holding.principal.to_string()),
    );
    body.insert("memberType".to_owned(), json!(member_type(schedule.origin)));
    if schedule.holding.kind == Kind::Active {
        body.insert(
            "assignmentType".to_owned(),
            json!(assignment_type(schedule.origin)),
        );
    }
    body
}

/// A schedule as the service sends it.
pub(crate) fn schedule<P: Privilege>(
    schedule: &Schedule<P>,
    readback: Readback,
) -> Map<String, Value> {
    let mut body = common(schedule);
    let window = match readback {
        Readback::DateTime => schedule.window.to_json(),
        Readback::AsAsked => schedule.requested.to_json(schedule.window.start),
    };
    body.insert(
        "id".to_owned(),
        json!(schedule.holding.privilege.key(schedule.id)),
    );
    body.insert("createdDateTime".to_owned(), stamp(schedule.created));
    body.insert(
        "modifiedDateTime".to_owned(),
        schedule.modified.map_or(Value::Null, stamp),
    );
    body.insert("createdUsing".to_owned(), json!(schedule.id.to_string()));
    body.insert("status".to_owned(), json!("Provisioned"));
    body.insert("scheduleInfo".to_owned(), window);
    body
}

/// An instance as the service sends it; its id and the name of its reference to the schedule are the area's.
pub(crate) fn instance<P: Privilege>(schedule: &Schedule<P>) -> Map<String, Value> {
    let mut body = common(schedule);
    body.insert(
        "id".to_owned(),
        json!(schedule.holding.privilege.key(schedule.instance)),
    );
    body.insert("startDateTime".to_owned(), stamp(schedule.window.start));
    body.insert(
        "endDateTime".to_owned(),
        schedule.window.end.map_or(Value::Null, stamp),
    );
    body
}
