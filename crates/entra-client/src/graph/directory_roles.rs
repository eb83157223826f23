//! Directory roles: their definitions, and who holds them.
//!
//! `roleAssignments` lists every active grant, whatever made it; the schedules tell assigned from activated. A grant is
//! matched by role, principal and scope, never by the id of its schedule, which changes with every update. Which id of a
//! role is the declared one is not known here: rows keep the one that they bear.

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{PrincipalId, RequestId, RoleAssignmentId, RoleDefinitionId};
use pim_core::knowledge::Pending;
use pim_core::observed::{PlainOrigin, PlainRole, RoleSchedule};
use pim_core::role::{BoundRole, RoleId, RoleScope, RoleSystem, RoleTarget};
use pim_core::schedule::{Kind, Window};
use serde::{Deserialize, Serialize};

use super::change::{Grant, WireChange};
use super::schedule;
use super::{Graph, Listed};
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, segment};
use crate::receipt::Receipt;

const ROOT: &str = "/roleManagement/directory";

/// A role that can be bound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// The id of the definition in this tenant.
    pub id: RoleDefinitionId,
    /// The same as the id for built-in roles; may differ for custom ones. Assignments may store either.
    pub template_id: Option<RoleDefinitionId>,
    /// Its name. The service compares it with regard to case.
    pub display_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleRow {
    principal_id: PrincipalId,
    role_definition_id: RoleDefinitionId,
    directory_scope_id: Option<RoleScope>,
    member_type: Option<String>,
    assignment_type: Option<String>,
    #[serde(
        rename = "scheduleInfo",
        default = "schedule::always",
        deserialize_with = "schedule::window"
    )]
    window: Window,
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    created_date_time: Option<Timestamp>,
}

