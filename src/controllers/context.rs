//! What all controllers share: the ports, what is watched, and notes between passes. Decides nothing.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::connections::Connections;
use super::notes::Notes;
use super::watches::Waker;
use crate::adapters::Cluster;
use crate::adapters::clock::SharedClock;
use crate::adapters::events::Events;
use crate::adapters::kinds::Stores;
use crate::adapters::status::Statuses;
use crate::telemetry::metrics::Metrics;

/// Gives a number between 0 and 1, to spread what would otherwise happen at once.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// What all controllers share.
pub struct Context {
    /// The cluster. Only handed on to adapters.
    pub client: Cluster,
    /// What is watched.
    pub stores: Stores,
    /// Status, written and remembered.
    pub statuses: Statuses,
    /// Events.
    pub events: Events,
    /// Connections to tenants.
    pub connections: Connections,
    /// The time of day.
    pub clock: SharedClock,
    /// Spreads what would otherwise happen at once.
    pub jitter: Jitter,
    /// Counts and times for operators.
    pub metrics: Metrics,
    /// Wakes controllers from inside.
    pub waker: Waker,
    /// Cancelled when no new work is to be begun.
    pub stop: CancellationToken,
    /// Groups worked on at once.
    pub concurrency: u16,
    /// Notes about groups.
    pub notes: Notes,
}
