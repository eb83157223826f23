//! How the Resource Manager writes requests, schedules and instances. Words begin with a capital here, times have no more
//! than seven digits, and what is expanded stands beside.

use serde_json::{Map, Value, json};

use super::privilege::AzureRoleAt;
use crate::pim::engine::{Action, Holding, Kind, RequestRecord, Schedule};
use crate::pim::window::{ScheduleInfo, stamp};
use crate::resource_manager::definitions::role::AzureRole;
use crate::resource_manager::scope::{Scope, ScopeLevel};
use crate::resource_manager::spelling::{principal_type, role_id};
use crate::resource_manager::state::AzureAssignment;
use crate::state::Tenant;

/// The word of a kind in types and names.
const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "Eligibility",
        Kind::Active => "Assignment",
    }
}

/// The same value with its words as they are written here.
fn pascal(value: &str) -> String {
    let mut letters = value.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The parts of every row.
struct Row<'a> {
    tenant: &'a Tenant,
    holding: &'a Holding<AzureRoleAt>,
    scope: Scope,
    properties: Map<String, Value>,
}

impl<'a> Row<'a> {
    fn new(tenant: &'a Tenant, holding: &'a Holding<AzureRoleAt>) -> Self {
        let scope = holding.privilege.scope.scope();
        let principal = tenant.directory.principal(holding.principal);
        let condition = tenant.azure.conditions.get(holding);
        let common = json!({
            "scope": scope.as_str(),
            "roleDefinitionId": role_id(&scope, holding.privilege.role),
            "principalId": holding.principal,
            "principalType": principal.as_ref().map_or("Unknown", |one| principal_type(one.kind)),
            "condition": condition,
            "conditionVersion": condition.map(|_| "2.0"),
        });
        let mut row = Self {
            tenant,
            holding,
            scope,
            properties: Map::new(),
        };
        row.add(common);
        row
    }

    fn add(&mut self, more: Value) {
        if let Value::Object(more) = more {
            self.properties.extend(more);
        }
    }

    fn expanded(&self) -> Value {
        let role = self.tenant.azure.role(self.holding.privilege.role);
        let principal = self.tenant.directory.principal(self.holding.principal);
        let kind = match self.scope.level() {
            Some(ScopeLevel::ManagementGroup(_)) => "managementgroup",
            Some(ScopeLevel::Subscription(_)) => "subscription",
            Some(ScopeLevel::ResourceGroup { .. }) => "resourcegroup",
            _ => "resource",
        };
        let scope = self.scope.as_str();
        json!({
            "scope": {"id": scope, "displayName": scope.rsplit('/').next(), "type": kind},
            "roleDefinition": {
                "id": role_id(&self.scope, self.holding.privilege.role),
                "displayName": role.map(|role| &role.name), "type": role.map(AzureRole::kind),
            },
            "principal": {
                "id": self.holding.principal,
                "displayName": principal.as_ref().map(|one| one.display_name.clone()),
                "type": principal.as_ref().map_or("Unknown", |one| principal_type(one.kind)),
            },
        })
    }

    /// The whole id of something of the authorization at the scope.
    fn at(&self, what: &str) -> String {
        let scope = self.scope.as_str().trim_end_matches('/');
        format!("{scope}/providers/Microsoft.Authorization/{what}")
    }

    fn finish(mut self, kind: &str, name: &str) -> Value {
        let expanded = self.expanded();
        self.properties
            .insert("expandedProperties".to_owned(), expanded);
        json!({
            "id": self.at(&format!("Role{kind}/{name}")), "name": name,
            "type": format!("Microsoft.Authorization/Role{kind}"),
            "properties": self.properties,
        })
    }
}

pub(super) fn request(tenant: &Tenant, request: &RequestRecord<AzureRoleAt>) -> Value {
    let asked = &request.asked;
    let kind = word(asked.holding.kind);
    let shows_window = !asked.action.ends();
    let target = request.target.filter(|_| shows_window);
    let mut row = Row::new(tenant, &asked.holding);
    row.add(json!({
        "requestType": requested(asked.action),
        "status": request.status,
        "approvalId": request.approval,
        "scheduleInfo": shows_window.then(|| info(&asked.requested, request)),
        "ticketInfo": {"ticketNumber": asked.ticket.number, "ticketSystem": asked.ticket.system},
        "justification": asked.justification,
        "requestorId": asked.creator.id,
        "createdOn": stamp(request.created),
    }));
    let schedule = format!("targetRole{kind}ScheduleId");
    let instance = format!("targetRole{kind}ScheduleInstanceId");
    row.properties.insert(schedule, json!(target));
    row.properties.insert(instance, Value::Null);
    if asked.holding.kind == Kind::Active {
        let uses = request.uses.map(|(eligibility, _)| eligibility);
        let name = "linkedRoleEligibilityScheduleId".to_owned();
        row.properties.insert(name, json!(uses));
    }
    row.finish(&format!("{kind}ScheduleRequests"), &request.id.to_string())
}

