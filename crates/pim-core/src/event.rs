//! The closed list of event reasons: on which kinds of objects each is published, how grave it is and what it tells. The
//! reference is made from here, and no reason of an event stands anywhere else as text.

use std::fmt;

use crate::desired::ObjectKind::{
    self, AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PolicyTemplate,
    PrivilegedGroup, RoleBinding,
};

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The operator did something as declared.
    Normal,
    /// A person should read it, and perhaps act.
    Warning,
}

impl Severity {
    /// The type of the event, as Kubernetes writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

macro_rules! event_reasons {
    ($($name:ident on $kinds:expr, {
        severity: $severity:ident,
        $(action: $action:literal,)?
        tells: $tells:literal,
    })*) => {
        /// What has happened or was found out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventReason {
            $(#[doc = $tells] $name,)*
        }

        impl EventReason {
            /// Every reason, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reason as events write it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The kinds of objects that it is published about.
            pub const fn kinds(self) -> &'static [ObjectKind] {
                match self {
                    $(Self::$name => $kinds,)*
                }
            }

            /// Whether a person should read the event.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// What was being done.
            pub const fn action(self) -> &'static str {
                match self {
                    $(Self::$name => event_reasons!(@action $($action)?),)*
                }
            }

            /// What its note tells, as Markdown of one line.
            pub const fn tells(self) -> &'static str {
                match self {
                    $(Self::$name => $tells,)*
                }
            }
        }
    };
    (@action $action:literal) => { $action };
    (@action) => { "Reconcile" };
}

