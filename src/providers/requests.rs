//! Requests of PIM by their id: how far one has come that was taken and not carried out at once.

use entra_client::{Error, Graph};
use pim_core::ids::RequestId;
use pim_core::knowledge::Pending;
use pim_core::schedule::Kind;

pub use entra_client::graph::of_a_later_start;

/// A request for access to a group.
pub async fn access(graph: &Graph, kind: Kind, id: &RequestId) -> Result<Pending, Error> {
    graph.group_request(kind, id).await
}
