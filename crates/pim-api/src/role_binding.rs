//! `RoleBinding`: one role, at one scope, held by one group.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use pim_core::admission::{add_rule, clean_text};
use pim_core::desired::DeletionPolicy;
use pim_core::ids::UUID_PATTERN;
use pim_core::role::{DIRECTORY_SCOPE_PATTERN, Keeping, RoleId, RoleReference, RoleSystem};
use pim_core::schedule::Kind;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::assignment::{AssignmentSchedule, TicketReference};
use crate::common::{DriftEntry, GroupReference, LastError, RequestReference};

/// One role, at one scope, held by one group. Its name is shared with Kubernetes RBAC: write `prb` or
/// `rolebindings.entra-pim.dev`.
#[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "entra-pim.dev",
    version = "v1alpha1",
    kind = "RoleBinding",
    namespaced,
    shortname = "prb",
    category = "entra-pim",
    doc = "One role, at one scope, held by one group. Write prb or rolebindings.entra-pim.dev: kubectl takes rolebinding for the one of Kubernetes RBAC.",
    status = "RoleBindingStatus",
    selectable = ".spec.groupRef.name",
    printcolumn(name = "Group", type_ = "string", json_path = ".spec.groupRef.name"),
    printcolumn(
        name = "Role",
        type_ = "string",
        json_path = ".spec['directoryRole','azureRole','appRole','intuneRole'].role"
    ),
    printcolumn(
        name = "Scope",
        type_ = "string",
        json_path = ".spec['directoryRole','azureRole','appRole','intuneRole']['scope','application','scopeGroups']"
    ),
    printcolumn(name = "Assignment", type_ = "string", json_path = ".spec.assignment"),
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
        name = "Until",
        type_ = "string",
        json_path = ".status.endTime",
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
        "rule": "[has(self.directoryRole), has(self.azureRole), has(self.appRole), has(self.intuneRole)].filter(given, given).size() == 1",
        "message": "name one role: spec.directoryRole, spec.azureRole, spec.appRole or spec.intuneRole"
    },
    {
        "rule": "has(self.directoryRole) == has(oldSelf.directoryRole) && has(self.azureRole) == has(oldSelf.azureRole) && \
                 has(self.appRole) == has(oldSelf.appRole)",
        "message": "a RoleBinding cannot move to another role system: delete and recreate it"
    }
]), transform = capabilities)]
pub struct RoleBindingSpec {
    /// The group, in the same namespace.
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.groupRef is immutable: delete and recreate the RoleBinding"
    }]))]
    pub group_ref: GroupReference,
    /// A directory role of Entra ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.directoryRole is immutable: delete and recreate the RoleBinding"
    }]))]
    pub directory_role: Option<DirectoryRole>,
    /// A role of Azure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self.role == oldSelf.role && self.scope == oldSelf.scope",
        "message": "spec.azureRole.role and spec.azureRole.scope are immutable: delete and recreate the RoleBinding"
    }]))]
    pub azure_role: Option<AzureRole>,
    /// A role of an enterprise application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.appRole is immutable: delete and recreate the RoleBinding"
    }]))]
    pub app_role: Option<AppRole>,
    /// A role of Intune.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.intuneRole is immutable: delete and recreate the RoleBinding"
    }]))]
    pub intune_role: Option<IntuneRole>,
    /// How the group holds the role: `Active` means that whoever is active in the group has the role, `Eligible` that each
    /// member activates the role itself, by the rules that the tenant has for it.
    #[serde(default = "active")]
    #[schemars(extend("x-kubernetes-validations" = [{
        "rule": "self == oldSelf", "message": "spec.assignment is immutable: delete and recreate the RoleBinding"
    }]))]
    pub assignment: Kind,
    /// When; at once and without end when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<AssignmentSchedule>,
    /// Why the group holds the role; recorded in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500), transform = clean_text)]
    pub justification: Option<String>,
    /// The ticket that it is recorded under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketReference>,
    /// What happens to the role in the tenant when this object is deleted: `Delete` takes it away, `Retain` leaves it, which
    /// needs `groups.leaveBehind: Allowed` in the boundary unless the whole of an adopted group is let go.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
}

/// What systems cannot do that keep assignments: nothing of them begins, ends or is activated, and none of them becomes a
/// schedule.
fn capabilities(schema: &mut Schema) {
    let is_lasting = |of: &str| {
        format!(
            "(!has({of}.schedule) || has({of}.schedule.expiration.never) && !has({of}.schedule.startTime))"
        )
    };
    let (now, before) = (is_lasting("self"), is_lasting("oldSelf"));
    for system in RoleSystem::ALL {
        let (field, title) = (system.field, system.title);
        match system.keeping {
            Keeping::Schedules => {}
            Keeping::Assignments => add_rule(
                schema,
                &format!("!has(self.{field}) || self.assignment == 'Active' && {now}"),
                &format!(
                    "the service knows neither eligibility nor a beginning or end of a group's {title}: leave assignment and \
                     schedule out"
                ),
            ),
            Keeping::Both => add_rule(
                schema,
                &format!("!has(self.{field}) || self.assignment != 'Active' || {now} == {before}"),
                &format!(
                    "an Active {title} without begin and end cannot become one that begins or ends, nor the other way round: \
                     write another RoleBinding, then delete this one"
                ),
            ),
        }
    }
}

