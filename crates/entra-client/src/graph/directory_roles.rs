//! Directory roles: their definitions, and who holds them.
//!
//! `roleAssignments` lists every active grant, whatever made it; the schedules tell assigned from activated. A grant is
//! matched by role, principal and scope, never by the id of its schedule, which changes with every update.

use http::Method;
use jiff::Timestamp;
use pim_core::ids::{DirectoryScope, PrincipalId, RequestId, RoleAssignmentId, RoleDefinitionId};
use serde::{Deserialize, Serialize};

use super::schedule::{
    AssignmentType, Change, MemberType, Receipt, Window, WireChange, window_or_none,
};
use super::{Graph, Listed};
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, segment};

const ROOT: &str = "/roleManagement/directory";

/// A role that can be bound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// Its id in this tenant.
    pub id: RoleDefinitionId,
    /// The same as the id for built-in roles; may differ for custom ones. Assignments may store either.
    pub template_id: Option<RoleDefinitionId>,
    /// Its name. The service compares it with regard to case.
    pub display_name: String,
}

/// An active schedule of a directory role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleSchedule {
    /// Which role.
    pub role_definition_id: RoleDefinitionId,
    /// Where.
    pub directory_scope_id: Option<DirectoryScope>,
    /// Direct, through a group, or inherited.
    pub member_type: Option<MemberType>,
    /// Assigned or activated.
    pub assignment_type: Option<AssignmentType>,
    /// When.
    #[serde(rename = "scheduleInfo", default, deserialize_with = "window_or_none")]
    pub window: Window,
    /// When it was made.
    #[serde(default, deserialize_with = "crate::tolerant::moment")]
    pub created_date_time: Option<Timestamp>,
}

/// An active grant of a directory role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// Its id, made of role, principal and scope.
    pub id: RoleAssignmentId,
    /// Who holds it.
    pub principal_id: PrincipalId,
    /// Which role.
    pub role_definition_id: RoleDefinitionId,
    /// Where.
    pub directory_scope_id: Option<DirectoryScope>,
}

/// A request to change one schedule of a directory role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRequest {
    /// For whom.
    pub principal: PrincipalId,
    /// Which role.
    pub role: RoleDefinitionId,
    /// Where.
    pub scope: DirectoryScope,
    /// What.
    pub change: Change,
    /// Why. Policies may demand it.
    pub justification: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    principal_id: PrincipalId,
    role_definition_id: RoleDefinitionId,
    directory_scope_id: &'a DirectoryScope,
    #[serde(flatten)]
    change: WireChange<'a>,
}

impl Graph {
    /// All roles of the tenant.
    pub async fn role_definitions(&self) -> Result<Listed<RoleDefinition>, Error> {
        let query = Query::new().select(&["id", "displayName", "templateId"]);
        let path = format!("{ROOT}/roleDefinitions");
        self.list(Operation::get(OperationName::ListRoleDefinitions, path).query(&query))
            .await
    }

    /// All active schedules of a principal.
    pub async fn role_schedules(
        &self,
        principal: PrincipalId,
    ) -> Result<Listed<RoleSchedule>, Error> {
        self.list(of(
            OperationName::ListRoleSchedules,
            "roleAssignmentSchedules",
            principal,
        ))
        .await
    }

    /// All roles that a principal is eligible for.
    pub async fn role_eligibility_schedules(
        &self,
        principal: PrincipalId,
    ) -> Result<Listed<RoleSchedule>, Error> {
        self.list(of(
            OperationName::ListRoleEligibility,
            "roleEligibilitySchedules",
            principal,
        ))
        .await
    }

    /// All active grants of some principals, whatever made them.
    pub async fn role_assignments(
        &self,
        principals: &[PrincipalId],
    ) -> Result<Listed<RoleAssignment>, Error> {
        self.list_all(principals.chunks(IN_LIMIT).map(|principals| {
            let filter = Filter::is_in("principalId", principals);
            Operation::get(
                OperationName::ListRoleAssignments,
                format!("{ROOT}/roleAssignments"),
            )
            .query(&Query::new().filter(filter))
        }))
        .await
    }

    /// How far a request for an active role has come; nothing if it was purged.
    pub async fn role_request(&self, id: &RequestId) -> Result<Option<Receipt>, Error> {
        let path = format!(
            "{ROOT}/roleAssignmentScheduleRequests/{}",
            segment(id.as_str())
        );
        self.receipt(Operation::get(OperationName::GetRoleRequest, path))
            .await
    }

    /// Ends the eligibility of a principal for a role.
    pub async fn request_role_eligibility_end(
        &self,
        request: &RoleRequest,
    ) -> Result<Receipt, Error> {
        self.request_role(
            OperationName::RequestRoleEligibility,
            "roleEligibilityScheduleRequests",
            request,
        )
        .await
    }

    /// Asks for a change of an active role.
    pub async fn request_role_assignment(&self, request: &RoleRequest) -> Result<Receipt, Error> {
        self.request_role(
            OperationName::RequestRoleAssignment,
            "roleAssignmentScheduleRequests",
            request,
        )
        .await
    }

    async fn request_role(
        &self,
        name: OperationName,
        collection: &str,
        request: &RoleRequest,
    ) -> Result<Receipt, Error> {
        let body = Body {
            principal_id: request.principal,
            role_definition_id: request.role,
            directory_scope_id: &request.scope,
            change: WireChange::new(request.change, request.justification.as_deref(), None),
        };
        let path = format!("{ROOT}/{collection}");
        let operation = Operation::new(name, Method::POST, path).json(&body)?;
        self.submit(operation).await?.json()
    }

    /// Deletes a plain grant that no schedule shows.
    pub async fn delete_role_assignment(&self, id: &RoleAssignmentId) -> Result<(), Error> {
        let path = format!("{ROOT}/roleAssignments/{}", segment(id.as_str()));
        let operation = Operation::new(OperationName::DeleteRoleAssignment, Method::DELETE, path);
        self.submit(operation).await.map(drop)
    }
}

fn of(name: OperationName, collection: &str, principal: PrincipalId) -> Operation {
    Operation::get(name, format!("{ROOT}/{collection}"))
        .query(&Query::new().filter(Filter::eq("principalId", &principal)))
}