fn requested(action: Action) -> String {
    let word = serde_json::to_value(action).unwrap_or_default();
    pascal(word.as_str().unwrap_or_default())
}

fn info(asked: &ScheduleInfo, request: &RequestRecord<AzureRoleAt>) -> Value {
    let mut info = asked.to_json(request.start);
    if let Some(Value::String(kind)) = info.pointer("/expiration/type").cloned() {
        info["expiration"]["type"] = json!(pascal(&kind));
    }
    if let Some(info) = info.as_object_mut() {
        info.remove("recurrence");
    }
    info
}

/// What schedule and instance of an assignment have in common that PIM did not make: no end, and no request.
fn unasked<'a>(
    tenant: &'a Tenant,
    one: &AzureAssignment,
    holding: &'a Holding<AzureRoleAt>,
    asked_at: &Scope,
) -> Row<'a> {
    let mut row = Row::new(tenant, holding);
    let is_inherited = row.scope != *asked_at && tenant.azure.covers(&row.scope, asked_at);
    row.add(json!({
        "condition": one.condition, "conditionVersion": one.condition_version,
        "status": "Provisioned", "assignmentType": "Assigned", "linkedRoleEligibilityScheduleId": null,
        "memberType": if is_inherited { "Inherited" } else { "Direct" },
        "startDateTime": stamp(one.created_at), "createdOn": stamp(one.created_at),
    }));
    row
}

/// Such an assignment as a schedule.
pub(super) fn plain_schedule(tenant: &Tenant, one: &AzureAssignment, asked_at: &Scope) -> Value {
    let holding = one.holding();
    let mut row = unasked(tenant, one, &holding, asked_at);
    row.add(json!({"roleAssignmentScheduleRequestId": null, "updatedOn": stamp(one.updated_at)}));
    row.finish("AssignmentSchedules", &one.name.to_string())
}

/// Such an assignment as an instance.
pub(super) fn plain_instance(tenant: &Tenant, one: &AzureAssignment, asked_at: &Scope) -> Value {
    let (holding, name) = (one.holding(), one.name.to_string());
    let mut row = unasked(tenant, one, &holding, asked_at);
    let origin = row.at(&format!("RoleAssignments/{name}"));
    row.add(json!({"originRoleAssignmentId": origin, "roleAssignmentScheduleId": name}));
    row.finish("AssignmentScheduleInstances", &name)
}

/// The dates and links that schedule and instance have in common.
fn dated<'a>(tenant: &'a Tenant, schedule: &'a Schedule<AzureRoleAt>, asked_at: &Scope) -> Row<'a> {
    let mut row = Row::new(tenant, &schedule.holding);
    // What stands above the scope that was asked about is inherited.
    let is_inherited = row.scope != *asked_at && tenant.azure.covers(&row.scope, asked_at);
    row.add(json!({
        "status": "Provisioned",
        "memberType": if is_inherited { "Inherited" } else { "Direct" },
        "startDateTime": stamp(schedule.window.start),
        "createdOn": stamp(schedule.created),
    }));
    if let Some(end) = schedule.window.end {
        row.properties.insert("endDateTime".to_owned(), stamp(end));
    }
    if schedule.holding.kind == Kind::Active {
        let kind = if schedule.is_assigned() {
            "Assigned"
        } else {
            "Activated"
        };
        row.add(json!({"assignmentType": kind, "linkedRoleEligibilityScheduleId": null}));
    }
    row
}

pub(super) fn schedule(
    tenant: &Tenant,
    schedule: &Schedule<AzureRoleAt>,
    asked_at: &Scope,
) -> Value {
    let kind = word(schedule.holding.kind);
    let mut row = dated(tenant, schedule, asked_at);
    let request = row.at(&format!("Role{kind}ScheduleRequests/{}", schedule.id));
    row.properties
        .insert(format!("role{kind}ScheduleRequestId"), json!(request));
    row.properties
        .insert("updatedOn".to_owned(), stamp(schedule.created));
    row.finish(&format!("{kind}Schedules"), &schedule.id.to_string())
}

pub(super) fn instance(
    tenant: &Tenant,
    schedule: &Schedule<AzureRoleAt>,
    asked_at: &Scope,
) -> Value {
    let kind = word(schedule.holding.kind);
    let mut row = dated(tenant, schedule, asked_at);
    row.properties
        .insert(format!("role{kind}ScheduleId"), json!(schedule.id));
    if schedule.holding.kind == Kind::Active {
        let origin = row.at(&format!("RoleAssignments/{}", schedule.instance));
        row.properties
            .insert("originRoleAssignmentId".to_owned(), json!(origin));
    }
    row.finish(
        &format!("{kind}ScheduleInstances"),
        &schedule.instance.to_string(),
    )
}
