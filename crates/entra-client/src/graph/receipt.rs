//! What the service says of a request to PIM: its status, and what that means. What to do about it is the caller's
//! decision.

use pim_core::ids::RequestId;
use pim_core::knowledge::{NOT_FOUND, Pending, Progress, Request};
use serde::Deserialize;

use crate::open_enum::open_enum;

open_enum! {
    /// The status of a request or schedule.
    RequestStatus {
        /// In force.
        Provisioned = "Provisioned",
        /// Accepted; the start lies ahead or provisioning goes on.
        Granted = "Granted",
        /// A schedule for the future stands.
        ScheduleCreated = "ScheduleCreated",
        /// Removed; the good answer to a removal.
        Revoked = "Revoked",
        /// Taken in.
        Accepted = "Accepted",
        /// An approver must decide.
        PendingApproval = "PendingApproval",
        /// An administrator must decide.
        PendingAdminDecision = "PendingAdminDecision",
        /// Being decided.
        PendingEvaluation = "PendingEvaluation",
        /// Being provisioned.
        PendingProvisioning = "PendingProvisioning",
        /// Being provisioned after an approval.
        PendingApprovalProvisioning = "PendingApprovalProvisioning",
        /// Being provisioned elsewhere.
        PendingExternalProvisioning = "PendingExternalProvisioning",
        /// The schedule is being made.
        PendingScheduleCreation = "PendingScheduleCreation",
        /// Being removed.
        PendingRevocation = "PendingRevocation",
        /// Being provisioned.
        ProvisioningStarted = "ProvisioningStarted",
        /// An administrator said yes.
        AdminApproved = "AdminApproved",
        /// An administrator said no.
        AdminDenied = "AdminDenied",
        /// Refused.
        Denied = "Denied",
        /// Withdrawn.
        Canceled = "Canceled",
        /// Nothing was granted: among others, the answer of PIM for a group it has just learned of.
        Failed = "Failed",
        /// Locked.
        FailedAsResourceIsLocked = "FailedAsResourceIsLocked",
        /// Not valid.
        Invalid = "Invalid",
        /// Nobody decided in time.
        TimedOut = "TimedOut",
    }
}

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Done; the schedules show it, or will in a moment.
    Done,
    /// The service is at it: look at the schedules.
    Underway,
    /// A person must decide.
    Undecided,
    /// Nothing came of it.
    Failed,
}

impl RequestStatus {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Provisioned | Self::ScheduleCreated | Self::Revoked => Meaning::Done,
            Self::PendingApproval | Self::PendingAdminDecision => Meaning::Undecided,
            Self::AdminDenied
            | Self::Denied
            | Self::Canceled
            | Self::Failed
            | Self::FailedAsResourceIsLocked
            | Self::Invalid
            | Self::TimedOut => Meaning::Failed,
            Self::Other(text) if text.to_ascii_lowercase().starts_with("failed") => Meaning::Failed,
            Self::Granted
            | Self::Accepted
            | Self::PendingEvaluation
            | Self::PendingProvisioning
            | Self::PendingApprovalProvisioning
            | Self::PendingExternalProvisioning
            | Self::PendingScheduleCreation
            | Self::PendingRevocation
            | Self::ProvisioningStarted
            | Self::AdminApproved
            | Self::Other(_) => Meaning::Underway,
        }
    }

    /// One that came to nothing is finished as well: what is in the tenant decides.
    fn progress(&self) -> Progress {
        match self.meaning() {
            Meaning::Underway | Meaning::Undecided => Progress::Underway,
            Meaning::Done | Meaning::Failed => Progress::Finished,
        }
    }
}

/// How far a request has come, by a status that was kept of it.
pub fn progress(status: &str) -> Progress {
    if status == NOT_FOUND {
        return Progress::Forgotten;
    }
    RequestStatus::from(status).progress()
}

/// What the service says of a request for access that begins later: once it is granted its schedule is made, and nobody has
/// anything of it before it begins. Such a request stays granted for ever (learn.microsoft.com: unifiedRoleScheduleRequest,
/// status).
pub fn of_a_later_start(found: Pending) -> Pending {
    match found {
        Pending::Known { status, .. }
            if RequestStatus::from(status.as_str()) == RequestStatus::Granted =>
        {
            Pending::Known {
                status: RequestStatus::ScheduleCreated.to_string(),
                progress: Progress::Finished,
            }
        }
        found => found,
    }
}

/// What the service made of a request. That the answer is HTTP 201 says nothing about it; the status in its body does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It took it: it has carried it out, or is still at it.
    Taken(Request),
    /// It took it, and a person must decide.
    Undecided(Request),
    /// It took it, and nothing came of it.
    Failed(Request),
}

/// A request as the service answers it.
#[derive(Deserialize)]
pub(super) struct Answer {
    id: String,
    status: RequestStatus,
}

impl Answer {
    /// How far it has come, when it is asked for later.
    pub(super) fn pending(self) -> Pending {
        match Receipt::from(self) {
            Receipt::Failed(_) => Pending::Failed,
            Receipt::Taken(request) | Receipt::Undecided(request) => Pending::Known {
                status: request.status,
                progress: request.progress,
            },
        }
    }
}

impl From<Answer> for Receipt {
    fn from(answer: Answer) -> Self {
        let request = Request {
            id: RequestId::new(answer.id),
            status: answer.status.to_string(),
            progress: answer.status.progress(),
        };
        match answer.status.meaning() {
            Meaning::Done | Meaning::Underway => Self::Taken(request),
            Meaning::Undecided => Self::Undecided(request),
            Meaning::Failed => Self::Failed(request),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_request_is_done_only_by_its_status() {
        for (status, meaning) in [
            ("provisioned", Meaning::Done),
            ("Revoked", Meaning::Done),
            ("Granted", Meaning::Underway),
            ("PendingApproval", Meaning::Undecided),
            ("Failed", Meaning::Failed),
            ("FailedSomehow", Meaning::Failed),
            ("SomethingNew", Meaning::Underway),
        ] {
            assert_eq!(RequestStatus::from(status).meaning(), meaning, "{status}");
        }
    }
}
