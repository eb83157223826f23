//! Requests of PIM by their id: how far one has come that was taken and not carried out at once.

use entra_client::graph::schedule::{Progress as WireProgress, Receipt, RequestStatus};
use entra_client::{Error, Graph};
use pim_core::ids::RequestId;
use pim_core::knowledge::{Pending, Progress};
use pim_core::schedule::Kind;

/// A request for access to a group.
pub async fn access(graph: &Graph, kind: Kind, id: &RequestId) -> Result<Pending, Error> {
    Ok(pending(graph.group_request(kind, id).await?))
}

/// A request for a role.
pub async fn role(graph: &Graph, id: &RequestId) -> Result<Pending, Error> {
    Ok(pending(graph.role_request(id).await?))
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

fn pending(receipt: Option<Receipt>) -> Pending {
    let Some(receipt) = receipt else {
        return Pending::Purged;
    };
    let progress = match receipt.progress() {
        WireProgress::Failed => return Pending::Failed,
        WireProgress::Done => Progress::Finished,
        WireProgress::Underway | WireProgress::WaitsForHuman => Progress::Underway,
    };
    Pending::Known {
        status: receipt.status.to_string(),
        progress,
    }
}
