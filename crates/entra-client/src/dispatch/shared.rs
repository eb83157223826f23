//! What the loops of all lanes of one service share: the way to it, its clock, and its token. Nothing here is shared with
//! another service but who signs in and who is told, so that trouble with one slows no other.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::settings::{DispatchSettings, Wiring};
use crate::clock::ServiceClock;
use crate::error::Error;
use crate::recorder::{Api, Recorder};
use crate::service::ServiceDescription;
use crate::token::{AccessToken, TokenSource};
use crate::transport::Transport;

/// A token that was refused is asked anew at most this often.
const REAUTHENTICATE_EVERY: Duration = Duration::from_secs(30);

/// What the loops of all lanes of one service share.
pub(super) struct Shared {
    pub(super) service: &'static ServiceDescription,
    pub(super) transport: Arc<dyn Transport>,
    tokens: Arc<dyn TokenSource>,
    pub(super) recorder: Arc<dyn Recorder>,
    pub(super) settings: DispatchSettings,
    /// The root that paths of operations are relative to, for example `https://host/v1.0`.
    pub(super) base: String,
    scope: String,
    pub(super) clock: ServiceClock,
    pub(super) in_flight: Semaphore,
    reauthenticated: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) fn new(wiring: &Wiring, service: &'static ServiceDescription) -> Self {
        Self {
            service,
            base: (service.base)(&wiring.endpoints),
            scope: (service.scope)(&wiring.endpoints),
            transport: Arc::clone(&wiring.transport),
            tokens: Arc::clone(&wiring.tokens),
            recorder: Arc::clone(&wiring.recorder),
            in_flight: Semaphore::new(wiring.settings.requests_in_flight.max(1)),
            settings: wiring.settings.clone(),
            clock: ServiceClock::default(),
            reauthenticated: Mutex::new(None),
        }
    }

    /// How the service is named to the recorder.
    pub(super) fn api(&self) -> Api {
        Api::Service(self.service.name)
    }

    /// A token for the service.
    pub(super) async fn token(&self) -> Result<AccessToken, Error> {
        self.tokens.token(&self.scope).await
    }

    /// After a 401: whether another attempt with another token is worth it.
    pub(super) fn reauthenticate(&self, sent: Instant) -> bool {
        let mut last = self.reauthenticated.lock();
        match *last {
            // Sent with the token that has been dropped since.
            Some(at) if sent < at => true,
            Some(at) if at.elapsed() < REAUTHENTICATE_EVERY => false,
            _ => {
                *last = Some(Instant::now());
                self.tokens.forget(&self.scope);
                true
            }
        }
    }
}
