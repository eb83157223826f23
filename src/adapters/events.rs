//! Publishes Kubernetes events. Written as objects of their own, because the recorder of the runtime folds repeats
//! together by reason and then keeps the first note: the second drift of an hour would hide what changed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use pim_api::API_GROUP;

use super::clock::SharedClock;

/// The closed list of event reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventReason {
    /// A group was created.
    GroupCreated,
    /// A group was renamed or described anew.
    GroupUpdated,
    /// A group was brought back from the deleted items.
    GroupRestored,
    /// A group was deleted.
    GroupDeleted,
    /// Rules of a policy were written.
    PolicyUpdated,
    /// A role was assigned to a group.
    RoleAssigned,
    /// A role was taken away.
    RoleRevoked,
    /// Somebody was made eligible.
    EligibilityGranted,
    /// The window of an eligibility was changed.
    EligibilityExtended,
    /// An eligibility was taken away.
    EligibilityRevoked,
    /// Somebody was made active.
    ActiveGranted,
    /// Active access was taken away.
    ActiveRevoked,
    /// Somebody who is eligible has activated.
    ActivationStarted,
    /// An activation has ended.
    ActivationEnded,
    /// Somebody else deleted a group that was to be deleted, and it can still be restored.
    GroupLeftDeleted,
    /// A group goes on holding a role that somebody else assigned.
    RoleLeft,
    /// Something stays in the tenant of an object that goes, because the object says so.
    LeftBehind,
    /// Access stands in a group that no object declares.
    UndeclaredAccessFound,
    /// Access ends soon, and nobody extends it by themselves.
    AccessEndsSoon,
    /// The service of a role is slow to see that somebody has activated it.
    RoleIsSlow,
    /// Another group of the tenant bears the same display name.
    NameInUse,
    /// Somebody's change in the tenant was put right.
    DriftCorrected,
    /// The audit log tells who changed what was put right before.
    ChangeAttributed,
    /// Somebody took away in the tenant what is declared, and it is not given again.
    RemovedByOthers,
    /// The tenant denies somebody whom an object names.
    PrincipalDenied,
    /// The tenant protects somebody from whom an object would take something.
    PrincipalProtected,
    /// The boundary does not admit it.
    BoundaryDenied,
    /// The operator lacks a permission in the tenant.
    PermissionDenied,
    /// The service refused the operator's token or credential.
    CredentialInvalid,
    /// A user, group or application does not exist.
    PrincipalNotFound,
    /// Another object already declares the same thing.
    Conflict,
    /// What exists has another identity.
    AdoptionConflict,
    /// Other objects still refer to it.
    DeletionBlocked,
    /// Groups failed with a changed template, so no other group takes the change over.
    RolloutStopped,
    /// Another release of the operator acts for a tenant.
    AnotherOperator,
    /// A tenant does not answer.
    TenantUnreachable,
    /// Mail that the tenant sends about a group would reach nobody.
    NoNotificationRecipient,
    /// No policy of Conditional Access enforces an authentication context that is asked for.
    ContextUnenforced,
    /// The tenant has no licence for PIM.
    LicenseMissing,
    /// A limit of the tenant is reached or nearly reached.
    LimitNear,
    /// The clock of the operator and that of the tenant are far apart.
    ClockDiffers,
    /// The credential that signs in ends soon, or has ended.
    CredentialEndsSoon,
    /// A tenant answers, and everything that is needed may be done there.
    TenantConnected,
    /// A fault of the operator.
    InternalError,
}

impl EventReason {
    /// Whether a person should read the event.
    pub fn severity(self) -> Severity {
        match self {
            Self::BoundaryDenied
            | Self::DriftCorrected
            | Self::ChangeAttributed
            | Self::RemovedByOthers
            | Self::PrincipalDenied
            | Self::PrincipalProtected
            | Self::GroupLeftDeleted
            | Self::RoleLeft
            | Self::UndeclaredAccessFound
            | Self::AccessEndsSoon
            | Self::RoleIsSlow
            | Self::NameInUse
            | Self::RolloutStopped
            | Self::AnotherOperator
            | Self::TenantUnreachable
            | Self::NoNotificationRecipient
            | Self::ContextUnenforced
            | Self::LicenseMissing
            | Self::LimitNear
            | Self::ClockDiffers
            | Self::CredentialEndsSoon
            | Self::PermissionDenied
            | Self::CredentialInvalid
            | Self::PrincipalNotFound
            | Self::Conflict
            | Self::AdoptionConflict
            | Self::DeletionBlocked
            | Self::InternalError => Severity::Warning,
            _ => Severity::Normal,
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::GroupCreated => "CreateGroup",
            Self::GroupUpdated => "UpdateGroup",
            Self::GroupRestored => "RestoreGroup",
            Self::GroupDeleted => "DeleteGroup",
            Self::PolicyUpdated => "UpdatePolicy",
            Self::RoleAssigned => "BindRole",
            Self::RoleRevoked => "UnbindRole",
            Self::EligibilityGranted | Self::EligibilityExtended | Self::ActiveGranted => "Grant",
            Self::ActivationStarted => "Activate",
            Self::ActivationEnded => "Deactivate",
            Self::EligibilityRevoked | Self::ActiveRevoked => "Revoke",
            Self::DriftCorrected => "CorrectDrift",
            _ => "Reconcile",
        }
    }
}