impl ScheduleRow {
    /// Nothing for a schedule through another group, which is that group's business, and for one of another scope than the
    /// directory's.
    fn direct(self) -> Option<(PrincipalId, RoleSchedule)> {
        if !schedule::is_direct(self.member_type.as_deref()) {
            return None;
        }
        let role = RoleSchedule {
            target: target(self.role_definition_id, &self.directory_scope_id?),
            window: self.window,
            nature: schedule::nature(self.assignment_type.as_deref()),
            condition: None,
            created: self.created_date_time,
        };
        Some((self.principal_id, role))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentRow {
    id: RoleAssignmentId,
    principal_id: PrincipalId,
    role_definition_id: RoleDefinitionId,
    directory_scope_id: Option<RoleScope>,
}

impl AssignmentRow {
    fn plain(self) -> Option<(PrincipalId, PlainRole)> {
        let role = PlainRole {
            id: self.id,
            target: target(self.role_definition_id, &self.directory_scope_id?),
            // Schedules make such rows, too, and no row tells which one made it.
            origin: PlainOrigin::Untold,
            condition: None,
        };
        Some((self.principal_id, role))
    }
}

fn target(role: RoleDefinitionId, scope: &RoleScope) -> RoleTarget {
    let scope = RoleScope::of(RoleSystem::DIRECTORY, scope.as_str());
    RoleTarget {
        system: RoleSystem::DIRECTORY,
        role: role.into(),
        scope,
    }
}

fn schedules(kind: Kind) -> Operation {
    let (name, collection) = match kind {
        Kind::Eligible => (
            OperationName::ListRoleEligibility,
            "roleEligibilitySchedules",
        ),
        Kind::Active => (OperationName::ListRoleSchedules, "roleAssignmentSchedules"),
    };
    Operation::get(name, format!("{ROOT}/{collection}"))
}

fn requests(kind: Kind) -> String {
    let collection = match kind {
        Kind::Eligible => "roleEligibilityScheduleRequests",
        Kind::Active => "roleAssignmentScheduleRequests",
    };
    format!("{ROOT}/{collection}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleRequestBody<'a> {
    principal_id: PrincipalId,
    role_definition_id: &'a RoleId,
    directory_scope_id: &'a RoleScope,
    #[serde(flatten)]
    change: WireChange<'a>,
}

impl Graph {
    /// All roles of the tenant.
    pub async fn role_definitions(&self) -> Result<Listed<RoleDefinition>, Error> {
        let query = Query::new().select(&["id", "displayName", "templateId"]);
        let path = format!("{ROOT}/roleDefinitions");
        self.session
            .list(Operation::get(OperationName::ListRoleDefinitions, path).query(&query))
            .await
    }

    /// The roles that a principal holds directly by a schedule of a kind.
    pub async fn role_schedules(
        &self,
        kind: Kind,
        principal: PrincipalId,
    ) -> Result<Listed<RoleSchedule>, Error> {
        let query = Query::new().filter(Filter::eq("principalId", &principal));
        let operation = schedules(kind).query(&query);
        let listed = self.session.list::<ScheduleRow>(operation).await?;
        Ok(listed.filter_map(|row| Some(row.direct()?.1)))
    }

    /// The roles that anybody in the tenant holds directly by a schedule of a kind, each with who holds it; nothing if that takes
    /// more than so many pages.
    pub async fn all_role_schedules(
        &self,
        kind: Kind,
        pages: usize,
    ) -> Result<Option<Listed<(PrincipalId, RoleSchedule)>>, Error> {
        let (session, operation) = (&self.session, schedules(kind));
        let listed = session
            .list_within::<ScheduleRow>(&operation, pages)
            .await?;
        Ok(listed.map(|listed| listed.filter_map(ScheduleRow::direct)))
    }

    /// All active grants of some principals, whatever made them, each with who holds it.
    pub async fn role_assignments(
        &self,
        principals: &[PrincipalId],
    ) -> Result<Listed<(PrincipalId, PlainRole)>, Error> {
        let operations = principals.chunks(IN_LIMIT).map(|principals| {
            let filter = Filter::is_in("principalId", principals);
            let path = format!("{ROOT}/roleAssignments");
            Operation::get(OperationName::ListRoleAssignments, path)
                .query(&Query::new().filter(filter))
        });
        let listed = self.session.list_all::<AssignmentRow>(operations).await?;
        Ok(listed.filter_map(AssignmentRow::plain))
    }

    /// How far a request for a role of this kind has come.
    pub async fn role_request(&self, kind: Kind, id: &RequestId) -> Result<Pending, Error> {
        let name = match kind {
            Kind::Eligible => OperationName::GetRoleEligibilityRequest,
            Kind::Active => OperationName::GetRoleRequest,
        };
        let path = format!("{}/{}", requests(kind), segment(id.as_str()));
        self.pending(Operation::get(name, path)).await
    }

    /// Asks that a principal is given a role, or another window for one that they hold.
    pub async fn grant_role(
        &self,
        principal: PrincipalId,
        role: &BoundRole,
        grant: &Grant<'_>,
    ) -> Result<Receipt, Error> {
        self.request_role(principal, role, WireChange::grant(grant))
            .await
    }

    /// Asks that a principal stops to hold a role.
    pub async fn revoke_role(
        &self,
        principal: PrincipalId,
        role: &BoundRole,
    ) -> Result<Receipt, Error> {
        self.request_role(principal, role, WireChange::removal())
            .await
    }

    async fn request_role(
        &self,
        principal: PrincipalId,
        role: &BoundRole,
        change: WireChange<'_>,
    ) -> Result<Receipt, Error> {
        let name = match role.kind {
            Kind::Eligible => OperationName::RequestRoleEligibility,
            Kind::Active => OperationName::RequestRoleAssignment,
        };
        let is_removal = change.is_removal();
        let body = RoleRequestBody {
            principal_id: principal,
            role_definition_id: &role.target.role,
            directory_scope_id: &role.target.scope,
            change,
        };
        let operation = Operation::new(name, Method::POST, requests(role.kind)).json(&body)?;
        self.request(if is_removal {
            operation.reducing()
        } else {
            operation
        })
        .await
    }

    /// Deletes a plain grant that no schedule shows.
    pub async fn delete_role_assignment(&self, id: &RoleAssignmentId) -> Result<(), Error> {
        let path = format!("{ROOT}/roleAssignments/{}", segment(id.as_str()));
        let operation = Operation::new(OperationName::DeleteRoleAssignment, Method::DELETE, path);
        self.session.submit(operation).await.map(drop)
    }
}
