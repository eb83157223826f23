//! `PolicyTemplate`: PIM settings that groups inherit.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use pim_core::settings::PolicySettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// PIM settings that groups inherit. A group names it under `spec.policy.templateRef` and overrides what it states itself.
#[derive(CustomResource, Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "entra-pim.dev",
    version = "v1alpha1",
    kind = "PolicyTemplate",
    plural = "policytemplates",
    shortname = "ptemplate",
    category = "entra-pim",
    doc = "PIM settings that groups inherit. A group names it under spec.policy.templateRef and overrides what it states itself.",
    status = "PolicyTemplateStatus",
    printcolumn(name = "Groups", type_ = "integer", json_path = ".status.groups.using"),
    printcolumn(
        name = "Updated",
        type_ = "integer",
        json_path = ".status.groups.updated"
    ),
    printcolumn(
        name = "Failed",
        type_ = "integer",
        json_path = ".status.groups.failed"
    ),
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
    )
)]
pub struct PolicyTemplateSpec {
    /// For members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<PolicySettings>,
    /// For owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PolicySettings>,
}

impl PolicyTemplate {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        serde_json::json!({})
    }
}

/// How far the groups have taken a template over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyTemplateStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the template stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How many groups have its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<TemplateGroups>,
    /// The group that failed first with this generation, as namespace and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub first_failed: Option<String>,
}

/// How many groups have the settings of a template. Those that are being deleted do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateGroups {
    /// The groups that name it.
    pub using: i64,
    /// Those that have come to be ready with this generation.
    pub updated: i64,
    /// Those that have it still before them.
    pub waiting: i64,
    /// Those that failed with it.
    pub failed: i64,
}
