//! What the service says of a request to PIM: its status, and what that means. What to do about it is the caller's
//! decision.

use pim_core::ids::RequestId;
use pim_core::knowledge::{NOT_FOUND, Pending, Progress, Request};
use serde::Deserialize;

use crate::texts;

/// What a status of a request means for its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Done; the schedules show it, or will in a moment.
    Done,
    /// The service is at it: read the schedules again.
    Underway,
    /// A person must decide.
    Undecided,
    /// Nothing came of it.
    Failed,
}

/// Accepted: the start lies ahead, or provisioning goes on.
const GRANTED: &str = "Granted";
/// A schedule for the future stands.
const SCHEDULE_CREATED: &str = "ScheduleCreated";

/// What a request can be in (learn.microsoft.com: unifiedRoleScheduleRequest, status). `Failed` is, among others, the
/// answer of PIM for a group that it has just learned of; `Revoked` is the good answer to a removal.
const STATUSES: &texts::Table<Meaning> = &[
    ("Provisioned", Meaning::Done),
    (SCHEDULE_CREATED, Meaning::Done),
    ("Revoked", Meaning::Done),
    (GRANTED, Meaning::Underway),
    ("Accepted", Meaning::Underway),
    ("PendingEvaluation", Meaning::Underway),
    ("PendingProvisioning", Meaning::Underway),
    ("PendingApprovalProvisioning", Meaning::Underway),
    ("PendingExternalProvisioning", Meaning::Underway),
    ("PendingScheduleCreation", Meaning::Underway),
    ("PendingRevocation", Meaning::Underway),
    ("ProvisioningStarted", Meaning::Underway),
    ("AdminApproved", Meaning::Underway),
    ("PendingApproval", Meaning::Undecided),
    ("PendingAdminDecision", Meaning::Undecided),
    ("AdminDenied", Meaning::Failed),
    ("Denied", Meaning::Failed),
    ("Canceled", Meaning::Failed),
    ("Failed", Meaning::Failed),
    ("FailedAsResourceIsLocked", Meaning::Failed),
    ("Invalid", Meaning::Failed),
    ("TimedOut", Meaning::Failed),
];

fn meaning(status: &str) -> Meaning {
    texts::meaning(STATUSES, status).unwrap_or_else(|| {
        if status.to_ascii_lowercase().starts_with("failed") {
            Meaning::Failed
        } else {
            Meaning::Underway
        }
    })
}

/// How far a request has come, by a status that was kept of it.
pub fn progress(status: &str) -> Progress {
    if status == NOT_FOUND {
        return Progress::Forgotten;
    }
    match meaning(status) {
        Meaning::Underway | Meaning::Undecided => Progress::Underway,
        // What is in the tenant decides, also where it came to nothing.
        Meaning::Done | Meaning::Failed => Progress::Finished,
    }
}

/// What the service says of a request for access that begins later: once it is granted its schedule is made, and nobody has
/// anything of it before it begins. Such a request stays granted for ever (learn.microsoft.com: unifiedRoleScheduleRequest,
/// status).
pub fn of_a_later_start(found: Pending) -> Pending {
    match found {
        Pending::Known { status, .. } if status.eq_ignore_ascii_case(GRANTED) => Pending::Known {
            status: SCHEDULE_CREATED.to_owned(),
            progress: Progress::Finished,
        },
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
pub(crate) struct WireRequest {
    id: RequestId,
    status: String,
}

impl WireRequest {
    /// One that another service answers in another form.
    pub(crate) fn new(id: RequestId, status: String) -> Self {
        Self { id, status }
    }

    /// How far it has come, when it is asked for later.
    pub(crate) fn pending(self) -> Pending {
        match Receipt::from(self) {
            Receipt::Failed(_) => Pending::Failed,
            Receipt::Taken(request) | Receipt::Undecided(request) => Pending::Known {
                status: request.status,
                progress: request.progress,
            },
        }
    }
}

impl From<WireRequest> for Receipt {
    fn from(wire: WireRequest) -> Self {
        let meaning = meaning(&wire.status);
        let documented = texts::known(STATUSES, &wire.status);
        let request = Request {
            id: wire.id,
            progress: progress(&wire.status),
            status: documented.map_or(wire.status, |(spelling, _)| spelling.to_owned()),
        };
        match meaning {
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
            assert_eq!(super::meaning(status), meaning, "{status}");
        }
    }
}
