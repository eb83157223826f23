//! What a tenant holds at the start, as YAML.
//!
//! Unknown fields are errors. Ids that are left out follow from the tenant and the name, so they are the same at every
//! start. Where an object is referred to, write its object id, a user principal name, the client id of an application
//! or the display name of a group. `entra-sim seed` prints the built-in seed, which shows every field.

mod applications;
mod azure;
mod azure_model;
mod ids;
mod load;
mod model;
mod permissions;

pub(crate) use applications::grant;
pub use azure_model::{
    AllowedActions, SeedAzure, SeedAzureAssignment, SeedAzureRole, SeedManagementGroup,
    SeedSubscription,
};
pub(crate) use load::load;
pub use model::{
    AllPermissions, BUILT_IN, CustomRole, Error, Seed, SeedAppRole, SeedApplication,
    SeedAuthenticationContext, SeedFederatedCredential, SeedGroup, SeedGroupKind, SeedPermissions,
    SeedSecret, SeedTenant, SeedUnit, SeedUser,
};