impl RoleBindingSpec {
    /// What narrows the role, if anything does.
    pub fn condition(&self) -> Option<&str> {
        let condition = self.azure_role.as_ref()?.condition.as_deref()?.trim();
        (!condition.is_empty()).then_some(condition)
    }

    /// The role that it names, of whatever system. One that names none, which the API server does not take, names one that
    /// there is not.
    pub fn role(&self) -> RoleReference<'_> {
        let directory = self.directory_role.as_ref().map(|role| {
            let scope = Cow::Borrowed(role.scope.as_str());
            (RoleSystem::DIRECTORY, &role.role, scope)
        });
        let azure = self.azure_role.as_ref().map(|role| {
            let scope = Cow::Borrowed(role.scope.as_str());
            (RoleSystem::AZURE, &role.role, scope)
        });
        let app = self.app_role.as_ref().map(|role| {
            let scope = Cow::Borrowed(role.application.as_str());
            (RoleSystem::APP, &role.role, scope)
        });
        let intune = self.intune_role.as_ref().map(|role| {
            let scope = Cow::Owned(role.scope_groups.join(","));
            (RoleSystem::INTUNE, &role.role, scope)
        });
        match directory.or(azure).or(app).or(intune) {
            Some((system, role, scope)) => RoleReference {
                system,
                role,
                scope,
            },
            None => RoleReference {
                system: RoleSystem::DIRECTORY,
                role: "",
                scope: Cow::Borrowed("/"),
            },
        }
    }
}

/// A directory role of Entra ID.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DirectoryRole {
    /// Its name or id, for example `Exchange Administrator`.
    #[schemars(length(min = 1, max = 256), transform = clean_text)]
    pub role: String,
    /// Where it holds: `/` is the whole tenant, `/administrativeUnits/<id>` the members of an administrative unit, `/<id>` one
    /// application or service principal, by its object id.
    #[serde(default = "tenant_scope")]
    #[schemars(
        length(max = 57),
        extend("x-kubernetes-validations" = [{
            "rule": format!("self.matches('{DIRECTORY_SCOPE_PATTERN}')"),
            "message": "write / for the whole tenant, /administrativeUnits/<object id>, or /<object id> of one application or \
                        service principal"
        }])
    )]
    pub scope: String,
}

/// A role of Azure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AzureRole {
    /// Its name or id, for example `Key Vault Administrator`.
    #[schemars(length(min = 1, max = 256), transform = clean_text)]
    pub role: String,
    /// Where it holds: at a management group, a subscription, a resource group or a resource, for example
    /// `/subscriptions/<id>/resourceGroups/payments/providers/Microsoft.KeyVault/vaults/kv-payments`.
    #[schemars(
        length(min = 1, max = 1024),
        extend("x-kubernetes-validations" = [{
            "rule": "self.matches('^/(subscriptions/[0-9a-fA-F-]{36}(/resource[Gg]roups/[^/*?#%]*[^/*?#%.])?(/providers/[^/*?#%]*[^/*?#%.](/[^/*?#%]*[^/*?#%.]/[^/*?#%]*[^/*?#%.])+)?|providers/Microsoft[.]Management/managementGroups/[^/*?#%]*[^/*?#%.])$')",
            "message": "write it as Azure does and without a trailing slash: /subscriptions/<id>, \
                        /subscriptions/<id>/resourceGroups/<name>, a resource below that \
                        (/providers/Microsoft.KeyVault/vaults/<name>), or /providers/Microsoft.Management/managementGroups/<name>"
        }])
    )]
    pub scope: String,
    /// What narrows it, in Azure's own language (version 2.0), for example to some principals or some blobs. It may be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 8192))]
    pub condition: Option<String>,
}

/// A role of an enterprise application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppRole {
    /// The application (client) id of the application.
    #[schemars(
        length(max = 36),
        regex(pattern = UUID_PATTERN)
    )]
    pub application: String,
    /// The role's value, as the application sees it, or its id. It must be enabled and allow users or groups.
    #[schemars(length(min = 1, max = 250), transform = clean_text)]
    pub role: String,
}

/// A role of Intune.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntuneRole {
    /// Its name or id, for example `Help Desk Operator`.
    #[schemars(length(min = 1, max = 256), transform = clean_text)]
    pub role: String,
    /// The groups of people and devices over which it holds, by their object ids.
    #[schemars(
        length(min = 1, max = 20),
        inner(length(max = 36), regex(pattern = UUID_PATTERN)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub scope_groups: Vec<String>,
}

fn active() -> Kind {
    Kind::Active
}

fn tenant_scope() -> String {
    "/".to_owned()
}

impl RoleBinding {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        serde_json::json!({
            "groupRef": {"name": ""}, "directoryRole": {"role": "", "scope": "/"}, "justification": "",
        })
    }
}

/// What is known of a role binding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleBindingStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the binding stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// When the tenant was last compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Time>,
    /// The last generation that the tenant matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_generation: Option<i64>,
    /// The id of the role definition that this object binds or has set out to bind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<RoleId>,
    /// When this object first bound it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bound: Option<Time>,
    /// When the group stops to hold it; left out when it never does, and while a duration has not begun to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Time>,
    /// When a binding was sent that may still show in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_write: Option<Time>,
    /// The request that the tenant made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestReference>,
    /// The last call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// What differs from the manifest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub drift: Vec<DriftEntry>,
}
