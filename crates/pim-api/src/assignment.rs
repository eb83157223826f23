//! `EligibleAssignment` and `ActiveAssignment`: who may activate, and who is active all the time. Both have one shape;
//! what an active one may say is stricter.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::CustomResource;
use pim_core::admission::{self, clean_text};
use pim_core::desired::{DeletionPolicy, Remover, RenewalMode};
use pim_core::duration::Days;
use pim_core::ids::PrincipalId;
use pim_core::principal::{Principal, PrincipalKind};
use pim_core::reason::Reason;
use pim_core::schedule::Access;
use pim_core::verdict::SubjectState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::common::{DriftEntry, GroupReference, LastError, Nothing, RequestReference};

macro_rules! assignment {
    ($(#[$doc:meta])* $kind:literal, $Spec:ident, $short:literal, $text:literal, [$($column:tt)*], $subject_rules:tt) => {
        $(#[$doc])*
        #[derive(CustomResource, Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(extend("x-kubernetes-validations" = [
            {
                "rule": "!has(self.renewal) || self.renewal.mode != 'Auto' || has(self.schedule.expiration.afterDuration)",
                "message": "renewal.mode: Auto extends by a duration: say schedule.expiration.afterDuration, or Manual"
            },
            {
                "rule": "!has(self.renewal) || !has(self.renewal.before) || !has(self.schedule.expiration.afterDuration) || \
                    int(self.renewal.before.substring(1, size(self.renewal.before) - 1)) * 2 <= \
                    int(self.schedule.expiration.afterDuration.substring(1, size(self.schedule.expiration.afterDuration) - 1))",
                "message": "renewal.before must be at most half of schedule.expiration.afterDuration"
            },
            {
                "rule": "self.access != 'Owner' || self.subjects.all(s, s.kind in ['User', 'ServicePrincipal'])",
                "message": "a group cannot own a group: list the people"
            }
        ]))]
        #[kube(
            group = "entra-pim.dev",
            version = "v1alpha1",
            kind = $kind,
            namespaced,
            shortname = $short,
            category = "entra-pim",
            doc = $text,
            status = "AssignmentStatus",
            selectable = ".spec.groupRef.name",
            printcolumn(name = "Group", type_ = "string", json_path = ".spec.groupRef.name"),
            printcolumn(name = "Access", type_ = "string", json_path = ".spec.access"),
            printcolumn(name = "Subjects", type_ = "string", json_path = ".status.summary"),
            $($column)*
            printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
            printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
            printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
            printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1),
            printcolumn(name = "Synced", type_ = "date", json_path = ".status.lastSyncTime", priority = 1)
        )]
        pub struct $Spec {
            /// The group, in the same namespace.
            #[schemars(extend("x-kubernetes-validations" = [{
                "rule": "self == oldSelf", "message": "spec.groupRef is immutable: delete and recreate the object"
            }]))]
            pub group_ref: GroupReference,
            /// Membership or ownership of the group.
            #[serde(default)]
            #[schemars(extend("x-kubernetes-validations" = [{
                "rule": "self == oldSelf", "message": "spec.access is immutable: delete and recreate the object"
            }]))]
            pub access: Access,
            /// Who. Each subject stands for itself; the list may change.
            #[schemars(
                length(min = 1, max = 100),
                extend(
                    "x-kubernetes-list-type" = "map",
                    "x-kubernetes-list-map-keys" = ["kind", "name"],
                    "x-kubernetes-validations" = $subject_rules
                )
            )]
            pub subjects: Vec<Principal>,
            /// When.
            pub schedule: AssignmentSchedule,
            /// What happens before it ends.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub renewal: Option<AssignmentRenewal>,
            /// Why; recorded in the tenant.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[schemars(length(min = 1, max = 500), transform = clean_text)]
            pub justification: Option<String>,
            /// The ticket that it is recorded under.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ticket: Option<TicketReference>,
            /// What happens to the access in the tenant when this object is deleted: `Delete` takes it away, `Retain` leaves
            /// it, which needs `groups.leaveBehind: Allowed` in the boundary unless the whole of an adopted group is let go.
            #[serde(default)]
            pub deletion_policy: DeletionPolicy,
        }
    };
}

assignment!(
    /// Who may activate membership or ownership of a group, and when.
    "EligibleAssignment",
    EligibleAssignmentSpec,
    "pea",
    "Who may activate membership or ownership of a group, and when.",
    [printcolumn(name = "Activated", type_ = "integer", json_path = ".status.counts.activated"),],
    [
        {
            "rule": "self.all(s, s.kind != 'ServicePrincipal')",
            "message": "an application cannot activate; a ServicePrincipal may be the subject of an ActiveAssignment"
        }
    ]
);

