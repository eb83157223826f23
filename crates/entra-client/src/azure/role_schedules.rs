//! PIM for Azure resources: roles that begin and end, and roles for which somebody is eligible
//! (learn.microsoft.com: Role Eligibility Schedule Requests and their kind).
//!
//! A schedule is known by role, principal and scope: its id changes with every request. What is held at once and for ever is
//! an assignment.

use http::Method;
use jiff::Timestamp;
use pim_core::action::GrantVerb;
use pim_core::ids::{PrincipalId, RequestId};
use pim_core::knowledge::Pending;
use pim_core::observed::{Nature, RoleSchedule};
use pim_core::role::{BoundRole, RoleId, RoleScope, RoleSystem, RoleTarget};
use pim_core::schedule::{End, Kind, Window};
use serde::{Deserialize, Serialize};

use super::role_assignments::definition_path;
use super::{ResourceManager, ScopeExtent, below, last_segment};
use crate::error::{Class, Error};
use crate::graph::Grant;
use crate::listed::Listed;
use crate::operation::OperationName;
use crate::query::{Filter, Query};
use crate::receipt::{Receipt, WireRequest};

/// The version of PIM for Azure resources.
const API_VERSION: &str = "2020-10-01";

/// A role that somebody holds, or is eligible for, by a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureRoleSchedule {
    /// Who holds it.
    pub principal: PrincipalId,
    /// Which role, when, and how it came about. Its scope may lie above the one that was asked for.
    pub role: RoleSchedule,
}

/// What is asked of a role of a principal.
#[derive(Debug, Clone, Copy)]
pub enum AzureRoleChange<'a> {
    /// A schedule, new or in the place of the one that stands.
    Grant {
        /// What PIM is asked for, as everywhere.
        grant: Grant<'a>,
        /// What narrows it, in the second version of the service's language.
        condition: Option<&'a str>,
    },
    /// Its end, now.
    Removal,
}

