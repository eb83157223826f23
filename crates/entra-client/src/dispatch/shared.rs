//! What the loops of all lanes of one tenant share: the way to the service, its clock, and the token.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::settings::{Settings, Wiring};
use crate::clock::ServiceClock;
use crate::error::Error;
use crate::recorder::Recorder;
use crate::token::{AccessToken, TokenSource};
use crate::transport::Transport;

/// A token that was refused is asked anew at most this often.
const REAUTHENTICATE_EVERY: Duration = Duration::from_secs(30);

/// What the loops of all lanes share.
pub(super) struct Shared {
    pub(super) transport: Arc<dyn Transport>,
    tokens: Arc<dyn TokenSource>,
    pub(super) recorder: Arc<dyn Recorder>,
    pub(super) settings: Settings,
    /// `https://host/v1.0`
    pub(super) base: String,
    scope: String,
    pub(super) clock: ServiceClock,
    pub(super) in_flight: Semaphore,
    reauthenticated: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) fn new(wiring: Wiring) -> Self {
        Self {
            base: wiring.endpoints.graph_base(),
            scope: wiring.endpoints.graph_scope(),
            transport: wiring.transport,
            tokens: wiring.tokens,
            recorder: wiring.recorder,
            in_flight: Semaphore::new(wiring.settings.requests_in_flight.max(1)),
            settings: wiring.settings,
            clock: ServiceClock::default(),
            reauthenticated: Mutex::new(None),
        }
    }

    /// A token for Graph.
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
                self.tokens.forget();
                true
            }
        }
    }
}
