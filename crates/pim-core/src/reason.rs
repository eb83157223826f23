//! The closed list of reasons that conditions and problems give. Adding one needs a test and a line in the
//! documentation; no reason stands anywhere else as text.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Why something is as it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reason as conditions write it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

reasons! {
    /// The tenant matches.
    Succeeded,
    /// Something is being created or updated.
    Progressing,
    /// Written, but not readable yet.
    WaitingForReplication,
    /// A referenced object is not ready.
    WaitingForDependency,
    /// The service throttles.
    Throttled,
    /// The tenant does not answer.
    TenantUnreachable,
    /// The tenant refused a read, so what stands in it is not known.
    ReadRefused,
    /// The token was refused.
    CredentialInvalid,
    /// A permission is missing.
    PermissionDenied,
    /// The boundary does not admit it.
    BoundaryDenied,
    /// The boundary admitted it before and does not any more.
    BoundaryViolated,
    /// A named object does not exist.
    ReferenceNotFound,
    /// A user, group or application does not exist.
    PrincipalNotFound,
    /// A role definition does not exist.
    RoleNotFound,
    /// The scope at which a role is to hold does not exist.
    ScopeNotFound,
    /// A group of this identity exists, and the boundary does not cover what it holds.
    AdoptionRequired,
    /// What exists has another identity.
    AdoptionConflict,
    /// The clock of the operator and that of the tenant are far apart.
    ClockDiffers,
    /// Somebody must agree to it in the tenant first.
    PendingApproval,
    /// Another object holds it.
    Conflict,
    /// Another release of the operator acts for the tenant, or would.
    AnotherOperator,
    /// Somebody else keeps changing what is declared, however often it is corrected.
    AnotherWriter,
    /// The group holds what no object declares.
    Undeclared,
    /// Passed the schema but cannot work.
    InvalidSpec,
    /// A limit of the tenant is reached.
    QuotaExceeded,
    /// A limit of the tenant is nearly reached.
    LimitNear,
    /// The tenant has no licence for it.
    LicenseMissing,
    /// What stands differs from what is declared.
    DriftDetected,
    /// The end date has passed.
    Expired,
    /// The end date is near, and nobody extends it by themselves.
    EndsSoon,
    /// The tenant's policy refuses the schedule.
    PolicyForbids,
    /// The policy does not read back as declared yet, so nothing is granted.
    GuardMissing,
    /// The service refuses to take away what is younger than five minutes.
    TooYoung,
    /// A name leads to several principals or roles.
    AmbiguousName,
    /// A name leads to another principal than the one granted.
    PrincipalChanged,
    /// The tenant's list of denied people names somebody, who loses every access and gets none.
    PrincipalDenied,
    /// The tenant's list of protected people names somebody, from whom nothing is taken away.
    PrincipalProtected,
    /// The boundary did not admit any more what was granted, and had it taken away.
    RevokedByBoundary,
    /// Somebody took away in the tenant what is declared, and it is not given again.
    RemovedByOthers,
    /// An access review took away in the tenant what is declared, and it is not given again.
    RemovedByReview,
    /// The service keeps the last owner of a group.
    LastOwner,
    /// The policy holds an enabled rule that is not known.
    UnmanagedRule,
    /// The policy lacks rules that every policy has, or holds some that cannot be read.
    PolicyIncomplete,
    /// The service took a request and has not carried it out for longer than replication can take.
    RequestUnfinished,
    /// Mail that the tenant sends about a group would reach nobody.
    NoNotificationRecipient,
    /// No policy of Conditional Access enforces an authentication context that is asked for.
    ContextUnenforced,
    /// A group has no owner of the kind that it needs.
    OwnerMissing,
    /// The group is in a restricted management unit.
    ManagementRestricted,
    /// The annotation asks for a pause.
    Paused,
    /// Groups failed with a changed template, so no other group takes the change over.
    RolloutStopped,
    /// Clean-up is running.
    DeletionInProgress,
    /// Other objects still refer to it.
    DeletionBlocked,
    /// A fault of the operator.
    InternalError,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The types of conditions that the operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionType {
    /// The tenant matches this generation and nothing is pending.
    Ready,
    /// Work is in progress for this generation.
    Reconciling,
    /// No progress without a human.
    Stalled,
    /// The boundary admits the object.
    Authorized,
    /// The last comparison found no difference.
    Synced,
    /// The member policy equals the manifest.
    MemberPolicyApplied,
    /// The owner policy equals the manifest.
    OwnerPolicyApplied,
    /// The role is held as declared.
    Bound,
    /// Every subject has what is declared.
    Scheduled,
    /// An end date is near.
    Expiring,
    /// Clean-up is running or held.
    Deleting,
    /// Access stands that no object declares.
    UndeclaredAccess,
    /// Mail that the tenant sends about a group would reach nobody.
    NoNotificationRecipient,
    /// No policy of Conditional Access enforces an authentication context that is asked for.
    ContextUnenforced,
    /// The tenant has the licence that PIM needs.
    Licensed,
    /// A limit of the tenant is reached or nearly reached.
    NearLimit,
    /// The clock of the operator and that of the tenant are far apart.
    ClockSkewed,
    /// Two releases of the operator would act for the tenant, or somebody else keeps changing what is declared.
    Contested,
}

impl ConditionType {
    /// The type as conditions write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::Authorized => "Authorized",
            Self::Synced => "Synced",
            Self::MemberPolicyApplied => "MemberPolicyApplied",
            Self::OwnerPolicyApplied => "OwnerPolicyApplied",
            Self::Bound => "Bound",
            Self::Scheduled => "Scheduled",
            Self::Expiring => "Expiring",
            Self::Deleting => "Deleting",
            Self::UndeclaredAccess => "UndeclaredAccess",
            Self::NoNotificationRecipient => "NoNotificationRecipient",
            Self::ContextUnenforced => "ContextUnenforced",
            Self::Licensed => "Licensed",
            Self::NearLimit => "NearLimit",
            Self::ClockSkewed => "ClockSkewed",
            Self::Contested => "Contested",
        }
    }
}

impl std::str::FromStr for Reason {
    type Err = ();

    /// Reads a reason back from a condition.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.iter().copied();
        all.find(|reason| reason.as_str() == text).ok_or(())
    }
}