#[derive(Deserialize)]
struct AzureScheduleRow {
    properties: AzureScheduleProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AzureScheduleProperties {
    scope: String,
    role_definition_id: String,
    principal_id: PrincipalId,
    assignment_type: Option<String>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    start_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    end_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    created_on: Option<Timestamp>,
    condition: Option<String>,
}

impl From<AzureScheduleRow> for AzureRoleSchedule {
    fn from(row: AzureScheduleRow) -> Self {
        let (row, system) = (row.properties, RoleSystem::AZURE);
        let is_activated = row
            .assignment_type
            .is_some_and(|kind| kind.eq_ignore_ascii_case("Activated"));
        Self {
            principal: row.principal_id,
            role: RoleSchedule {
                target: RoleTarget {
                    system,
                    role: RoleId::new(last_segment(&row.role_definition_id)),
                    scope: RoleScope::of(system, &row.scope),
                },
                window: Window {
                    start: row.start_date_time,
                    end: row.end_date_time.map_or(End::Never, End::At),
                },
                nature: if is_activated {
                    Nature::Activated
                } else {
                    Nature::Assigned
                },
                condition: super::role_assignments::narrowing(row.condition),
                created: row.created_on,
            },
        }
    }
}

#[derive(Serialize)]
struct RequestBody<'a> {
    properties: RequestProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestProperties<'a> {
    role_definition_id: String,
    principal_id: PrincipalId,
    request_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_info: Option<WantedSchedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_info: Option<WantedTicket<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_version: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedSchedule {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Timestamp>,
    expiration: WantedEnd,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum WantedEnd {
    NoExpiration,
    AfterDateTime {
        #[serde(rename = "endDateTime")]
        end: Timestamp,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedTicket<'a> {
    ticket_number: &'a str,
    ticket_system: Option<&'a str>,
}

impl<'a> RequestProperties<'a> {
    fn new(role: &BoundRole, principal: PrincipalId, change: &AzureRoleChange<'a>) -> Self {
        let removal = Self {
            role_definition_id: definition_path(&role.target),
            principal_id: principal,
            request_type: "AdminRemove",
            justification: None,
            schedule_info: None,
            ticket_info: None,
            condition: None,
            condition_version: None,
        };
        let AzureRoleChange::Grant { grant, condition } = *change else {
            return removal;
        };
        Self {
            request_type: match grant.verb {
                GrantVerb::Assign => "AdminAssign",
                GrantVerb::Update => "AdminUpdate",
            },
            justification: Some(grant.justification),
            schedule_info: Some(WantedSchedule {
                start_date_time: grant.window.start,
                expiration: match grant.window.end {
                    End::Never => WantedEnd::NoExpiration,
                    End::At(end) => WantedEnd::AfterDateTime { end },
                },
            }),
            ticket_info: grant.ticket.map(|ticket| WantedTicket {
                ticket_number: &ticket.number,
                ticket_system: ticket.system.as_deref(),
            }),
            condition,
            condition_version: condition.map(|_| "2.0"),
            ..removal
        }
    }
}

/// A request as the service answers it.
#[derive(Deserialize)]
struct AnsweredRequest {
    name: RequestId,
    properties: AnsweredProperties,
}

#[derive(Deserialize)]
struct AnsweredProperties {
    status: String,
}

impl From<AnsweredRequest> for WireRequest {
    fn from(answer: AnsweredRequest) -> Self {
        Self::new(answer.name, answer.properties.status)
    }
}

/// The word of a kind in collections.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Eligible => "Eligibility",
        Kind::Active => "Assignment",
    }
}

impl ResourceManager {
    /// The schedules of a scope. What it inherits from above is listed, too.
    pub async fn role_schedules(
        &self,
        kind: Kind,
        scope: &str,
        extent: ScopeExtent,
    ) -> Result<Listed<AzureRoleSchedule>, Error> {
        let query = Query::new().api_version(API_VERSION);
        let query = match extent {
            ScopeExtent::AndBelow => query,
            ScopeExtent::AtScope => query.filter(Filter::at_scope()),
        };
        let name = match kind {
            Kind::Eligible => OperationName::ListAzureRoleEligibility,
            Kind::Active => OperationName::ListAzureRoleSchedules,
        };
        let collection = format!("role{}Schedules", word(kind));
        let operation = below(name, Method::GET, scope, &collection)?.query(&query);
        let listed = self.session.list::<AzureScheduleRow>(operation).await?;
        Ok(listed.map(AzureRoleSchedule::from))
    }

    /// Asks for a change under a name that was never used: a request is an entry of the record, not what it asks for.
    pub async fn request_role(
        &self,
        request: &RequestId,
        role: &BoundRole,
        principal: PrincipalId,
        change: &AzureRoleChange<'_>,
    ) -> Result<Receipt, Error> {
        let name = match role.kind {
            Kind::Eligible => OperationName::RequestAzureRoleEligibility,
            Kind::Active => OperationName::RequestAzureRoleAssignment,
        };
        let body = RequestBody {
            properties: RequestProperties::new(role, principal, change),
        };
        let (scope, path) = (role.target.scope.as_str(), path(role.kind, request));
        let operation = below(name, Method::PUT, scope, &path)?
            .query(&Query::new().api_version(API_VERSION))
            .json(&body)?;
        let answer: AnsweredRequest = self.session.submit(operation).await?.json()?;
        Ok(WireRequest::from(answer).into())
    }

    /// How far a request for a role has come.
    pub async fn role_request(
        &self,
        role: &BoundRole,
        request: &RequestId,
    ) -> Result<Pending, Error> {
        let name = OperationName::GetAzureRoleRequest;
        let (scope, path) = (role.target.scope.as_str(), path(role.kind, request));
        let operation =
            below(name, Method::GET, scope, &path)?.query(&Query::new().api_version(API_VERSION));
        match self.session.submit(operation).await {
            Ok(response) => Ok(WireRequest::from(response.json::<AnsweredRequest>()?).pending()),
            Err(error) if matches!(error.class, Class::NotFound | Class::ScopeNotFound) => {
                Ok(Pending::Purged)
            }
            Err(error) => Err(error),
        }
    }
}

fn path(kind: Kind, request: &RequestId) -> String {
    format!("role{}ScheduleRequests/{request}", word(kind))
}
