//! The custom resources of the operator: their fields, defaults, rules and columns. The schema is the first line of
//! defence and the reference documentation at once, so every field says what it is for.
//!
//! Value types that mean the same in a manifest and in a decision stand in `pim-core`. Nothing here talks to a cluster.

#![allow(
    clippy::duplicated_attributes,
    reason = "every printer column names its type and path anew"
)]

mod assignment;
mod boundary;
mod common;
mod group;
mod role_binding;
mod template;
mod tenant;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

pub use assignment::{
    ActiveAssignment, ActiveAssignmentSpec, AssignmentExpiration, AssignmentRenewal,
    AssignmentSchedule, AssignmentStatus, EligibleAssignment, EligibleAssignmentSpec,
    SubjectCounts, SubjectProblem, SubjectRow, TicketReference,
};
pub use boundary::{AccessBoundary, AccessBoundarySpec, AccessBoundaryStatus};
pub use common::{
    BoundaryReference, DriftEntry, GroupReference, LastError, Nothing, PendingWrite,
    RequestReference, SecretKeyReference, TemplateReference, TenantReference,
};
pub use group::{
    AdoptedGroup, GroupPolicy, GroupSettings, InheritedTemplate, PartOrigin, PrivilegedGroup,
    PrivilegedGroupSpec, PrivilegedGroupStatus, SettingStatus, TemplateVersion,
};
pub use role_binding::{DirectoryRole, RoleBinding, RoleBindingSpec, RoleBindingStatus};
pub use template::{PolicyTemplate, PolicyTemplateSpec, PolicyTemplateStatus, TemplateGroups};
pub use tenant::{
    ActingOperator, CaBundle, ClientSecretCredential, ConfigMapKeyReference, CredentialStatus,
    EntraTenant, EntraTenantSpec, EntraTenantStatus, LicenceStatus, PermissionStatus, QuotaStatus,
    TenantCloud, TenantCredential, TenantEndpoints, TenantQuotas, WaitingOperator,
};

/// The API group of all kinds.
pub const API_GROUP: &str = "entra-pim.dev";

/// The one version that is served.
pub const API_VERSION: &str = "v1alpha1";

/// The finalizer of every object that has something in a tenant.
pub const FINALIZER: &str = "entra-pim.dev/cleanup";

/// The annotations that the operator reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Annotation {
    /// `"true"` stops grants and corrections of the object until it is taken away.
    Paused,
    /// Any new value has everything read again at once.
    Resync,
}

impl Annotation {
    /// The key in `metadata.annotations`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Paused => "entra-pim.dev/paused",
            Self::Resync => "entra-pim.dev/resync",
        }
    }
}

/// All custom resource definitions, in the order of the documentation.
pub fn all_crds() -> Vec<CustomResourceDefinition> {
    vec![
        EntraTenant::crd(),
        AccessBoundary::crd(),
        PolicyTemplate::crd(),
        PrivilegedGroup::crd(),
        RoleBinding::crd(),
        EligibleAssignment::crd(),
        ActiveAssignment::crd(),
    ]
}

#[cfg(test)]
mod tests;
