//! `EntraTenant`: which tenant, which cloud, which credential, and what holds for certain people in all of its groups.

mod status;

use kube::CustomResource;
use pim_core::admission;
use pim_core::desired::{ManagementPolicy, RemovedByOthers};
use pim_core::duration::Interval;
use pim_core::ids::{ClientId, PrincipalId, TenantId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::SecretKeyReference;

pub use status::{
    ActingOperator, CredentialStatus, EntraTenantStatus, LicenceStatus, PermissionStatus,
    QuotaStatus, TenantQuotas, WaitingOperator,
};

/// A tenant of Entra ID, and how the operator signs in to it.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "entra-pim.dev",
    version = "v1alpha1",
    kind = "EntraTenant",
    shortname = "ptenant",
    category = "entra-pim",
    doc = "A tenant of Entra ID, and how the operator signs in to it.",
    status = "EntraTenantStatus",
    printcolumn(name = "Tenant-ID", type_ = "string", json_path = ".spec.tenantId"),
    printcolumn(name = "Cloud", type_ = "string", json_path = ".spec.cloud"),
    printcolumn(name = "Groups", type_ = "integer", json_path = ".status.groups"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].message",
        priority = 1
    ),
    printcolumn(
        name = "Synced",
        type_ = "date",
        json_path = ".status.lastSyncTime",
        priority = 1
    ),
    printcolumn(
        name = "Operator",
        type_ = "string",
        json_path = ".status.operator.namespace",
        priority = 1
    )
)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "(self.cloud == 'Custom') == has(self.endpoints)",
        "message": "endpoints are given with cloud: Custom, and only then"
    },
    {
        "rule": "has(self.endpoints) == has(oldSelf.endpoints) && (!has(self.endpoints) || (self.endpoints.authority == oldSelf.endpoints.authority && self.endpoints.graph == oldSelf.endpoints.graph && (!has(oldSelf.endpoints.resourceManager) || (has(self.endpoints.resourceManager) && self.endpoints.resourceManager == oldSelf.endpoints.resourceManager))))",
        "message": "spec.endpoints is immutable: delete and recreate the EntraTenant; only resourceManager may be added"
    },
    {
        "rule": "!has(self.deniedPrincipals) || !has(self.protectedPrincipals) || self.deniedPrincipals.all(denied, !self.protectedPrincipals.exists(kept, kept.lowerAscii() == denied.lowerAscii()))",
        "message": "nobody can be denied and protected: remove the id from spec.deniedPrincipals or from spec.protectedPrincipals"
    }
]))]
pub struct EntraTenantSpec {
    /// The id of the tenant (directory).
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.tenantId is immutable: delete and recreate the EntraTenant"
    }]))]
    pub tenant_id: TenantId,
    /// A name for this installation of the operator. It is part of the identity of every group, so a rebuilt cluster
    /// with the same value finds its groups again, and two clusters must never share one.
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
        extend("x-kubernetes-validations" = [{
            "rule": "self == oldSelf", "message": "spec.installation is immutable: it is part of every group's identity"
        }])
    )]
    pub installation: String,
    /// The Microsoft cloud that the tenant lives in.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.cloud is immutable: delete and recreate the EntraTenant"
    }]))]
    pub cloud: TenantCloud,
    /// Where the tenant is reached, with `cloud: Custom` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<TenantEndpoints>,
    /// How the operator signs in.
    pub credential: TenantCredential,
    /// How it signs in for Azure roles, so that no application must hold both powers. Without it `credential` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_manager_credential: Option<TenantCredential>,
    /// How often groups, roles and schedules are compared: whole minutes or hours from `PT1M` to `PT24H`. PIM settings are
    /// compared at least every hour, right before each grant, and as soon as an activation appears in the group.
    #[serde(default)]
    pub resync_interval: Interval,
    /// Whether the operator may write to the tenant: `Manage` makes true what the objects declare. `Observe` writes nothing, whatever
    /// they say; each says what it would do, and one that is deleted waits while something of it stands. The emergency stop waits as well.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    /// The emergency stop: object ids of people and applications who lose every access to all groups of this tenant at once,
    /// and get none while they are named here. It needs no boundary, no pause stops it, and no brake slows it. Only the last owner
    /// of a group stays, because the service keeps them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "set"))]
    pub denied_principals: Vec<PrincipalId>,
    /// Object ids of people and applications from whom the operator takes nothing away, whatever the objects of its groups say:
    /// break-glass accounts, above all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), extend("x-kubernetes-list-type" = "set"))]
    pub protected_principals: Vec<PrincipalId>,
    /// What happens where somebody took access away in the tenant that an object declares: `Restore` gives it again, `Hold` tells of
    /// it and waits until the object that declares it is edited.
    #[serde(default)]
    pub removed_by_others: RemovedByOthers,
}

