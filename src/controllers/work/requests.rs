//! Requests that the tenant took and has not carried out: asks for their status, so that people are told what is true,
//! and one that came to nothing is sent again.

use jiff::Timestamp;
use pim_core::ids::RequestId;
use pim_core::knowledge::{Pending, Progress, Sent};

use super::Work;
use crate::providers::requests;
use crate::reader::Error;

/// Asks for the status of every request that is still under way, also where its access is seen: somebody may have given
/// the same by hand. What is not answered stays as it was: that one request cannot be read holds up nothing else.
pub(super) async fn ask(work: &mut Work<'_>) {
    let reader = &work.tenant.reader;
    let now = work.observed.now;
    for assignment in &mut work.resolved.unit.assignments {
        for memo in &mut assignment.memory {
            if let Some(id) = underway(memo.sent.as_ref()) {
                let found = requests::access(reader.graph(), assignment.kind, &id).await;
                take(&mut memo.sent, found, now);
            }
        }
    }
    for binding in &mut work.resolved.unit.bindings {
        if let Some(id) = underway(binding.sent.as_ref()) {
            let found = requests::role(reader.graph(), &id).await;
            take(&mut binding.sent, found, now);
        }
    }
}

fn underway(sent: Option<&Sent>) -> Option<RequestId> {
    let request = sent?.request.as_ref()?;
    (request.progress == Progress::Underway).then(|| request.id.clone())
}

fn take(sent: &mut Option<Sent>, found: Result<Pending, Error>, now: Timestamp) {
    match (sent, found) {
        (Some(sent), Ok(found)) => sent.heard(found, now),
        (None, Ok(_)) => {}
        (_, Err(error)) => {
            tracing::info!(error = %error, "the status of a request cannot be read");
        }
    }
}
