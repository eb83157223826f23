//! Decides when operations are sent and in which company.
//!
//! One dispatcher serves one tenant, with one or several services of it, and has one loop per [`Lane`] of each, because
//! a service judges every item of a batch by the budget of its kind. A loop gathers what arrives within a few
//! milliseconds into one `$batch`, where the service has that (a single operation travels as itself), keeps to what the
//! service allows (`limiter`, `rate`), repeats reads and never writes.
//!
//! Here belongs what holds for every service. What is particular to one stands in its description (`service`), and it is
//! an operation's address that says whose lanes, token and base address it uses.
//!
//! A write is either sent soon or refused as [`Class::Throttled`]: it must not wait behind a `Retry-After`, because
//! what allowed it may not hold any more by then.

mod answers;
mod batch;
mod exchange;
mod job;
mod lane;
mod limiter;
mod load;
mod rate;
mod send;
mod settings;
mod shared;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::error::{Class, Error};
use crate::operation::Operation;
use crate::service::{Lane, ServiceDescription};
use crate::token::AccessToken;

pub(crate) use exchange::Response;
use job::Job;
use lane::LaneLoop;
pub use settings::{DispatchSettings, Wiring};
use shared::Shared;

/// Sends operations of one tenant. Cheap to clone; the loops end with the last clone.
#[derive(Clone)]
pub(crate) struct Dispatcher {
    served: Arc<[Served]>,
}

/// A service and the way into its lanes.
struct Served {
    shared: Arc<Shared>,
    lanes: Vec<(Lane, mpsc::UnboundedSender<Job>)>,
}

impl Served {
    fn start(wiring: &Wiring, service: &'static ServiceDescription) -> Self {
        let shared = Arc::new(Shared::new(wiring, service));
        let start = |profile| LaneLoop::start(Arc::clone(&shared), profile);
        let profiles = service.lanes.iter();
        Self {
            lanes: profiles
                .map(|profile| (profile.lane, start(*profile)))
                .collect(),
            shared,
        }
    }

    fn lane(&self, lane: Lane) -> Option<&mpsc::UnboundedSender<Job>> {
        let found = self.lanes.iter().find(|(name, _)| *name == lane);
        found.map(|(_, sender)| sender)
    }
}

impl Dispatcher {
    /// Starts the loops of these services. Must be called inside a tokio runtime.
    pub(crate) fn start(wiring: &Wiring, services: &[&'static ServiceDescription]) -> Self {
        let served = services
            .iter()
            .map(|service| Served::start(wiring, service));
        Self {
            served: served.collect(),
        }
    }

    /// Sends one operation and waits for its answer. Operations that are submitted at about the same time share a
    /// request. Dropping the future stops the waiting; what has been sent by then is still executed.
    pub(crate) async fn submit(&self, operation: Operation) -> Result<Response, Error> {
        let served = self.served(operation.service());
        let way = served.and_then(|served| Some((served, served.lane(operation.lane())?)));
        let Some((served, lane)) = way else {
            return Err(operation
                .failure(Class::Bug)
                .saying("the client does not serve this service and lane"));
        };
        let stopped = operation
            .failure(Class::Bug)
            .maybe_executed()
            .saying("the client has stopped");
        let (reply, answer) = oneshot::channel();
        let job = Job::new(operation, reply, &served.shared.settings);
        if lane.send(job).is_err() {
            return Err(stopped.not_executed());
        }
        answer.await.unwrap_or(Err(stopped))
    }

    fn served(&self, service: &ServiceDescription) -> Option<&Served> {
        let mut all = self.served.iter();
        all.find(|served| served.shared.service.name == service.name)
    }

    /// The time at a service, as its last answer told it.
    pub(crate) fn time(&self, service: &ServiceDescription) -> Option<Timestamp> {
        self.served(service)?.shared.clock.now()
    }

    /// The root that paths of a service's operations are relative to.
    pub(crate) fn base(&self, service: &ServiceDescription) -> Option<&str> {
        self.served(service)
            .map(|served| served.shared.base.as_str())
    }

    /// A token for a service, for its claims.
    pub(crate) async fn token(&self, service: &ServiceDescription) -> Result<AccessToken, Error> {
        let served = self.served(service).ok_or_else(|| {
            Error::of_sign_in(Class::Bug, "the client does not serve this service")
        })?;
        served.shared.token().await
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bases = self.served.iter().map(|served| &served.shared.base);
        f.debug_list().entries(bases).finish()
    }
}
