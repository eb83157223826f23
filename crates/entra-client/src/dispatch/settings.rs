//! What a dispatcher is made of, and its times and limits. No behaviour.

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::Endpoints;
use crate::recorder::Recorder;
use crate::token::TokenSource;
use crate::transport::Transport;

/// What a dispatcher is made of.
#[derive(Clone)]
pub struct Wiring {
    /// The addresses of the services.
    pub endpoints: Endpoints,
    /// Sends the HTTP requests.
    pub transport: Arc<dyn Transport>,
    /// Issues the access tokens of the requests.
    pub tokens: Arc<dyn TokenSource>,
    /// Receives what happens, for metrics.
    pub recorder: Arc<dyn Recorder>,
    /// The times and limits of the dispatcher.
    pub settings: DispatchSettings,
}

/// Times and limits. The defaults are meant for production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchSettings {
    /// A read fails after this long, repeats included.
    pub read_deadline: Duration,
    /// A write that has not been sent after this long is refused: what allowed it was read before it began to wait.
    pub write_patience: Duration,
    /// A write that was sent fails after this long. A lease must outlast it.
    pub write_deadline: Duration,
    /// A batch leaves when nothing has joined it for this long,
    pub gather_quiet: Duration,
    /// and at the latest after this long.
    pub gather_at_most: Duration,
    /// HTTP requests under way at once, over all lanes of a service. A server takes a hundred streams on one connection at least,
    /// see <https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2>.
    pub requests_in_flight: usize,
    /// `User-Agent` of every request.
    pub user_agent: String,
}

impl Default for DispatchSettings {
    fn default() -> Self {
        Self {
            read_deadline: Duration::from_mins(1),
            write_patience: Duration::from_mins(1),
            write_deadline: Duration::from_secs(8),
            gather_quiet: Duration::from_millis(15),
            gather_at_most: Duration::from_millis(60),
            requests_in_flight: 64,
            user_agent: concat!("entra-pim-operator/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
