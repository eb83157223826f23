//! The transport over HTTP/2 and TLS.
//!
//! The trust store is the system's, and certificates of the caller are added to it. An image without CA certificates
//! trusts nobody, so building fails there with words that say so instead of failing each request.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use super::{Transport, TransportError};

/// Longer answers are refused while they are read.
const RESPONSE_LIMIT: usize = 16 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A dead connection is noticed after these two, also under a request that is waiting for its answer.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the transport cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The additional certificates are not PEM.
    #[error("the additional CA certificates cannot be read as PEM: {0}")]
    Certificates(String),
    /// The bundle is there, but it holds no certificate.
    #[error("the additional CA bundle holds no certificate")]
    NoCertificate,
    /// TLS cannot be set up.
    #[error(
        "TLS cannot be set up: {0}; an image needs CA certificates (for example /etc/ssl/certs/ca-certificates.crt, \
         or SSL_CERT_FILE)"
    )]
    Tls(String),
}

/// The transport of production: HTTPS, with HTTP/2 where the service offers it.
#[derive(Debug, Clone)]
pub struct HttpsTransport {
    client: reqwest::Client,
}

impl HttpsTransport {
    /// Trusts the system's certificates and those of `additional_ca` (PEM, may be empty).
    pub fn new(additional_ca: &[u8]) -> Result<Self, BuildError> {
        let mut builder = reqwest::Client::builder()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
        if !additional_ca.is_empty() {
            let certificates = reqwest::Certificate::from_pem_bundle(additional_ca)
                .map_err(|reason| BuildError::Certificates(chain(&reason)))?;
            if certificates.is_empty() {
                return Err(BuildError::NoCertificate);
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder
            .build()
            .map_err(|reason| BuildError::Tls(chain(&reason)))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Transport for HttpsTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|reason| TransportError::Connect(chain(&reason)))?;
        let mut answer = self.client.execute(request).await.map_err(failure)?;
        let announced = answer.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > RESPONSE_LIMIT) {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > RESPONSE_LIMIT {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

fn too_large() -> TransportError {
    TransportError::TooLarge {
        limit: RESPONSE_LIMIT,
    }
}

fn failure(error: reqwest::Error) -> TransportError {
    let connect = error.is_connect() || error.is_builder();
    let text = chain(&error.without_url());
    if connect {
        TransportError::Connect(text)
    } else {
        TransportError::Interrupted(text)
    }
}

/// The error with its causes: the outermost text of a TLS failure says nothing.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_is_no_certificate_is_refused_when_built() {
        assert!(matches!(
            HttpsTransport::new(b"not a certificate"),
            Err(BuildError::NoCertificate | BuildError::Certificates(_))
        ));
    }

    #[tokio::test]
    async fn a_credential_is_never_sent_in_the_clear() {
        let transport = HttpsTransport::new(b"").unwrap();
        let request = Request::get("http://127.0.0.1:9/")
            .body(Bytes::new())
            .unwrap();
        assert!(matches!(
            transport.send(request).await,
            Err(TransportError::Connect(_))
        ));
    }
}