/// A Microsoft cloud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TenantCloud {
    /// The worldwide cloud.
    #[default]
    Public,
    /// US Government L4 (GCC High).
    USGovernment,
    /// US Government L5 (Department of Defense).
    USGovernmentDoD,
    /// China, operated by 21Vianet.
    China,
    /// Other addresses, for example those of a simulated tenant.
    Custom,
}

/// Where a tenant is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantEndpoints {
    /// Where tokens come from, for example `https://login.microsoftonline.com`.
    #[schemars(length(max = 256), regex(pattern = "^https://[^/?#]+/?$"))]
    pub authority: String,
    /// Microsoft Graph, for example `https://graph.microsoft.com`.
    #[schemars(length(max = 256), regex(pattern = "^https://[^/?#]+/?$"))]
    pub graph: String,
    /// The Azure Resource Manager, for example `https://management.azure.com`. Without it there are no Azure roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256), regex(pattern = "^https://[^/?#]+/?$"))]
    pub resource_manager: Option<String>,
    /// Certificates that these addresses are trusted by, beside those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<CaBundle>,
}

/// Where certificates stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaBundle {
    /// A key of a ConfigMap in the operator's namespace that holds certificates in PEM form.
    pub config_map_ref: ConfigMapKeyReference,
}

/// One key of a ConfigMap in the operator's namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigMapKeyReference {
    /// The name of the ConfigMap. It must be listed in the chart value `auth.configMapNames`.
    #[schemars(length(min = 1, max = 253), transform = admission::object_name)]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253), transform = admission::data_key)]
    pub key: String,
}

/// How the operator signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.clientSecret), has(self.clientCertificate), has(self.workloadIdentity)].filter(given, given).size() == 1",
    "message": "give one credential: clientSecret, clientCertificate or workloadIdentity"
}]))]
pub struct TenantCredential {
    /// An application and its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ClientSecretCredential>,
    /// An application and its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<ClientCertificateCredential>,
    /// An application that trusts the service account of the operator: there is no secret to keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload_identity: Option<WorkloadIdentity>,
}

impl TenantCredential {
    /// The application that signs in.
    pub fn client_id(&self) -> Option<ClientId> {
        let secret = self.client_secret.as_ref().map(|one| one.client_id);
        let certificate = self.client_certificate.as_ref().map(|one| one.client_id);
        let workload = self.workload_identity.as_ref().map(|one| one.client_id);
        secret.or(certificate).or(workload)
    }
}

/// An application and its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSecretCredential {
    /// The application (client) id.
    pub client_id: ClientId,
    /// Where the secret stands.
    pub secret_ref: SecretKeyReference,
}

/// An application and its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientCertificateCredential {
    /// The application (client) id.
    pub client_id: ClientId,
    /// Where the certificate and its RSA private key stand, as one text in PEM form.
    pub secret_ref: SecretKeyReference,
}

/// An application that trusts the service account of the operator (a federated credential).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadIdentity {
    /// The application (client) id.
    pub client_id: ClientId,
}

impl EntraTenant {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        let zero = "00000000-0000-0000-0000-000000000000";
        serde_json::json!({
            "tenantId": zero, "installation": "unreadable",
            "credential": {"clientSecret": {"clientId": zero, "secretRef": {"name": "", "key": ""}}},
        })
    }
}
