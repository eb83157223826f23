//! What roles there are at a scope.

use pim_core::role::RoleId;
use serde::Deserialize;

use super::{API_VERSION, ResourceManager, below, last_segment};
use crate::error::Error;
use crate::listed::Listed;
use crate::operation::{Operation, OperationName};
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
        let query = Query::new()
            .api_version(API_VERSION)
            .filter(Filter::eq("type", &kind));
        let address = below(scope, "roleDefinitions");
        let operation =
            Operation::get(OperationName::ListAzureRoleDefinitions, address).query(&query);
        let listed = self.session.list::<DefinitionRow>(operation).await?;
        Ok(listed.map(|row| AzureRoleDefinition {
            id: RoleId::new(last_segment(&row.name)),
            name: row.properties.role_name,
        }))
    }
}
