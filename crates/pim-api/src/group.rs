//! `PrivilegedGroup`: the group and its PIM settings.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use pim_core::admission::clean_text;
use pim_core::desired::{DeletionPolicy, Mode, Object, ObjectKind, UndeclaredAccess};
use pim_core::ids::{AdministrativeUnitId, GroupId, ObjectName};
use pim_core::settings::{PolicySettings, SettingOrigin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{
    BoundaryReference, DriftEntry, LastError, PendingWrite, TemplateReference, TenantReference,
};

/// A group of Entra ID, and what it takes to become one of its members or owners.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "entra-pim.dev",
    version = "v1alpha1",
    kind = "PrivilegedGroup",
    namespaced,
    shortname = "pgroup",
    category = "entra-pim",
    doc = "A group of Entra ID, and what it takes to become one of its members or owners.",
    status = "PrivilegedGroupStatus",
    selectable = ".spec.displayName",
    printcolumn(name = "Group", type_ = "string", json_path = ".spec.displayName"),
    printcolumn(name = "Eligible", type_ = "integer", json_path = ".status.eligible"),
    printcolumn(name = "Active", type_ = "integer", json_path = ".status.active"),
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
        name = "External-ID",
        type_ = "string",
        json_path = ".status.externalId",
        priority = 1
    ),
    printcolumn(
        name = "Synced",
        type_ = "date",
        json_path = ".status.lastSyncTime",
        priority = 1
    )
)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.adopt) == has(oldSelf.adopt)",
        "message": "spec.adopt is immutable: delete and recreate the PrivilegedGroup"
    },
    {
        "rule": "has(self.administrativeUnitId) == has(oldSelf.administrativeUnitId)",
        "message": "spec.administrativeUnitId is immutable: delete and recreate the PrivilegedGroup"
    },
    {
        "rule": "!has(self.adopt) || self.deletionPolicy == 'Retain'",
        "message": "a group that is adopted is never deleted: set spec.deletionPolicy to Retain"
    }
]))]
pub struct PrivilegedGroupSpec {
    /// The tenant.
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.tenantRef is immutable: delete and recreate the PrivilegedGroup"
    }]))]
    pub tenant_ref: TenantReference,
    /// The one boundary that judges everything about this group.
    pub boundary_ref: BoundaryReference,
    /// The display name in the tenant. It may change: a rename.
    #[schemars(length(min = 1, max = 256), transform = clean_text)]
    pub display_name: String,
    /// The description in the tenant: one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024), transform = clean_text)]
    pub description: Option<String>,
    /// Whether the group can hold directory roles. The service fixes this when the group is made.
    #[serde(default = "role_assignable")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf",
        "message": "spec.roleAssignable is immutable: the service fixes it for ever; delete and recreate the PrivilegedGroup"
    }]))]
    pub role_assignable: bool,
    /// The administrative unit that the group is in, by its object id. The boundary must list it under
    /// `groups.administrativeUnits`; one with restricted management is refused, because PIM manages no group there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf",
        "message": "spec.administrativeUnitId is immutable: delete and recreate the PrivilegedGroup"
    }]))]
    pub administrative_unit_id: Option<AdministrativeUnitId>,
    /// An existing group that is taken over instead of making one. The boundary must list it under `groups.adoptable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.adopt is immutable: delete and recreate the PrivilegedGroup"
    }]))]
    pub adopt: Option<AdoptedGroup>,
    /// The PIM settings.
    #[serde(default)]
    pub policy: GroupPolicy,
    /// What happens to access that stands in the tenant and that no object declares.
    #[serde(default)]
    pub undeclared: UndeclaredAccess,
    /// What happens to the group in the tenant when this object is deleted: `Delete` takes everything out of it and deletes
    /// it, `Retain` leaves it as it is. With `adopt` it must say `Retain`; without, `Retain` needs `groups.leaveBehind:
    /// Allowed` in the boundary.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// An existing group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptedGroup {
    /// Its object id.
    pub id: GroupId,
}

