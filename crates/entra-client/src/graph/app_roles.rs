//! Roles of enterprise applications: which ones an application declares, and which a group holds.
//!
//! A group counts as a user there, so it takes roles that allow users. An application without any role is assigned without
//! one, which the service writes as the id of zeros (learn.microsoft.com: serviceprincipal-post-approleassignedto).

use http::Method;
use pim_core::ids::{AppId, GroupId, PrincipalId};
use pim_core::role::RoleId;
use serde::{Deserialize, Serialize};

use super::{Graph, Listed};
use crate::error::Error;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, IN_LIMIT, Query, segment};

/// An enterprise application of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnterpriseApplication {
    /// The id of its service principal.
    pub id: PrincipalId,
    /// Its client id.
    pub app_id: AppId,
    /// The roles that it declares.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub app_roles: Vec<DeclaredRole>,
}

/// A role that an application declares.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclaredRole {
    /// Its id.
    pub id: RoleId,
    /// What the application sees of it.
    pub value: Option<String>,
    is_enabled: Option<bool>,
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    allowed_member_types: Vec<String>,
}

impl DeclaredRole {
    /// Whether a group can hold it.
    pub fn takes_groups(&self) -> bool {
        self.is_enabled != Some(false)
            && self.allowed_member_types.iter().any(|kind| kind == "User")
    }
}

/// An app role that a group holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleAssignment {
    /// Its id.
    pub id: String,
    /// The service principal of the application.
    pub resource_id: PrincipalId,
    /// The role, zeros for an application without roles.
    pub app_role_id: RoleId,
}

#[derive(Serialize)]
struct AppRoleBody<'a> {
    #[serde(rename = "principalId")]
    principal: PrincipalId,
    #[serde(rename = "resourceId")]
    resource: PrincipalId,
    #[serde(rename = "appRoleId")]
    role: &'a RoleId,
}

impl Graph {
    /// The enterprise applications with these client ids.
    pub async fn enterprise_applications(
        &self,
        ids: &[AppId],
    ) -> Result<Listed<EnterpriseApplication>, Error> {
        let operations = ids.chunks(IN_LIMIT).map(|ids| {
            let query = Query::new()
                .filter(Filter::is_in("appId", ids))
                .select(&["id", "appId", "appRoles"]);
            Operation::get(OperationName::FindApplications, "/servicePrincipals").query(&query)
        });
        self.session.list_all(operations).await
    }

    /// The app roles that a group holds.
    pub async fn app_role_assignments(
        &self,
        group: GroupId,
    ) -> Result<Listed<AppRoleAssignment>, Error> {
        let path = format!("/groups/{group}/appRoleAssignments");
        let operation = Operation::get(OperationName::ListAppRoleAssignments, path);
        self.session.list(operation).await
    }

    /// Gives a group a role of an application.
    pub async fn assign_app_role(
        &self,
        group: GroupId,
        application: PrincipalId,
        role: &RoleId,
    ) -> Result<(), Error> {
        let path = format!("/servicePrincipals/{application}/appRoleAssignedTo");
        let body = AppRoleBody {
            principal: group.into(),
            resource: application,
            role,
        };
        let operation =
            Operation::new(OperationName::AssignAppRole, Method::POST, path).json(&body)?;
        self.session.submit(operation).await.map(drop)
    }

    /// Takes a role of an application away, by the id of its assignment.
    pub async fn remove_app_role(&self, application: &str, id: &str) -> Result<(), Error> {
        let path = format!(
            "/servicePrincipals/{}/appRoleAssignedTo/{}",
            segment(application),
            segment(id)
        );
        let operation = Operation::new(OperationName::RemoveAppRole, Method::DELETE, path);
        self.session.submit(operation).await.map(drop)
    }
}
