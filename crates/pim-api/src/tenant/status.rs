//! The status of an `EntraTenant`: what was found in the tenant, and who acts for it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use pim_core::desired::Licence;
use pim_core::permission::{PermissionAddOn, PermissionProfile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is known of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntraTenantStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the tenant stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How often its groups are really looked at: the longest that any of them went without a look, in whole minutes, for example
    /// `PT11M`. More than `spec.resyncInterval` says that the tenant's limits do not allow that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_resync: Option<String>,
    /// When the tenant was last reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Time>,
    /// How many groups name this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<i64>,
    /// What the operator may do in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionStatus>,
    /// Whether the tenant has the licence that PIM needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licences: Option<LicenceStatus>,
    /// How much of the tenant's limits is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<TenantQuotas>,
    /// What is known of the credential that signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialStatus>,
    /// How many seconds the clock of the operator is ahead of the tenant's (less than 0: behind), while they differ by more
    /// than a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_difference_seconds: Option<i64>,
    /// The release of the operator that acts for the tenant. No other one does, whatever its namespace.
    // It is renewed on its own beat and only ever over the version that was read, so the rest of the status leaves it alone.
    #[serde(default, skip_serializing)]
    pub operator: Option<ActingOperator>,
}

/// The release of the operator that acts for a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActingOperator {
    /// The namespace of the release.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// The name of the Lease that its replicas share.
    #[schemars(length(max = 253))]
    pub lease: String,
    /// Since when it acts.
    pub since: Time,
    /// When it last said so, by its own clock. Only that it changes counts.
    pub renewed_at: Time,
    /// How many seconds after the last change of `renewedAt` another release takes over.
    pub duration_seconds: i64,
    /// Another release that would act, too, and waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingOperator>,
}

/// A release of the operator that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingOperator {
    /// The namespace of the release.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// The name of the Lease that its replicas share.
    #[schemars(length(max = 253))]
    pub lease: String,
    /// When it last said so, by its own clock. Only that it changes counts.
    pub renewed_at: Time,
    /// How many seconds after the last change of `renewedAt` it is taken to be gone.
    pub duration_seconds: i64,
}

/// What the operator may do in the tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionStatus {
    /// What the granted permissions amount to: `Observe` reads groups, access and PIM settings, `Assign` also gives and takes
    /// access, `Govern` also changes PIM settings, `Own` also makes and deletes groups. None: not even reading is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<PermissionProfile>,
    /// The systems whose roles the operator can give to groups. Azure is not among them: its rights are roles in Azure.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub add_ons: Vec<PermissionAddOn>,
    /// Application permissions that the token carries, as far as the operator uses them.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 128)))]
    pub granted: Vec<String>,
    /// Application permissions that objects of the tenant need and that are not granted. Only what needs them stops.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(max = 256)))]
    pub missing: Vec<String>,
}

/// Whether the tenant has the licence that PIM needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicenceStatus {
    /// `Available`, `Missing`, or `Unknown` while the tenant's subscriptions may not or cannot be read.
    #[serde(default)]
    pub privileged_identity_management: Licence,
    /// The service plans of the tenant's usable subscriptions that matter here, by their names.
    #[serde(default)]
    #[schemars(length(max = 10), inner(length(max = 64)))]
    pub plans: Vec<String>,
}

/// How much of the tenant's limits is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantQuotas {
    /// Groups that can hold directory roles, whoever made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_assignable_groups: Option<QuotaStatus>,
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuotaStatus {
    /// How many there are.
    pub used: i64,
    /// How many there can be.
    pub limit: i64,
}

/// What is known of the credential that signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialStatus {
    /// When it ends; where the Resource Manager has one of its own, when the first of both ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
}
