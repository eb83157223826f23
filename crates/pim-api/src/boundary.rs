//! `AccessBoundary`: what the groups of some namespaces may be and hold.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the groups of some namespaces may be and hold. Nothing is granted without one, and a list that is left out
/// admits nothing.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "entra-pim.dev",
    version = "v1alpha1",
    kind = "AccessBoundary",
    plural = "accessboundaries",
    shortname = "pboundary",
    category = "entra-pim",
    doc = "What the groups of some namespaces may be and hold. Nothing is granted without one.",
    status = "AccessBoundaryStatus",
    printcolumn(
        name = "Namespaces",
        type_ = "string",
        json_path = ".status.namespaces"
    ),
    printcolumn(name = "Objects", type_ = "integer", json_path = ".status.objects"),
    printcolumn(name = "Denied", type_ = "integer", json_path = ".status.denied"),
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
pub struct AccessBoundarySpec {
    /// What is admitted.
    #[serde(flatten)]
    pub rules: pim_core::boundary::BoundaryRules,
}

impl AccessBoundary {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        serde_json::json!({"namespaces": [], "tenants": [], "groups": {}, "policyFloor": {}})
    }
}

/// What a boundary judges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessBoundaryStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the boundary stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How many objects it judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<i64>,
    /// How many of them it does not admit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<i64>,
    /// The namespaces in one line, for the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub namespaces: Option<String>,
}