event_reasons! {
    GroupCreated on &[PrivilegedGroup], {
        severity: Normal,
        action: "CreateGroup",
        tells: "the group was created",
    }
    GroupUpdated on &[PrivilegedGroup], {
        severity: Normal,
        action: "UpdateGroup",
        tells: "the group was renamed or described anew, or put into its administrative unit",
    }
    GroupRestored on &[PrivilegedGroup], {
        severity: Normal,
        action: "RestoreGroup",
        tells: "the group was brought back from the deleted items",
    }
    GroupDeleted on &[PrivilegedGroup], {
        severity: Normal,
        action: "DeleteGroup",
        tells: "the group was deleted",
    }
    PolicyUpdated on &[PrivilegedGroup], {
        severity: Normal,
        action: "UpdatePolicy",
        tells: "which rules of which policy were changed",
    }
    RoleAssigned on &[RoleBinding], {
        severity: Normal,
        action: "BindRole",
        tells: "which role the group got, or in what its time was changed",
    }
    RoleRevoked on &[RoleBinding, PrivilegedGroup], {
        severity: Normal,
        action: "UnbindRole",
        tells: "which role the group lost",
    }
    EligibilityGranted on &[EligibleAssignment], {
        severity: Normal,
        action: "Grant",
        tells: "who may activate, and until when",
    }
    EligibilityExtended on &[EligibleAssignment], {
        severity: Normal,
        action: "Grant",
        tells: "whose eligibility lasts until another time than before",
    }
    EligibilityRevoked on &[EligibleAssignment, PrivilegedGroup], {
        severity: Normal,
        action: "Revoke",
        tells: "who may not activate any more",
    }
    ActiveGranted on &[ActiveAssignment], {
        severity: Normal,
        action: "Grant",
        tells: "who has access without activating, and until when",
    }
    ActiveRevoked on &[EligibleAssignment, ActiveAssignment, PrivilegedGroup], {
        severity: Normal,
        action: "Revoke",
        tells: "who lost access that was active, whether assigned, activated or given by hand",
    }
    ActivationStarted on &[EligibleAssignment], {
        severity: Normal,
        action: "Activate",
        tells: "who has activated, and until when",
    }
    ActivationEnded on &[EligibleAssignment], {
        severity: Normal,
        action: "Deactivate",
        tells: "whose activation is over",
    }
    GroupLeftDeleted on &[PrivilegedGroup], {
        severity: Warning,
        tells: "somebody else deleted the group with what it held, and it can still be restored",
    }
    RoleLeft on &[RoleBinding], {
        severity: Warning,
        tells: "the binding goes, and the group keeps the role, because somebody else assigned it",
    }
    LeftBehind on ObjectKind::OF_GROUP, {
        severity: Normal,
        tells: "what stays in the tenant although the object goes, because its `deletionPolicy` says `Retain`",
    }
    UndeclaredAccessFound on &[PrivilegedGroup], {
        severity: Warning,
        tells: "roles, members or owners stand that no object declares; told again when they change",
    }
    AccessEndsSoon on ObjectKind::ASSIGNMENTS, {
        severity: Warning,
        tells: "whose access ends soon without being extended, and when",
    }
    RoleIsSlow on &[RoleBinding], {
        severity: Warning,
        tells: "the role stands, and its service takes long to see it after somebody has activated the group",
    }
    NameInUse on &[PrivilegedGroup], {
        severity: Warning,
        tells: "other groups of the tenant have the display name that the group was given",
    }
    DriftCorrected on ObjectKind::OF_GROUP, {
        severity: Warning,
        action: "CorrectDrift",
        tells: "what somebody changed in the tenant, who that was if the audit log says so, and what was done about it",
    }
    ChangeAttributed on ObjectKind::OF_GROUP, {
        severity: Warning,
        tells: "who changed what was put right before, as the audit log says later",
    }
    RemovedByOthers on ObjectKind::ASSIGNMENTS, {
        severity: Warning,
        tells: "whose access somebody, or an access review, took away in the tenant that is not granted again, once for \
         each version of the object",
    }
    PrincipalDenied on ObjectKind::ASSIGNMENTS, {
        severity: Warning,
        tells: "the same as the reason of that name",
    }
    PrincipalProtected on ObjectKind::OF_GROUP, {
        severity: Warning,
        tells: "the same as the reason of that name",
    }
    BoundaryDenied on &[PrivilegedGroup, RoleBinding, EligibleAssignment, ActiveAssignment, AccessBoundary], {
        severity: Warning,
        tells: "what the boundary does not admit, or does not admit any more, and when that is taken away if it is; told of the object and of its boundary",
    }
    PermissionDenied on &[EntraTenant, PrivilegedGroup], {
        severity: Warning,
        tells: "which permission is missing, so that nothing can be done",
    }
    CredentialInvalid on &[EntraTenant, PrivilegedGroup], {
        severity: Warning,
        tells: "why nobody can sign in to the tenant, so that nothing can be done",
    }
    PrincipalNotFound on ObjectKind::OF_GROUP, {
        severity: Warning,
        tells: "a name leads to nobody, to several, or to somebody else than before: the reasons `PrincipalNotFound`, \
         `AmbiguousName` and `PrincipalChanged`",
    }
    Conflict on ObjectKind::OF_GROUP, {
        severity: Warning,
        tells: "the same as the reason of that name",
    }
    AdoptionConflict on ObjectKind::OF_GROUP, {
        severity: Warning,
        tells: "why the group is not taken up: the reasons `AdoptionConflict` and `AdoptionRequired`",
    }
    DeletionBlocked on &[PrivilegedGroup], {
        severity: Warning,
        tells: "the same as the reason of that name",
    }
    RolloutStopped on &[PolicyTemplate], {
        severity: Warning,
        tells: "which groups failed with what was changed, so that no other takes it over",
    }
    AnotherOperator on &[EntraTenant], {
        severity: Warning,
        tells: "told by the release that waits: which one acts",
    }
    TenantUnreachable on &[EntraTenant], {
        severity: Warning,
        tells: "why nothing can be done in the tenant",
    }
    NoNotificationRecipient on &[PrivilegedGroup], {
        severity: Warning,
        tells: "the same as the reason of that name, when it begins",
    }
    ContextUnenforced on &[PrivilegedGroup], {
        severity: Warning,
        tells: "the same as the reason of that name, when it begins",
    }
    LicenseMissing on &[EntraTenant], {
        severity: Warning,
        tells: "the same as the reason of that name, when it begins",
    }
    LimitNear on &[EntraTenant], {
        severity: Warning,
        tells: "the same as the reason of that name, when it begins",
    }
    ClockDiffers on &[EntraTenant], {
        severity: Warning,
        tells: "the same as the reason of that name, when it begins",
    }
    CredentialEndsSoon on &[EntraTenant], {
        severity: Warning,
        tells: "when the credential ends, or that it has ended",
    }
    TenantConnected on &[EntraTenant], {
        severity: Normal,
        tells: "everything that is needed works there",
    }
    InternalError on &[PrivilegedGroup], {
        severity: Warning,
        tells: "a fault of the operator",
    }
}

impl fmt::Display for EventReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