impl PrivilegedGroupSpec {
    /// The objects that it names, without which nothing is granted: they are of the cluster, and a change of one is a
    /// change of this.
    pub fn references(&self) -> Vec<Object> {
        let of_cluster = |kind, name: &str| Object::new(kind, ObjectName::new("", name));
        let template = self.policy.template_ref.as_ref();
        let template =
            template.map(|template| of_cluster(ObjectKind::PolicyTemplate, &template.name));
        [
            of_cluster(ObjectKind::EntraTenant, &self.tenant_ref.name),
            of_cluster(ObjectKind::AccessBoundary, &self.boundary_ref.name),
        ]
        .into_iter()
        .chain(template)
        .collect()
    }
}

const fn role_assignable() -> bool {
    true
}

/// The PIM settings of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.templateRef) || !has(self.member) || !has(self.member.activation) || !has(self.member.activation.approval) || !has(self.member.activation.approval.required) || self.member.activation.approval.required != 'Always' || (has(self.member.activation.approval.approvers) && size(self.member.activation.approval.approvers) > 0)",
        "message": "member.activation.approval needs approvers: a group has no default ones; name at least one under approvers, or a template under templateRef"
    },
    {
        "rule": "has(self.templateRef) || !has(self.owner) || !has(self.owner.activation) || !has(self.owner.activation.approval) || !has(self.owner.activation.approval.required) || self.owner.activation.approval.required != 'Always' || (has(self.owner.activation.approval.approvers) && size(self.owner.activation.approval.approvers) > 0)",
        "message": "owner.activation.approval needs approvers: a group has no default ones; name at least one under approvers, or a template under templateRef"
    }
]))]
pub struct GroupPolicy {
    /// The template whose settings the group has where it states none itself, leaf by leaf: a list or an object of which
    /// one member is chosen is overridden as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_ref: Option<TemplateReference>,
    /// What happens to settings that are not declared: `Exclusive` puts them back to the service's defaults, `Merge`
    /// leaves them alone.
    #[serde(default)]
    pub mode: Mode,
    /// For members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<PolicySettings>,
    /// For owners. The floor of the boundary holds for these as for members, also when they are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PolicySettings>,
}

impl PrivilegedGroup {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        let nobody = serde_json::json!({"name": ""});
        serde_json::json!({
            "tenantRef": nobody, "boundaryRef": nobody, "displayName": "", "policy": {},
        })
    }
}

/// What is known of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegedGroupStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the group stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// When the tenant was last compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Time>,
    /// The last generation that the tenant matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_generation: Option<i64>,
    /// When the PIM settings were last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies_read_time: Option<Time>,
    /// The object id in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<GroupId>,
    /// The identity that the group bears in the tenant as its `mailNickname`; a group that was adopted keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub external_name: Option<String>,
    /// A creation or restore that is not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_write: Option<PendingWrite>,
    /// The last call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// What differs from the manifest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub drift: Vec<DriftEntry>,
    /// People who are eligible as declared, over all assignments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<i64>,
    /// People who are active as declared, over all assignments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<i64>,
    /// The settings that the policies are to have, each with its origin, once it is known what they come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<GroupSettings>,
    /// The template that the group inherits from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<InheritedTemplate>,
}

/// The settings of both policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupSettings {
    /// For members.
    #[schemars(length(max = 64))]
    pub member: Vec<SettingStatus>,
    /// For owners.
    #[schemars(length(max = 64))]
    pub owner: Vec<SettingStatus>,
}

/// A setting, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingStatus {
    /// Its path below `spec.policy.member`. `customExtensions` stands for the extensions that are switched on in the tenant and
    /// that the boundary admits.
    #[schemars(length(max = 64))]
    pub setting: String,
    /// Its value in words.
    #[schemars(length(max = 256))]
    pub value: String,
    /// Where all of it comes from: the group, its template, the default of the service, or what stands in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<SettingOrigin>,
    /// Where each part comes from, if not all come from one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub parts: Vec<PartOrigin>,
}

/// A part of a setting, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartOrigin {
    /// Its path below the setting.
    #[schemars(length(max = 64))]
    pub part: String,
    /// Where it comes from.
    pub origin: SettingOrigin,
}

/// What is known of a group's template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InheritedTemplate {
    /// The name of the template.
    #[schemars(length(max = 253))]
    pub name: String,
    /// The version that this status speaks of.
    pub observed: TemplateVersion,
    /// The version with which the group has last been ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<TemplateVersion>,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateVersion {
    /// The uid of the object: one that is made anew under the same name is another one.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// The generation of its spec.
    pub generation: i64,
}