assignment!(
    /// Who is a member or owner of a group without activation: break-glass accounts, permanent owners, automation.
    "ActiveAssignment",
    ActiveAssignmentSpec,
    "paa",
    "Who is a member or owner of a group without activation: break-glass accounts, permanent owners, automation.",
    [],
    []
);

/// When an assignment begins and ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.startTime) || !has(self.expiration.endTime) || self.startTime < self.expiration.endTime",
    "message": "startTime must be before expiration.endTime"
}]))]
pub struct AssignmentSchedule {
    /// When it begins, between the years 2000 and 9000; at once when left out or past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = admission::time)]
    pub start_time: Option<Time>,
    /// When it ends: exactly one of `afterDuration`, `endTime` and `never`.
    pub expiration: AssignmentExpiration,
}

/// When an assignment ends: exactly one of the members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "[has(self.afterDuration), has(self.endTime), has(self.never)].filter(x, x).size() == 1",
    "message": "name exactly one of afterDuration, endTime and never"
}]))]
pub struct AssignmentExpiration {
    /// So long after this object first granted it, to each subject by itself, for example `P180D`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_duration: Option<Days>,
    /// At this time, between the years 2000 and 9000, for example `2027-01-01T00:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = admission::time)]
    pub end_time: Option<Time>,
    /// Never: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Nothing>,
}

/// What happens before an assignment ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentRenewal {
    /// Who extends it: `Manual` (nobody but whoever changes the schedule) or `Auto` (the operator, by the same duration again,
    /// as far as boundary and policy allow).
    #[serde(default)]
    pub mode: RenewalMode,
    /// How long before the end: then it is extended, or the condition `Expiring` tells of it. `P14D` when left out, of a
    /// shorter duration half of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Days>,
    /// `Auto` extends nothing beyond this time, between the years 2000 and 9000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = admission::time)]
    pub until: Option<Time>,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketReference {
    /// Its number.
    #[schemars(length(min = 1, max = 100), transform = clean_text)]
    pub number: String,
    /// The system that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), transform = clean_text)]
    pub system: Option<String>,
}

/// A spec that can be read and asks for nothing.
fn smallest_spec() -> serde_json::Value {
    serde_json::json!({
        "groupRef": {"name": ""}, "access": "Member", "subjects": [],
        "schedule": {"expiration": {"afterDuration": "P1D"}}, "justification": "",
    })
}

impl EligibleAssignment {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        smallest_spec()
    }
}

impl ActiveAssignment {
    /// A spec that can be read and asks for nothing: what stands in for one that cannot be read.
    pub fn smallest_spec() -> serde_json::Value {
        smallest_spec()
    }
}

/// What is known of an assignment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentStatus {
    /// The generation that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How the assignment stands.
    #[serde(default)]
    #[schemars(length(max = 16), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// When the tenant was last compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Time>,
    /// The last generation that the tenant matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_generation: Option<i64>,
    /// Each subject, and those that are being taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 300))]
    pub subjects: Vec<SubjectRow>,
    /// What is wrong with subjects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub problems: Vec<SubjectProblem>,
    /// How many subjects stand how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<SubjectCounts>,
    /// How many of how many subjects stand as declared, for the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub summary: Option<String>,
    /// The last call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// What differs from the manifest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub drift: Vec<DriftEntry>,
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubjectRow {
    /// The kind of principal.
    pub kind: PrincipalKind,
    /// The name in the manifest.
    #[schemars(length(max = 256))]
    pub name: String,
    /// The object id that the name leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<PrincipalId>,
    /// How the subject stands: `Eligible`, `Active`, `Scheduled`, `Pending`, `Expired`, `Revoking`, `Refused` or `Revoked`.
    pub state: SubjectState,
    /// When it ends; left out when it never does, and while a duration has not begun to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Time>,
    /// The end of an activation that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_until: Option<Time>,
    /// When this object first granted it; a renewal moves it, so that the duration counts from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_granted: Option<Time>,
    /// When a grant was sent that may still show in the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_write: Option<Time>,
    /// The request that the tenant made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestReference>,
    /// The generation in which it was found that somebody took it away in the tenant, while it is not given again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in_generation: Option<i64>,
    /// Who took it away, as far as the audit log tells: `AccessReview` or `Other`; given with `removedInGeneration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_by: Option<Remover>,
}

/// Something wrong with one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectProblem {
    /// The subject.
    #[schemars(length(max = 300))]
    pub subject: String,
    /// The reason, as in conditions.
    pub reason: Reason,
    /// What is wrong and what to do.
    #[schemars(length(max = 256))]
    pub message: String,
}

/// How many subjects stand how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectCounts {
    /// Subjects in the manifest.
    pub desired: i64,
    /// Subjects that have what is declared for them.
    pub scheduled: i64,
    /// Subjects whose activation runs.
    pub activated: i64,
    /// Subjects whose access ends soon and is not extended by itself.
    #[serde(default)]
    pub expiring: i64,
}
