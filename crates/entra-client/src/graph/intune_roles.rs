//! Roles of Intune: their definitions, and which groups hold them over which other groups.
//!
//! An assignment lists its members and scope groups as whole, and does not name its role: that is asked for each one
//! (learn.microsoft.com: "Role-based access control" in the Intune reference). A tenant may ask a second administrator to agree
//! to every change; then the same request is sent twice.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Method};
use pim_core::ids::{GroupId, RoleAssignmentId};
use pim_core::role::{RoleId, RoleScope};
use serde::{Deserialize, Serialize};

use super::{Graph, Listed};
use crate::error::decode::APPROVAL_CODE;
use crate::error::{Class, Error};
use crate::operation::{Operation, OperationName};
use crate::query::segment;
use crate::service::GRAPH;

const ROLES: &str = "/deviceManagement/roleDefinitions";
const ASSIGNMENTS: &str = "/deviceManagement/roleAssignments";

/// What tells a second administrator the reason.
const APPROVAL_REASON: &str = "x-msft-approval-justification";

/// The longest reason that is taken, in characters.
const LONGEST_REASON: usize = 1024;

/// A role of Intune.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntuneRoleDefinition {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub display_name: String,
}

/// Some groups hold a role over some groups.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntuneAssignment {
    /// Its id.
    pub id: RoleAssignmentId,
    /// Its name, which people give; two may bear the same.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub display_name: String,
    /// The ids of the groups that hold the role.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub members: Vec<String>,
    /// The ids of the groups over which they hold it.
    #[serde(
        rename = "resourceScopes",
        default,
        deserialize_with = "crate::tolerant::or_default"
    )]
    pub scope_groups: Vec<String>,
}

/// A role that a group is to hold over some groups, by an assignment of this name.
#[derive(Debug, Clone, Copy)]
pub struct NewIntuneAssignment<'a> {
    /// The name.
    pub name: &'a str,
    /// The group that is to hold the role.
    pub group: GroupId,
    /// The role.
    pub role: &'a RoleId,
    /// The groups over which it is to hold.
    pub scope: &'a RoleScope,
}

/// A change of who holds a role.
#[derive(Debug, Clone)]
pub enum IntuneChange<'a> {
    /// Gives a group a role. Nothing keeps a second assignment of the same name from being made.
    Create(NewIntuneAssignment<'a>),
    /// Brings an assignment back to what its name stands for.
    Update(RoleAssignmentId, NewIntuneAssignment<'a>),
    /// Leaves an assignment to these groups alone.
    Keep(RoleAssignmentId, Vec<String>),
    /// Takes the role away from everybody who holds it by an assignment.
    Delete(RoleAssignmentId),
}

/// What a second administrator is told, and what they have agreed to.
#[derive(Debug, Clone, Copy)]
pub struct Agreement<'a> {
    /// Why the change is made.
    pub reason: &'a str,
    /// What the service called the request when it was sent before.
    pub code: Option<&'a str>,
}

impl Agreement<'_> {
    /// What does not wait for approval ignores these headers.
    fn of(self, operation: Operation) -> Result<Operation, Error> {
        let (name, value) = if let Some(code) = self.code {
            (APPROVAL_CODE, code.to_owned())
        } else {
            let reason: String = self.reason.chars().take(LONGEST_REASON).collect();
            (APPROVAL_REASON, STANDARD.encode(reason))
        };
        let value = HeaderValue::from_str(&value).map_err(|_| {
            let failure = operation.failure(Class::Bug);
            failure.saying("the code of an approval cannot be sent")
        })?;
        Ok(operation.header(HeaderName::from_static(name), value))
    }
}

/// The type of what is written.
const ASSIGNMENT: &str = "#microsoft.graph.deviceAndAppManagementRoleAssignment";

#[derive(Serialize)]
struct MembersBody<'a> {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    members: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentBody<'a> {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    display_name: &'a str,
    description: &'a str,
    members: [GroupId; 1],
    resource_scopes: Vec<&'a str>,
    #[serde(
        rename = "roleDefinition@odata.bind",
        skip_serializing_if = "Option::is_none"
    )]
    role: Option<String>,
}

impl<'a> AssignmentBody<'a> {
    fn of(new: &NewIntuneAssignment<'a>, description: &'a str) -> Self {
        Self {
            kind: ASSIGNMENT,
            display_name: new.name,
            description,
            members: [new.group],
            resource_scopes: new.scope.as_str().split(',').collect(),
            role: None,
        }
    }
}

impl Graph {
    /// All roles of Intune.
    pub async fn intune_roles(&self) -> Result<Listed<IntuneRoleDefinition>, Error> {
        let operation = Operation::get(OperationName::ListIntuneRoles, ROLES);
        self.session.list(operation).await
    }

    /// All assignments of roles of Intune.
    pub async fn intune_assignments(&self) -> Result<Listed<IntuneAssignment>, Error> {
        let operation = Operation::get(OperationName::ListIntuneAssignments, ASSIGNMENTS);
        self.session.list(operation).await
    }

    /// The role that an assignment gives.
    pub async fn role_of_intune_assignment(
        &self,
        assignment: &RoleAssignmentId,
    ) -> Result<RoleId, Error> {
        let path = format!("{}/roleDefinition", path(assignment));
        let operation = Operation::get(OperationName::GetIntuneAssignmentRole, path);
        let role: IntuneRoleDefinition = self.session.submit(operation).await?.json()?;
        Ok(role.id)
    }

    /// Changes who holds a role.
    pub async fn change_intune(
        &self,
        change: &IntuneChange<'_>,
        approval: Agreement<'_>,
    ) -> Result<(), Error> {
        let operation = match change {
            IntuneChange::Create(new) => {
                let base = self.session.dispatcher.base(&GRAPH).unwrap_or_default();
                let body = AssignmentBody {
                    role: Some(format!("{base}{ROLES}('{}')", new.role)),
                    ..AssignmentBody::of(new, approval.reason)
                };
                let name = OperationName::CreateIntuneAssignment;
                Operation::new(name, Method::POST, ASSIGNMENTS).json(&body)?
            }
            IntuneChange::Update(assignment, new) => {
                let name = OperationName::UpdateIntuneAssignment;
                let body = AssignmentBody::of(new, approval.reason);
                Operation::new(name, Method::PATCH, path(assignment)).json(&body)?
            }
            IntuneChange::Keep(assignment, members) => {
                let name = OperationName::UpdateIntuneAssignment;
                let body = MembersBody {
                    kind: ASSIGNMENT,
                    members,
                };
                Operation::new(name, Method::PATCH, path(assignment)).json(&body)?
            }
            IntuneChange::Delete(assignment) => {
                let name = OperationName::DeleteIntuneAssignment;
                Operation::new(name, Method::DELETE, path(assignment))
            }
        };
        let operation = approval.of(operation)?;
        self.session.submit(operation).await.map(drop)
    }
}

fn path(assignment: &RoleAssignmentId) -> String {
    format!("{ASSIGNMENTS}/{}", segment(assignment.as_str()))
}
