//! What a failure means for people and for the next try: one table from the class of an error to reason, state and
//! pace. No failure is judged anywhere else.

use std::time::Duration;

use pim_core::reason::Reason;
use pim_core::verdict::State;

use crate::providers::Refused;
use crate::reader::{Class, Error};

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// After so long.
    After(Duration),
    /// After so long at first, later then.
    From(Duration),
    /// Sooner first, later then.
    Backoff,
    /// A person has to act elsewhere; look again now and then.
    Slow,
}

/// How often is "now and then".
pub const SLOW: Duration = Duration::from_mins(15);

/// How soon what was just written should be readable.
pub const SOON: Duration = Duration::from_secs(2);

/// How soon a group that PIM does not know yet is tried again.
const REPLICATION: Duration = Duration::from_secs(4);

/// A failure, judged.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Why, for conditions.
    pub reason: Reason,
    /// In words.
    pub message: String,
    /// When to try again.
    pub pace: Pace,
    /// The operation that failed.
    pub operation: String,
    /// The code that the service gave.
    pub code: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure without a call to the tenant.
    pub fn local(reason: Reason, message: impl Into<String>, pace: Pace) -> Self {
        Self {
            reason,
            message: message.into(),
            pace,
            operation: String::new(),
            code: None,
            request_id: None,
        }
    }

    /// A write that the tenant has taken and does not show yet.
    pub fn unshown() -> Self {
        let message =
            "the tenant has taken the change and does not show it yet; it is looked for again";
        Self::local(Reason::WaitingForReplication, message, Pace::From(SOON))
    }

    /// A write that Kubernetes refused.
    pub fn kubernetes(error: &dyn std::fmt::Display) -> Self {
        let message = format!("Kubernetes has refused a write: {error}");
        Self::local(Reason::Progressing, message, Pace::Backoff)
    }

    /// How an object stands because of it.
    pub fn state(&self) -> State {
        match self.pace {
            Pace::Slow => State::stuck(self.reason, self.message.clone()),
            Pace::After(_) | Pace::From(_) | Pace::Backoff => {
                State::waiting(self.reason, self.message.clone())
            }
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (reason, pace) = judge(error);
        Self {
            reason,
            message: error.text(),
            pace,
            operation: error.operation.map_or_else(
                || "sign_in".to_owned(),
                |operation| operation.as_str().to_owned(),
            ),
            code: error.code.clone(),
            request_id: error.request_id.clone(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Call(error) => Self::from(&error),
            Refused::Undecided(receipt) => {
                let message = format!(
                    "request {} waits for somebody to decide ({})",
                    receipt.id, receipt.status
                );
                Self::local(Reason::WaitingForDependency, message, Pace::Backoff)
            }
            Refused::Nothing(receipt) => {
                let message = format!(
                    "request {} was taken and came to nothing ({}); it is tried again",
                    receipt.id, receipt.status
                );
                Self::local(
                    Reason::WaitingForReplication,
                    message,
                    Pace::From(REPLICATION),
                )
            }
        }
    }
}

fn judge(error: &Error) -> (Reason, Pace) {
    match &error.class {
        // Somebody or something was faster, or an answer was lost: what stands now decides.
        Class::Conflict | Class::Expired => (Reason::Progressing, Pace::From(SOON)),
        Class::AlreadyExists | Class::AlreadyGone => {
            (Reason::WaitingForReplication, Pace::From(SOON))
        }
        Class::NotFound | Class::NotReplicated | Class::SubjectNotFound | Class::RoleNotFound => {
            (Reason::WaitingForReplication, Pace::From(REPLICATION))
        }
        Class::TooYoung => (Reason::TooYoung, Pace::After(Duration::from_mins(1))),
        Class::PolicyForbids => (Reason::PolicyForbids, Pace::After(Duration::from_mins(1))),
        Class::PendingRequest | Class::Locked => (Reason::WaitingForDependency, Pace::Backoff),
        Class::LastOwner => (Reason::LastOwner, Pace::Slow),
        Class::PermissionDenied { .. } => (Reason::PermissionDenied, Pace::Slow),
        Class::LicenseMissing => (Reason::LicenseMissing, Pace::Slow),
        Class::CredentialInvalid => (Reason::CredentialInvalid, Pace::Backoff),
        Class::Throttled => (
            Reason::Throttled,
            error.retry_after.map_or(Pace::Backoff, Pace::After),
        ),
        Class::Unreachable => (Reason::TenantUnreachable, Pace::Backoff),
        Class::Invalid | Class::Unsupported => (Reason::InvalidSpec, Pace::Slow),
        Class::QuotaExceeded => (Reason::QuotaExceeded, Pace::Slow),
        Class::Bug => (Reason::InternalError, Pace::Backoff),
    }
}

/// The wait before try number `attempt` (from 1): doubling from a second to five minutes, with a share of chance
/// between 0 and 1 that spreads the tries of many groups.
pub fn backoff(attempt: u32, chance: f64) -> Duration {
    let longest = Duration::from_mins(5);
    let ceiling = Duration::from_secs(1)
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(16)))
        .min(longest);
    ceiling.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_no_further() {
        assert_eq!(backoff(1, 1.0), Duration::from_secs(1));
        assert_eq!(backoff(4, 1.0), Duration::from_secs(8));
        assert_eq!(backoff(40, 1.0), Duration::from_mins(5));
        assert!(backoff(4, 0.0) < backoff(4, 1.0));
    }

    #[test]
    fn what_needs_a_person_is_stuck_and_what_passes_is_not() {
        let denied = Error::of_sign_in(Class::PermissionDenied { any_of: Vec::new() }, "no");
        assert!(matches!(
            Failure::from(&denied).state(),
            State::Stuck {
                reason: Reason::PermissionDenied,
                ..
            }
        ));
        let away = Error::of_sign_in(Class::Unreachable, "no");
        assert!(matches!(
            Failure::from(&away).state(),
            State::Waiting {
                reason: Reason::TenantUnreachable,
                ..
            }
        ));
    }
}
