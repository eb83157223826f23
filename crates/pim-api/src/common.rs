//! What several kinds share: references, and the parts of status that mean the same everywhere.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use pim_core::settings::Nothing;

macro_rules! references {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            /// The name of the object.
            #[schemars(length(min = 1, max = 253))]
            pub name: String,
        }
    )*};
}

references! {
    /// A tenant, by the name of its `EntraTenant`.
    TenantReference;
    /// A boundary, by the name of its `AccessBoundary`.
    BoundaryReference;
    /// A group, by the name of its `PrivilegedGroup` in the same namespace.
    GroupReference;
}

/// One key of a Secret in the operator's namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretKeyReference {
    /// The name of the Secret. It must be listed in the chart value `auth.secretNames`.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// Something that stands in the tenant and differs from the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftEntry {
    /// The field of the manifest.
    #[schemars(length(max = 256))]
    pub path: String,
    /// What is declared.
    #[schemars(length(max = 512))]
    pub desired: String,
    /// What stands.
    #[schemars(length(max = 512))]
    pub actual: String,
}

/// The last call to the tenant that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// The reason, as in conditions.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What was called.
    #[schemars(length(max = 64))]
    pub operation: String,
    /// The code that the service gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub code: Option<String>,
    /// The id of the request, for a support case with Microsoft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub request_id: Option<String>,
    /// When.
    pub time: Time,
}

/// A write whose answer is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingWrite {
    /// What is being written.
    #[schemars(length(max = 64))]
    pub operation: String,
    /// The identity of what is being made.
    #[schemars(length(max = 128))]
    pub key: String,
    /// Since when.
    pub since: Time,
}
