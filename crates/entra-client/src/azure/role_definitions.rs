//! What roles there are at a scope.

use http::Method;
use pim_core::role::RoleId;
use serde::Deserialize;

use super::{API_VERSION, ResourceManager, below, last_segment};
use crate::error::Error;
use crate::listed::Listed;
use crate::operation::OperationName;
use crate::query::{Filter, Query};

/// A role of Azure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureRoleDefinition {
    /// Its id, the same at every scope.
    pub id: RoleId,
    /// Its name. Names of custom roles are unique in a tenant.
    pub name: String,
}

#[derive(Deserialize)]
struct DefinitionRow {
    name: String,
    properties: DefinitionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionProperties {
    role_name: String,
}

/// Who made some roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AzureRoleOrigin {
    /// Microsoft: they are the same everywhere.
    BuiltIn,
    /// Somebody in the tenant: they exist at the scopes at which they may be assigned.
    Custom,
}

impl ResourceManager {
    /// The roles of one origin at a scope; an empty scope is the whole tenant.
    pub async fn role_definitions(
        &self,
        scope: &str,
        origin: AzureRoleOrigin,
    ) -> Result<Listed<AzureRoleDefinition>, Error> {
        let kind = match origin {
            AzureRoleOrigin::BuiltIn => "BuiltInRole",
            AzureRoleOrigin::Custom => "CustomRole",
        };
        let of_kind = Filter::eq("type", &kind);
        // A role may be assignable in some resource groups only (learn.microsoft.com: role-definitions-list).
        let filter = match origin {
            AzureRoleOrigin::BuiltIn => of_kind,
            AzureRoleOrigin::Custom => Filter::at_scope_and_below().and(&of_kind),
        };
        let query = Query::new().api_version(API_VERSION).filter(filter);
        let name = OperationName::ListAzureRoleDefinitions;
        let operation = below(name, Method::GET, scope, "roleDefinitions")?.query(&query);
        let listed = self.session.list::<DefinitionRow>(operation).await?;
        Ok(listed.map(|row| AzureRoleDefinition {
            id: RoleId::new(last_segment(&row.name)),
            name: row.properties.role_name,
        }))
    }
}
