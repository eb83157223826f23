//! What a failure means for people and for the next try: one table from the class of an error to reason, state and
//! next try. No failure is judged anywhere else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pim_core::knowledge;
use pim_core::knowledge::whole_second;
use pim_core::reason::Reason;
use pim_core::verdict::State;

use super::role_policy;
use crate::providers::Refused;
use crate::reader::{CallOutcome, Class, Error, OperationName};

/// When to try again after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retry {
    /// After this time.
    After(Duration),
    /// After this time at first, if the usual backoff is not longer.
    From(Duration),
    /// With the usual backoff, whose waits grow from try to try.
    Backoff,
    /// A person has to act elsewhere; the operator checks again every [`SLOW`].
    Slow,
}

/// How often is "now and then".
pub const SLOW: Duration = Duration::from_mins(15);

/// How soon something that Kubernetes refused is tried again.
pub const SOON: Duration = Duration::from_secs(5);

/// How soon what was just written should be readable.
const READABLE: Duration = Duration::from_secs(2);

/// How soon a group that PIM does not know yet is tried again.
const REPLICATION: Duration = Duration::from_secs(4);

/// How soon it is looked whether somebody has agreed.
const DECIDED: Duration = Duration::from_mins(2);

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It is about one write; everything else can go on.
    Write,
    /// The tenant is out of reach or has had enough: whatever comes next would end the same.
    Tenant,
    /// What asked for the write has changed: the pass is over, and the next one decides anew.
    Withdrawn,
}

/// What is known about the effect of a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Executed {
    /// The write certainly had no effect.
    No,
    /// The write may have had its effect.
    Unknown,
}

/// A failure, with everything that reports and retries need to know of it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The reason that conditions give.
    pub reason: Reason,
    /// The message for conditions and logs.
    pub message: String,
    /// When to try again.
    pub retry: Retry,
    /// Which other work the failure stops.
    pub reach: Reach,
    /// What is known about its effect.
    pub executed: Executed,
    /// Whether replication can be the cause, and then for how long at most.
    pub may_pass: Option<SignedDuration>,
    /// The name of the operation that failed; empty when the tenant was not called.
    pub operation: String,
    /// The path of what it was about.
    pub path: Option<String>,
    /// The code that the service gave.
    pub code: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl Failure {
    /// A failure without a call to the tenant.
    pub fn local(reason: Reason, message: impl Into<String>, retry: Retry) -> Self {
        Self {
            reason,
            message: message.into(),
            retry,
            reach: Reach::Tenant,
            executed: Executed::No,
            may_pass: None,
            operation: String::new(),
            path: None,
            code: None,
            request_id: None,
        }
    }

    /// A request that Kubernetes refused or did not answer.
    pub fn kubernetes(error: &dyn std::fmt::Display) -> Self {
        let message = format!("Kubernetes has refused a request: {error}");
        Self::local(Reason::Progressing, message, Retry::Backoff)
    }

    /// The same failure of a write that has failed since a moment. What replication cannot explain any more is said so.
    #[must_use]
    pub fn since(mut self, since: Timestamp, now: Timestamp) -> Self {
        let lasts = now.duration_since(since);
        if self.may_pass.is_none_or(|longest| lasts < longest) {
            return self;
        }
        if self.reason == Reason::WaitingForReplication {
            self.reason = Reason::RequestUnfinished;
        }
        self.retry = Retry::Slow;
        let id = self
            .request_id
            .as_ref()
            .map(|id| format!(", request {id}"))
            .unwrap_or_default();
        self.message = format!(
            "the tenant refuses this since {}, longer than replication takes ({}{id}): {}",
            whole_second(since),
            self.operation,
            self.message
        );
        self
    }

    /// How long until the next try, after so many; `jitter` between 0 and 1 spreads the tries.
    pub fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        let growing = backoff(attempt, jitter);
        match self.retry {
            Retry::After(wait) => wait,
            Retry::From(wait) => wait.max(growing),
            Retry::Backoff => growing,
            Retry::Slow => SLOW,
        }
    }

    /// Whether the tenant asks to slow down. That is no fault: what is left to do is only put off.
    pub fn is_throttle(&self) -> bool {
        self.reason == Reason::Throttled
    }

    /// How an object stands because of it.
    pub fn state(&self) -> State {
        match self.retry {
            Retry::Slow => State::stuck(self.reason, self.message.clone()),
            Retry::After(_) | Retry::From(_) | Retry::Backoff => {
                State::waiting(self.reason, self.message.clone())
            }
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let (reason, retry) = judge(error);
        Self {
            reason,
            message: message(error),
            retry,
            reach: reach(error),
            executed: match error.outcome {
                CallOutcome::NotExecuted => Executed::No,
                CallOutcome::Unknown => Executed::Unknown,
            },
            may_pass: may_pass(error),
            path: Some(error.object.clone()).filter(|path| !path.is_empty()),
            operation: error.operation.map_or_else(
                || "sign_in".to_owned(),
                |operation| operation.as_str().to_owned(),
            ),
            code: error.code.clone(),
            request_id: error.request_id.clone(),
        }
    }
}

