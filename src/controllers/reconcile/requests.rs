//! Requests that the tenant took and has not carried out: asks for their status, so that people are told what is true,
//! and one that came to nothing is sent again.

use jiff::Timestamp;
use pim_core::desired::Unit;
use pim_core::ids::RequestId;
use pim_core::knowledge::{Pending, Progress, Sent};

use crate::controllers::connections::Tenant;
use crate::providers::requests;
use crate::reader::Error;

/// Asks for the status of every request that is still under way, all at once, also where its access is seen: somebody may
/// have given the same by hand. What is not answered stays as it was: that one request cannot be read holds up nothing
/// else.
pub(super) async fn ask(tenant: &Tenant, unit: &mut Unit, now: Timestamp) {
    let graph = tenant.reader.graph();
    let of_people = unit.assignments.iter_mut().flat_map(|assignment| {
        let (kind, start) = (assignment.kind, assignment.schedule.start);
        let records = assignment.memory.iter_mut();
        records.filter_map(move |record| {
            let sent = record.sent.as_mut()?;
            let id = underway(sent)?;
            Some(async move {
                let found = requests::access(graph, kind, &id).await;
                take(sent, told(found, start, now), now);
            })
        })
    });
    let of_roles = unit.bindings.iter_mut().filter_map(|binding| {
        let (key, start) = (binding.bound()?, binding.schedule.start);
        let sent = binding.sent.as_mut()?;
        let id = underway(sent)?;
        let roles = tenant.reader.roles();
        Some(async move {
            let found = match roles.of(key.target.system) {
                Ok(provider) => provider.request(&key, &id).await,
                Err(error) => Err(error),
            };
            take(sent, told(found, start, now), now);
        })
    });
    futures::join!(
        futures::future::join_all(of_people),
        futures::future::join_all(of_roles)
    );
}

/// What a status says of a request for something that begins at a moment.
fn told(
    found: Result<Pending, Error>,
    start: Option<Timestamp>,
    now: Timestamp,
) -> Result<Pending, Error> {
    if start.is_some_and(|start| start > now) {
        found.map(requests::of_a_later_start)
    } else {
        found
    }
}

fn underway(sent: &Sent) -> Option<RequestId> {
    let request = sent.request.as_ref()?;
    (request.progress == Progress::Underway).then(|| request.id.clone())
}

fn take(sent: &mut Sent, found: Result<Pending, Error>, now: Timestamp) {
    match found {
        Ok(found) => sent.heard(found, now),
        Err(error) => {
            tracing::info!(error = %error, "the status of a request cannot be read");
        }
    }
}
