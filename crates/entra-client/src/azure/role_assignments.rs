//! Who holds which role at which scope.

use http::Method;
use pim_core::ids::{PrincipalId, RoleAssignmentId};
use pim_core::role::{RoleId, RoleScope, RoleSystem, RoleTarget};
use serde::{Deserialize, Serialize};

use super::{API_VERSION, ResourceManager, at, below, last_segment};
use crate::error::Error;
use crate::listed::Listed;
use crate::operation::{Operation, OperationName};
use crate::query::{Filter, Query};

/// A role assignment as the service lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureAssignment {
    /// The whole id, by which it is deleted.
    pub id: RoleAssignmentId,
    /// The name that whoever made it chose, in lower case.
    pub name: String,
    /// Who holds the role.
    pub principal: PrincipalId,
    /// Which role, and at which scope; that may lie above the one that was asked for.
    pub target: RoleTarget,
    /// What narrows it.
    pub condition: Option<String>,
}

/// A role assignment that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAzureAssignment<'a> {
    /// Its name, a UUID, unique in the tenant.
    pub name: &'a str,
    /// The group that gets the role.
    pub group: PrincipalId,
    /// Which role, and at which scope.
    pub target: &'a RoleTarget,
    /// What narrows it, in the second version of the service's language.
    pub condition: Option<&'a str>,
    /// What is shown with it; 2,048 characters at most.
    pub description: &'a str,
}

/// Which assignments of a scope are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeExtent {
    /// Those at the scope and below it, beside what it inherits.
    AndBelow,
    /// Those at the scope, beside what it inherits.
    AtScope,
}

/// Whether an assignment was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It was there and is deleted.
    Now,
    /// There was none.
    Before,
}

const DELETE: OperationName = OperationName::DeleteAzureRoleAssignment;

#[derive(Deserialize)]
struct AzureAssignmentRow {
    id: RoleAssignmentId,
    name: String,
    properties: AzureAssignmentProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AzureAssignmentProperties {
    role_definition_id: String,
    principal_id: PrincipalId,
    scope: String,
    condition: Option<String>,
}

impl From<AzureAssignmentRow> for AzureAssignment {
    fn from(row: AzureAssignmentRow) -> Self {
        let system = RoleSystem::AZURE;
        Self {
            id: row.id,
            name: row.name.to_lowercase(),
            principal: row.properties.principal_id,
            target: RoleTarget {
                system,
                role: RoleId::new(last_segment(&row.properties.role_definition_id)),
                scope: RoleScope::of(system, &row.properties.scope),
            },
            condition: narrowing(row.properties.condition),
        }
    }
}

/// What narrows a role, if anything does.
pub(super) fn narrowing(condition: Option<String>) -> Option<String> {
    let condition = condition.map(|text| text.trim().to_owned());
    condition.filter(|text| !text.is_empty())
}

#[derive(Serialize)]
struct AzureAssignmentBody<'a> {
    properties: WantedProperties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedProperties<'a> {
    role_definition_id: String,
    principal_id: PrincipalId,
    /// Without it the service looks the principal up in its own copy of the directory, which learns of new groups late.
    principal_type: &'static str,
    description: &'a str,
    condition: Option<&'a str>,
    condition_version: Option<&'static str>,
}

impl ResourceManager {
    /// The role assignments of a scope. What it inherits from above is listed, too.
    pub async fn role_assignments(
        &self,
        scope: &str,
        extent: ScopeExtent,
    ) -> Result<Listed<AzureAssignment>, Error> {
        let query = Query::new().api_version(API_VERSION);
        let query = match extent {
            ScopeExtent::AndBelow => query,
            ScopeExtent::AtScope => query.filter(Filter::at_scope()),
        };
        let name = OperationName::ListAzureRoleAssignments;
        let operation = below(name, Method::GET, scope, "roleAssignments")?.query(&query);
        let listed = self.session.list::<AzureAssignmentRow>(operation).await?;
        Ok(listed.map(AzureAssignment::from))
    }

    /// The assignments that reach a scope and that a user or service principal holds, themselves or through groups.
    pub(super) async fn assigned_to(
        &self,
        scope: &str,
        holder: PrincipalId,
    ) -> Result<Listed<AzureAssignment>, Error> {
        let filter = Filter::at_scope().and(&Filter::assigned_to(&holder));
        let query = Query::new().api_version(API_VERSION).filter(filter);
        let name = OperationName::ListAzureRoleAssignments;
        let operation = below(name, Method::GET, scope, "roleAssignments")?.query(&query);
        let listed = self.session.list::<AzureAssignmentRow>(operation).await?;
        Ok(listed.map(AzureAssignment::from))
    }

    /// Makes a role assignment. One of the same name and content may stand already.
    pub async fn put_role_assignment(&self, new: &NewAzureAssignment<'_>) -> Result<(), Error> {
        let target = new.target;
        let body = AzureAssignmentBody {
            properties: WantedProperties {
                role_definition_id: definition_path(target),
                principal_id: new.group,
                principal_type: "Group",
                description: new.description,
                condition: new.condition,
                condition_version: new.condition.map(|_| "2.0"),
            },
        };
        let (name, scope) = (OperationName::PutAzureRoleAssignment, target.scope.as_str());
        let path = format!("roleAssignments/{}", new.name);
        let operation = below(name, Method::PUT, scope, &path)?
            .query(&Query::new().api_version(API_VERSION))
            .json(&body)?;
        self.session.submit(operation).await.map(drop)
    }

    /// Deletes the role assignment of a name at a scope.
    pub async fn delete_role_assignment(
        &self,
        scope: &RoleScope,
        name: &str,
    ) -> Result<Deleted, Error> {
        let path = format!("roleAssignments/{name}");
        self.delete(below(DELETE, Method::DELETE, scope.as_str(), &path)?)
            .await
    }

    /// Deletes a role assignment by its whole id.
    pub async fn delete_role_assignment_by_id(
        &self,
        id: &RoleAssignmentId,
    ) -> Result<Deleted, Error> {
        self.delete(at(DELETE, Method::DELETE, id.as_str())?).await
    }

    async fn delete(&self, operation: Operation) -> Result<Deleted, Error> {
        let operation = operation.query(&Query::new().api_version(API_VERSION));
        let response = self.session.submit(operation).await?;
        // learn.microsoft.com: role-assignments-rest, "200 ... 204 if there is none".
        Ok(match response.status() {
            http::StatusCode::NO_CONTENT => Deleted::Before,
            _ => Deleted::Now,
        })
    }
}

/// The path of a role definition. Below a subscription the service takes only what begins with that subscription; elsewhere
/// it is named without a scope.
pub(super) fn definition_path(target: &RoleTarget) -> String {
    let scope = target.scope.as_str();
    let of_subscription = scope
        .strip_prefix("/subscriptions/")
        .and_then(|rest| rest.split('/').next())
        .map(|id| format!("/subscriptions/{id}"));
    format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/{}",
        of_subscription.unwrap_or_default(),
        target.role
    )
}