/// What people are told.
fn message(error: &Error) -> String {
    let is_of_role = error.operation.is_some_and(OperationName::is_role_request);
    match error.class {
        Class::PolicyForbids if is_of_role => role_policy::advice(&error.message),
        _ => error.text(),
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
                Self {
                    reach: Reach::Write,
                    ..Self::local(Reason::PendingApproval, message, Retry::Slow)
                }
            }
            Refused::Nothing(receipt) => {
                let message = format!(
                    "request {} was taken and came to nothing ({}); it is tried again",
                    receipt.id, receipt.status
                );
                Self {
                    reach: Reach::Write,
                    may_pass: Some(knowledge::REPLICATION),
                    request_id: Some(receipt.id.to_string()),
                    operation: "request".to_owned(),
                    ..Self::local(
                        Reason::WaitingForReplication,
                        message,
                        Retry::From(REPLICATION),
                    )
                }
            }
        }
    }
}

fn reach(error: &Error) -> Reach {
    let is_of_tenant = error.operation.is_none_or(OperationName::speaks_for_tenant);
    match error.class {
        Class::Withdrawn => Reach::Withdrawn,
        Class::Unreachable
        | Class::Throttled
        | Class::CredentialInvalid
        | Class::ReadRefused
        | Class::Expired
        | Class::Bug
            if is_of_tenant =>
        {
            Reach::Tenant
        }
        _ => Reach::Write,
    }
}

/// How long replication can explain a refusal. A new principal is known within a minute (kayasax/EasyPIM#22), a new group
/// within some.
fn may_pass(error: &Error) -> Option<SignedDuration> {
    let is_replication = matches!(
        error.class,
        Class::NotFound | Class::NotReplicated | Class::SubjectNotFound | Class::RoleNotFound
    );
    is_replication.then_some(knowledge::REPLICATION)
}

fn judge(error: &Error) -> (Reason, Retry) {
    match &error.class {
        // Somebody or something was faster, or an answer was lost: what stands now decides.
        Class::Conflict | Class::Expired => (Reason::Progressing, Retry::From(READABLE)),
        Class::AlreadyExists | Class::AlreadyGone => {
            (Reason::WaitingForReplication, Retry::From(READABLE))
        }
        Class::NotFound | Class::NotReplicated | Class::SubjectNotFound | Class::RoleNotFound => {
            (Reason::WaitingForReplication, Retry::From(REPLICATION))
        }
        Class::TooYoung => (Reason::TooYoung, Retry::After(Duration::from_mins(1))),
        Class::PolicyForbids => (Reason::PolicyForbids, Retry::After(Duration::from_mins(1))),
        Class::PendingRequest | Class::Locked => (Reason::WaitingForDependency, Retry::Backoff),
        Class::PendingApproval { .. } => (Reason::PendingApproval, Retry::After(DECIDED)),
        Class::LastOwner => (Reason::LastOwner, Retry::Slow),
        Class::NameTaken => (Reason::Conflict, Retry::Slow),
        Class::ScopeNotFound => (Reason::ScopeNotFound, Retry::Slow),
        Class::PermissionDenied { .. } => (Reason::PermissionDenied, Retry::Slow),
        Class::LicenseMissing => (Reason::LicenseMissing, Retry::Slow),
        Class::CredentialInvalid => (Reason::CredentialInvalid, Retry::Backoff),
        Class::Throttled => (
            Reason::Throttled,
            error.retry_after.map_or(Retry::Backoff, Retry::After),
        ),
        Class::Unreachable => (Reason::TenantUnreachable, Retry::Backoff),
        Class::ReadRefused => (Reason::ReadRefused, Retry::Backoff),
        Class::Withdrawn => (Reason::Progressing, Retry::Backoff),
        Class::Invalid | Class::Unsupported => (Reason::InvalidSpec, Retry::Slow),
        Class::QuotaExceeded => (Reason::QuotaExceeded, Retry::Slow),
        Class::Bug => (Reason::InternalError, Retry::Backoff),
    }
}

/// The wait before try number `attempt` (from 1): doubling from a second to five minutes, with a share of jitter
/// between 0 and 1 that spreads the tries of many groups.
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let longest = Duration::from_mins(5);
    let ceiling = Duration::from_secs(1)
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(16)))
        .min(longest);
    ceiling.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
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
