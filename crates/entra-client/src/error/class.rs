//! What a failure means, as one closed list, and what is known about its effect. Which answer belongs to which class is in
//! `table`.

/// What a failure means. The caller's reaction hangs on this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// The object is not there, or not yet.
    NotFound,
    /// What was to be made stands already.
    AlreadyExists,
    /// What was to be removed or changed is not there.
    AlreadyGone,
    /// An assignment younger than five minutes cannot be removed.
    TooYoung,
    /// The policy of the tenant refuses the request.
    PolicyForbids,
    /// The principal is unknown, or not known to PIM yet.
    SubjectNotFound,
    /// The role is unknown, or not known to PIM yet.
    RoleNotFound,
    /// The scope at which a role is to hold does not exist, or not yet.
    ScopeNotFound,
    /// Written, but the part of the service that was asked does not know it yet.
    NotReplicated,
    /// An undecided request for the same thing stands.
    PendingRequest,
    /// A second administrator must agree first; then the same request is sent again with this code.
    PendingApproval {
        /// What the service calls the request for their approval.
        code: String,
    },
    /// The last owner of a group cannot be removed.
    LastOwner,
    /// The application lacks a permission for the operation.
    PermissionDenied {
        /// Any one of these would do, if the service named them.
        any_of: Vec<String>,
    },
    /// The tenant has no licence for this.
    LicenseMissing,
    /// The sign-in or its token is refused.
    CredentialInvalid,
    /// Too much was asked; nothing was done.
    Throttled,
    /// No usable answer: name resolution, TLS, connection, time-out, trouble inside the service.
    Unreachable,
    /// A read was refused that carried nothing which anybody declared: what stands is not known.
    ReadRefused,
    /// What asked for the write was withdrawn before it was sent.
    Withdrawn,
    /// Somebody else changed or holds it.
    Conflict,
    /// The name under which it would be made is somebody else's.
    NameTaken,
    /// PIM has locked the resource for now.
    Locked,
    /// The service does not accept what was declared.
    Invalid,
    /// A limit of the tenant is reached.
    QuotaExceeded,
    /// This kind of object cannot do that, for example PIM on a dynamic or synced group.
    Unsupported,
    /// The token of a page or of a round of changes has expired: start over.
    Expired,
    /// The request was wrong or the answer not understood: a fault of this program.
    Bug,
}

impl Class {
    /// What it means and what to do, for people.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotFound => "the object does not exist or is not readable yet",
            Self::AlreadyExists => "it exists already",
            Self::AlreadyGone => "it does not exist any more",
            Self::TooYoung => {
                "an assignment cannot be removed in its first five minutes; it is tried again after that"
            }
            Self::PolicyForbids => "the policy forbids it; change the policy or the request",
            Self::SubjectNotFound => "the principal does not exist or is not known to PIM yet",
            Self::RoleNotFound => "the role does not exist or is not known to PIM yet",
            Self::ScopeNotFound => "the scope does not exist; correct it",
            Self::NotReplicated => {
                "the service has not replicated the object yet; it is tried again"
            }
            Self::PendingRequest => "an undecided request for the same stands; decide or cancel it",
            Self::PendingApproval { .. } => {
                "another administrator must approve it in the tenant; then it is sent again by itself"
            }
            Self::LastOwner => "the last owner cannot be removed; add another owner first",
            Self::PermissionDenied { .. } => {
                "a permission is missing; grant it to the operator's application"
            }
            Self::LicenseMissing => {
                "the tenant has no licence for it: PIM needs Entra ID P2 or Governance, roles of Intune need Intune"
            }
            Self::CredentialInvalid => "the credential is refused; check it and the application",
            Self::Throttled => "the service asks to slow down; it is tried again",
            Self::Unreachable => "the service gives no usable answer; it is tried again",
            Self::ReadRefused => {
                "the service refused a read, so what is in the tenant is not known; it is tried again"
            }
            Self::Withdrawn => "not sent: what asked for it has changed",
            Self::Conflict => "somebody else changed or holds it",
            Self::NameTaken => {
                "its name is taken by something else that somebody has made; take that away"
            }
            Self::Locked => "PIM has locked the resource; it is tried again",
            Self::Invalid => "the service does not accept what is declared; change it",
            Self::QuotaExceeded => "a limit of the tenant is reached; free some of it",
            Self::Unsupported => "this kind of object cannot be managed by PIM",
            Self::Expired => "the token of the read has expired; it starts over",
            Self::Bug => "this is a fault of the operator; please report it",
        }
    }
}

/// What is known about a write that failed. Reads are always [`CallOutcome::NotExecuted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// The write certainly had no effect.
    NotExecuted,
    /// The write may have had its effect: read the tenant before doing anything else.
    Unknown,
}
