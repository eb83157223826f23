//! Decides when operations are sent and in which company.
//!
//! One dispatcher serves one tenant and has one loop per [`Lane`], because the service judges every item of a batch by
//! the budget of its kind. A loop gathers what arrives within a few milliseconds into one `$batch` (a single operation
//! travels as itself), keeps to what the service allows (`limiter`, `rate`), repeats reads and never writes.
//!
//! A write is either sent soon or refused as [`Class::Throttled`]: it must not wait behind a `Retry-After`, because
//! what allowed it may not hold any more by then.

mod answers;
mod batch;
mod exchange;
mod job;
mod lane;
mod limiter;
mod rate;
mod send;
mod settings;
mod shared;

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::clock::ServiceClock;
use crate::error::{Class, Error};
use crate::operation::{Lane, Operation};
use crate::token::AccessToken;

pub(crate) use exchange::Response;
use job::Job;
use lane::LaneLoop;
pub use settings::{Settings, Wiring};
use shared::Shared;

/// Sends operations of one tenant. Cheap to clone; the loops end with the last clone.
#[derive(Clone)]
pub(crate) struct Dispatcher {
    shared: Arc<Shared>,
    directory: mpsc::UnboundedSender<Job>,
    schedules: mpsc::UnboundedSender<Job>,
    policies: mpsc::UnboundedSender<Job>,
}

impl Dispatcher {
    /// Starts the loops. Must be called inside a tokio runtime.
    pub(crate) fn start(wiring: Wiring) -> Self {
        let shared = Arc::new(Shared::new(wiring));
        let start = |lane| LaneLoop::start(Arc::clone(&shared), lane);
        Self {
            directory: start(Lane::Directory),
            schedules: start(Lane::Schedules),
            policies: start(Lane::Policies),
            shared,
        }
    }

    /// Sends one operation and waits for its answer. Operations that are submitted at about the same time share a
    /// request. Dropping the future stops the waiting; what has been sent by then is still executed.
    pub(crate) async fn submit(&self, operation: Operation) -> Result<Response, Error> {
        let stopped = operation
            .failure(Class::Bug)
            .maybe_executed()
            .saying("the client has stopped");
        let (reply, answer) = oneshot::channel();
        let job = Job::new(operation, reply, &self.shared.settings);
        if self.lane(job.operation.lane()).send(job).is_err() {
            return Err(stopped.not_executed());
        }
        answer.await.unwrap_or(Err(stopped))
    }

    fn lane(&self, lane: Lane) -> &mpsc::UnboundedSender<Job> {
        match lane {
            Lane::Directory => &self.directory,
            Lane::Schedules => &self.schedules,
            Lane::Policies => &self.policies,
        }
    }

    /// The service's clock as its answers tell it.
    pub(crate) fn clock(&self) -> &ServiceClock {
        &self.shared.clock
    }

    /// The root that paths of operations are relative to.
    pub(crate) fn base(&self) -> &str {
        &self.shared.base
    }

    /// A token for Graph, for its claims.
    pub(crate) async fn token(&self) -> Result<AccessToken, Error> {
        self.shared.token().await
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher")
            .field("base", &self.shared.base)
            .finish_non_exhaustive()
    }
}