impl fmt::Display for EventReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The operator did something as declared.
    Normal,
    /// A person should read it, and perhaps act.
    Warning,
}

/// The longest name that the API server takes, in bytes.
const LONGEST_NAME: usize = 253;

/// The longest note that the API server takes, in bytes.
const LONGEST_NOTE: usize = 1024;

/// Publishes Kubernetes events about objects.
#[derive(Clone)]
pub struct Events {
    client: Client,
    clock: SharedClock,
    instance: String,
    count: Arc<AtomicU64>,
}

impl Events {
    /// Publishes in the name of one replica.
    pub fn new(client: Client, clock: SharedClock, instance: String) -> Self {
        Self {
            client,
            clock,
            instance,
            count: Arc::default(),
        }
    }

    /// Publishes one event. A failure is logged and never stops a pass.
    pub async fn publish(&self, about: ObjectReference, reason: EventReason, note: &str) {
        let namespace = about
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let now = self.clock.now();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let suffix = format!(".{:x}{number:04x}", now.as_nanosecond());
        let mut name = about.name.clone().unwrap_or_default();
        // Names of objects are ASCII; a cut one must not end in what no part of a name ends in.
        name.truncate(LONGEST_NAME.saturating_sub(suffix.len()));
        let name = format!("{}{suffix}", name.trim_end_matches(['.', '-']));
        let event = Event {
            metadata: ObjectMeta {
                name: Some(name),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            action: Some(reason.action().to_owned()),
            event_time: Some(MicroTime(now)),
            note: Some(cut(note)),
            reason: Some(reason.to_string()),
            regarding: Some(about),
            reporting_controller: Some(format!("{API_GROUP}/operator")),
            reporting_instance: Some(self.instance.clone()),
            type_: Some(format!("{:?}", reason.severity())),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        if let Err(error) = api.create(&PostParams::default(), &event).await {
            tracing::warn!(%reason, error = %error, "event cannot be published");
        }
    }
}

fn cut(note: &str) -> String {
    if note.len() <= LONGEST_NOTE {
        return note.to_owned();
    }
    let end = (0..=LONGEST_NOTE - 3)
        .rev()
        .find(|end| note.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{}...", &note[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::SystemClock;
    use memory_cluster::MemoryCluster;

    #[test]
    fn a_note_is_cut_between_characters() {
        let note = "ü".repeat(LONGEST_NOTE);
        let cut = cut(&note);
        assert!(cut.len() <= LONGEST_NOTE && cut.ends_with("..."));
    }

    #[tokio::test]
    async fn an_event_about_an_object_with_a_name_of_any_length_arrives() {
        let cluster = MemoryCluster::new(pim_api::all_crds()).unwrap();
        cluster.create_namespace("exchange").unwrap();
        let events = Events::new(
            cluster.client(),
            Arc::new(SystemClock),
            "operator-0".to_owned(),
        );
        let mut names: Vec<String> = [1, 231, 232, 233, LONGEST_NAME]
            .map(|length| "l".repeat(length))
            .into();
        // No part of a name may end in what stands where this one is cut.
        names.push(format!("{}--------{}", "l".repeat(228), "l".repeat(17)));
        for name in names {
            let about = ObjectReference {
                kind: Some("PrivilegedGroup".to_owned()),
                namespace: Some("exchange".to_owned()),
                name: Some(name.clone()),
                ..ObjectReference::default()
            };
            events
                .publish(about, EventReason::GroupCreated, "made")
                .await;
            let arrived = cluster.objects();
            let arrived = arrived
                .iter()
                .filter(|object| object["regarding"]["name"] == name.as_str());
            assert_eq!(arrived.count(), 1, "{name}");
        }
    }
}
