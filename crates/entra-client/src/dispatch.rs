//! Decides when operations are sent and in which company.
//!
//! One dispatcher serves one tenant, with one or several services of it, and has one loop per [`Lane`] of each part of each,
//! because a service judges every item of a batch by the budget of its kind. A loop gathers what arrives within a few
//! milliseconds into one `$batch`, where the service has that (a single operation travels as itself), keeps to what the
//! service allows (`limiter`, `rate`), and repeats reads; a write only where the service has refused it as too many, which
//! is no attempt at it.
//!
//! Here belongs what holds for every service. What is particular to one stands in its description (`service`), and it is
//! an operation's address that says whose lanes, token and base address it uses.
//!
//! A write waits for its turn as long as what allowed it is young enough, and as long as it is wanted; then it is refused
//! as [`Class::Throttled`]. One whose lane stays closed for longer is refused at once.

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

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
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

/// A service and the way into its lanes, those of each part of it.
struct Served {
    shared: Arc<Shared>,
    lanes: Mutex<HashMap<(Lane, String), mpsc::UnboundedSender<Job>>>,
}

impl Served {
    fn new(wiring: &Wiring, service: &'static ServiceDescription) -> Self {
        Self {
            shared: Arc::new(Shared::new(wiring, service)),
            lanes: Mutex::default(),
        }
    }

    /// The lane of an operation, which is started when it is first used; nothing if the service has none like it.
    fn lane(&self, operation: &Operation) -> Option<mpsc::UnboundedSender<Job>> {
        let (lane, service) = (operation.lane(), self.shared.service);
        let profile = service.lanes.iter().find(|profile| profile.lane == lane)?;
        let part = (service.part)(operation.address.place.text());
        let mut all = self.lanes.lock();
        let known = all.entry((lane, part));
        let start = || LaneLoop::start(Arc::clone(&self.shared), *profile);
        Some(known.or_insert_with(start).clone())
    }
}

impl Dispatcher {
    /// Serves these services.
    pub(crate) fn new(wiring: &Wiring, services: &[&'static ServiceDescription]) -> Self {
        let served = services.iter().map(|service| Served::new(wiring, service));
        Self {
            served: served.collect(),
        }
    }

    /// Sends one operation and waits for its answer. Operations that are submitted at about the same time share a
    /// request. Dropping the future stops the waiting; what has been sent by then is still executed.
    pub(crate) async fn submit(&self, operation: Operation) -> Result<Response, Error> {
        let served = self.served(operation.service());
        let way = served.and_then(|served| Some((served, served.lane(&operation)?)));
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
