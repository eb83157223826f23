//! A request as it is remembered: what was asked, how it stands and what it came to.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::request::{Action, Request};
use super::schedule::Via;

/// `status` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Status {
    Provisioned,
    /// Accepted; the start lies ahead, or it is not carried out yet.
    Granted,
    /// Accepted and not carried out yet.
    PendingProvisioning,
    Revoked,
    Canceled,
    Denied,
    Failed,
    PendingApproval,
}

/// One operation that was asked for: history, not truth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RequestRecord<P> {
    pub(crate) id: Uuid,
    pub(crate) asked: Request<P>,
    pub(crate) status: Status,
    pub(crate) created: Timestamp,
    /// The start that the service took.
    pub(crate) start: Timestamp,
    pub(crate) completed: Option<Timestamp>,
    pub(crate) target: Option<Uuid>,
    pub(crate) approval: Option<Uuid>,
    /// The eligibility that an activation uses.
    pub(crate) uses: Option<(Uuid, Via)>,
}

impl<P> RequestRecord<P> {
    /// Whether the answer shows the window: a removal has none.
    pub(super) fn shows_window(&self) -> bool {
        !matches!(
            self.asked.action,
            Action::AdminRemove | Action::SelfDeactivate
        )
    }
}
