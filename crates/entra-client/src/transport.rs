//! How bytes get to the service: one trait, and the implementation over TLS.
//!
//! A transport sends one request and returns its whole answer. It does not repeat, follow redirects, sign in or judge
//! an answer; how long to wait is the business of who calls (dropping the future gives up).

mod https;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

pub use https::{BuildError, HttpsTransport};

/// Sends HTTP requests, each once; tests replace it.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request and reads the whole answer, whatever its status. The request bears an [`OperationEffect`] among its
    /// extensions: whoever wraps a transport can tell what writes without knowing an API.
    ///
    /// [`OperationEffect`]: crate::OperationEffect
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError>;
}

/// Why there is no answer. The variants differ in what they mean for a write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection (name resolution, TCP, TLS): the request surely did not arrive.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke: the request may have arrived.
    #[error("the connection broke: {0}")]
    Interrupted(String),
    /// The request was held back by whoever wraps the transport: it surely did not arrive, and is not wanted any more.
    #[error("not sent: {0}")]
    Withheld(String),
    /// The answer is larger than allowed. The request arrived.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The largest answer that is allowed, in bytes.
        limit: usize,
    },
}
