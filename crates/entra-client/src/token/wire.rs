//! Lets the sign-in library speak through our transport: one trust store, one set of limits, and in the harness no
//! socket at all.
//!
//! It also keeps the last refusal as it came. The library cannot read a refusal whose description has an escaped line
//! break (`azure_identity` 1.0.0 borrows that text from the JSON), and the authority's descriptions have one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use bytes::Bytes;
use http::Method;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::refusal::Refusal;
use crate::operation::OperationEffect;
use crate::recorder::{Api, Recorder, RequestEvent};
use crate::transport::{Transport, TransportError};

/// How long the token endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The HTTP client of the sign-in library.
pub(super) struct Wire {
    transport: Arc<dyn Transport>,
    recorder: Arc<dyn Recorder>,
    refusal: Mutex<Option<Refusal>>,
}

impl Wire {
    pub(super) fn new(transport: Arc<dyn Transport>, recorder: Arc<dyn Recorder>) -> Self {
        Self {
            transport,
            recorder,
            refusal: Mutex::new(None),
        }
    }

    pub(super) fn take_refusal(&self) -> Option<Refusal> {
        self.refusal.lock().take()
    }

    async fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let started = Instant::now();
        request.extensions_mut().insert(OperationEffect::Read);
        let answer = tokio::time::timeout(TIMEOUT, self.transport.send(request))
            .await
            .unwrap_or_else(|_| {
                Err(TransportError::Interrupted(format!(
                    "no answer within {} s",
                    TIMEOUT.as_secs()
                )))
            });
        self.recorder.request(&RequestEvent {
            api: Api::Token,
            method: Method::POST,
            status: answer.as_ref().ok().map(http::Response::status),
            duration: started.elapsed(),
        });
        answer
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let answer = self.send(convert(request)?).await.map_err(|reason| {
            let kind = match &reason {
                TransportError::Connect(_) => ErrorKind::Connection,
                _ => ErrorKind::Io,
            };
            azure_core::Error::with_message(kind, reason.to_string())
        })?;
        let (parts, body) = answer.into_parts();
        if !parts.status.is_success() {
            *self.refusal.lock() = Some(Refusal::read(parts.status, &parts.headers, &body));
        }
        let mut headers = Headers::new();
        for (name, value) in &parts.headers {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(AsyncRawResponse::from_bytes(
            parts.status.as_u16().into(),
            headers,
            body,
        ))
    }
}

fn convert(request: &Request) -> azure_core::Result<http::Request<Bytes>> {
    let refused =
        |reason: String| azure_core::Error::with_message(ErrorKind::DataConversion, reason);
    let Body::Bytes(body) = request.body() else {
        return Err(refused("a token request has a plain body".to_owned()));
    };
    let mut builder = http::Request::builder()
        .method(request.method().as_str())
        .uri(request.url().as_str());
    for (name, value) in request.headers().iter() {
        builder = builder.header(name.as_str(), value.as_str());
    }
    builder
        .body(body.clone())
        .map_err(|reason| refused(reason.to_string()))
}
