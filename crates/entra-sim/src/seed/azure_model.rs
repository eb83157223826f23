//! The fields of a seed that the Resource Manager serves.

use serde::Deserialize;
use uuid::Uuid;

use crate::ids::ObjectId;
pub use crate::resource_manager::allowed::AllowedActions;

/// What the Resource Manager serves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAzure {
    /// Management groups, each behind the one that it lies in.
    #[serde(default)]
    pub management_groups: Vec<SeedManagementGroup>,
    /// Subscriptions.
    #[serde(default)]
    pub subscriptions: Vec<SeedSubscription>,
    /// Custom roles, beside the built-in ones.
    #[serde(default)]
    pub custom_roles: Vec<SeedAzureRole>,
    /// Who holds a role where.
    #[serde(default)]
    pub role_assignments: Vec<SeedAzureAssignment>,
}

/// A management group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedManagementGroup {
    /// Its name, which is part of its id.
    pub name: String,
    /// What people call it; the name when left out.
    pub display_name: Option<String>,
    /// The name of the management group that it lies in.
    pub parent: Option<String>,
}

/// A subscription.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedSubscription {
    /// Its id, a GUID.
    pub id: Uuid,
    /// What people call it.
    pub display_name: String,
    /// The name of the management group that it lies in.
    pub management_group: Option<String>,
    /// Names of its resource groups.
    #[serde(default)]
    pub resource_groups: Vec<String>,
    /// Resources, by their ids below the subscription: `resourceGroups/app/providers/Microsoft.KeyVault/vaults/kv`.
    #[serde(default)]
    pub resources: Vec<String>,
}

/// A custom role.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAzureRole {
    /// The id; made from the name, when left out.
    pub id: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Where it can be given, as paths: there and below.
    pub assignable_scopes: Vec<String>,
    /// What it allows.
    pub permissions: AllowedActions,
}

/// Somebody holds a role at a scope.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedAzureAssignment {
    /// Id of the role.
    pub role: Uuid,
    /// Object id of a service principal, group or user.
    pub principal: ObjectId,
    /// Where, as a path.
    pub scope: String,
    /// What narrows it.
    pub condition: Option<String>,
}
