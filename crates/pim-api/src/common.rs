//! What several kinds share: references, and the parts of status that mean the same everywhere.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use pim_core::admission;
use pim_core::desired::GroupOperation;
use pim_core::ids::GroupId;
use pim_core::reason::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use pim_core::settings::Nothing;

macro_rules! references {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            /// The name of the object.
            #[schemars(length(min = 1, max = 253), transform = admission::object_name)]
            pub name: String,
        }
    )*};
}

references! {
    /// A tenant, by the name of its `EntraTenant`.
    TenantReference;
    /// A boundary, by the name of its `AccessBoundary`.
    BoundaryReference;
    /// A template, by the name of its `PolicyTemplate`.
    TemplateReference;
    /// A group, by the name of its `PrivilegedGroup` in the same namespace.
    GroupReference;
}

/// One key of a Secret in the operator's namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecretKeyReference {
    /// The name of the Secret. It must be listed in the chart value `auth.secretNames`.
    #[schemars(length(min = 1, max = 253), transform = admission::object_name)]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253), transform = admission::data_key)]
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
    pub reason: Reason,
    /// What was called.
    #[schemars(length(max = 64))]
    pub operation: String,
    /// The path of what the call was about, without its query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub path: Option<String>,
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

/// A creation or restore of a group that has begun and is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingWrite {
    /// What is being done.
    pub operation: GroupOperation,
    /// The identity of the group.
    #[schemars(length(max = 128))]
    pub key: String,
    /// Since when.
    pub since: Time,
    /// The object id that the answer named, or that is restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<GroupId>,
}

/// A request that the tenant took and has not carried out yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequestReference {
    /// Its id, for a support case with Microsoft.
    #[schemars(length(max = 128))]
    pub id: String,
    /// Its status in the service's words.
    #[schemars(length(max = 64))]
    pub status: String,
}
