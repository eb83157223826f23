//! Decides when operations are sent and in which company.
//!
//! One dispatcher serves one tenant and has one loop per [`Lane`], because the service judges every item of a batch by
//! the budget of its kind. A loop gathers what arrives within a few milliseconds into one `$batch` (a single operation
//! travels as itself), keeps to what the service allows (`limiter`, `pace`), repeats reads and never writes.
//!
//! A write is either sent soon or refused as [`Class::Throttled`]: it must not wait behind a `Retry-After`, because
//! what allowed it may not hold any more by then.

mod batch;
mod exchange;
mod flight;
mod job;
mod lane;
mod limiter;
mod pace;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use crate::clock::ServiceClock;
use crate::cloud::Endpoints;
use crate::error::{Class, Error};
use crate::operation::{Lane, Operation};
use crate::recorder::Recorder;
use crate::token::{AccessToken, TokenSource};
use crate::transport::Transport;

pub(crate) use exchange::Response;
use job::Job;
use lane::LaneLoop;

/// A token that was refused is asked anew at most this often.
const REAUTHENTICATE_EVERY: Duration = Duration::from_secs(30);

/// What a dispatcher is made of.
#[derive(Clone)]
pub struct Wiring {
    /// Where the service is.
    pub endpoints: Endpoints,
    /// How to reach it.
    pub transport: Arc<dyn Transport>,
    /// Who signs in.
    pub tokens: Arc<dyn TokenSource>,
    /// Who is told.
    pub recorder: Arc<dyn Recorder>,
    /// Times and limits.
    pub settings: Settings,
}

/// Times and limits. The defaults are meant for production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// A read fails after this long, repeats included.
    pub read_deadline: Duration,
    /// A write fails after this long, waiting included. A lease must outlast it.
    pub write_deadline: Duration,
    /// A batch leaves when nothing has joined it for this long,
    pub gather_quiet: Duration,
    /// and at the latest after this long.
    pub gather_at_most: Duration,
    /// HTTP requests under way at once, over all lanes: streams of one or two HTTP/2 connections.
    pub requests_in_flight: usize,
    /// `User-Agent` of every request.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            read_deadline: Duration::from_mins(1),
            write_deadline: Duration::from_secs(8),
            gather_quiet: Duration::from_millis(15),
            gather_at_most: Duration::from_millis(60),
            requests_in_flight: 32,
            user_agent: concat!("entra-pim-operator/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// What the loops of all lanes share.
struct Shared {
    transport: Arc<dyn Transport>,
    tokens: Arc<dyn TokenSource>,
    recorder: Arc<dyn Recorder>,
    settings: Settings,
    /// `https://host/v1.0`
    base: String,
    scope: String,
    clock: ServiceClock,
    in_flight: Semaphore,
    reauthenticated: Mutex<Option<Instant>>,
}

impl Shared {
    async fn token(&self) -> Result<AccessToken, Error> {
        self.tokens.token(&self.scope).await
    }

    /// After a 401: whether another attempt with another token is worth it.
    fn reauthenticate(&self, sent: Instant) -> bool {
        let mut last = self
            .reauthenticated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match *last {
            // Sent with the token that has been dropped since.
            Some(at) if sent < at => true,
            Some(at) if at.elapsed() < REAUTHENTICATE_EVERY => false,
            _ => {
                *last = Some(Instant::now());
                self.tokens.forget();
                true
            }
        }
    }
}

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
        let shared = Arc::new(Shared {
            base: wiring.endpoints.graph_base(),
            scope: wiring.endpoints.graph_scope(),
            transport: wiring.transport,
            tokens: wiring.tokens,
            recorder: wiring.recorder,
            in_flight: Semaphore::new(wiring.settings.requests_in_flight.max(1)),
            settings: wiring.settings,
            clock: ServiceClock::default(),
            reauthenticated: Mutex::new(None),
        });
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
        let stopped = Error::of_operation(&operation, Class::Bug)
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
