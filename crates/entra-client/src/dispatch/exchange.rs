//! One HTTP request to a service, and its answer. Headers that only one service wants stand in its description.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::shared::Shared;
use crate::error::{Class, Error, decode};
use crate::operation::{Operation, OperationName, Place};
use crate::token::AccessToken;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(super) const CLIENT_REQUEST_ID: &str = "client-request-id";
const ECHO_REQUEST_ID: &str = "return-client-request-id";

/// The successful answer to one operation.
#[derive(Clone)]
pub(crate) struct Response {
    operation: OperationName,
    object: String,
    status: StatusCode,
    body: Bytes,
}

impl Response {
    /// Its status, 2xx.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Its body as a value.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|reason| {
            // The reason names a field and a place, and for a wrong type the value: words, not the body.
            self.fault(format!("the answer is not as documented: {reason}"))
        })
    }

    /// The answer cannot be used.
    pub(crate) fn fault(&self, message: impl AsRef<str>) -> Error {
        let error = Error::of_operation(self.operation, &self.object, Class::Bug);
        let mut error = error.maybe_executed().saying(message);
        error.fields_mut().status = Some(self.status);
        error
    }
}

impl std::fmt::Debug for Response {
    /// Without the body: it can name people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Any answer to one operation, alone or from a batch.
pub(super) struct ExchangeAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl ExchangeAnswer {
    /// Whether the service asks to slow down.
    pub(super) fn is_throttle(&self) -> bool {
        self.status == StatusCode::TOO_MANY_REQUESTS
            || (self.status == StatusCode::SERVICE_UNAVAILABLE
                && self.headers.contains_key(http::header::RETRY_AFTER))
    }

    /// The reported use of the budget, 1.0 being all of it.
    pub(super) fn load(&self) -> Option<f64> {
        super::load::reported(&self.headers)
    }

    pub(super) fn judge(self, operation: &Operation) -> Result<Response, Error> {
        if self.status.is_success() {
            return Ok(Response {
                operation: operation.name,
                object: operation.path.clone(),
                status: self.status,
                body: self.body,
            });
        }
        Err(decode::error(
            operation,
            self.status,
            &self.headers,
            &self.body,
        ))
    }
}

/// A fresh id for one request.
pub(super) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

/// An operation as a request of its own.
pub(super) fn alone(
    shared: &Shared,
    operation: &Operation,
    token: &AccessToken,
    id: &str,
) -> Result<Request<Bytes>, Error> {
    let uri = match &operation.address.place {
        Place::Relative(path) => format!("{}{path}", shared.base),
        Place::Absolute(url) => url.clone(),
    };
    let body = match &operation.body {
        Some(body) => Bytes::copy_from_slice(body.get().as_bytes()),
        None => Bytes::new(),
    };
    let mut request = addressed(shared, &operation.method, &uri, token, id, body)
        .map_err(|error| operation.not_sent(error))?;
    for (name, value) in &operation.headers {
        request.headers_mut().insert(name.clone(), value.clone());
    }
    Ok(request)
}

/// A batch as a request.
pub(super) fn together(
    shared: &Shared,
    body: Bytes,
    token: &AccessToken,
    id: &str,
) -> Result<Request<Bytes>, Error> {
    let uri = format!("{}/$batch", shared.base);
    addressed(shared, &Method::POST, &uri, token, id, body)
}

fn addressed(
    shared: &Shared,
    method: &Method,
    uri: &str,
    token: &AccessToken,
    id: &str,
    body: Bytes,
) -> Result<Request<Bytes>, Error> {
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {}", token.secret())).map_err(|_| {
            Error::of_sign_in(
                Class::CredentialInvalid,
                "the access token is no header text",
            )
        })?;
    bearer.set_sensitive(true);
    let mut builder = Request::builder()
        .method(method)
        .uri(uri)
        .header(AUTHORIZATION, bearer)
        .header(ACCEPT, JSON)
        .header(USER_AGENT, shared.settings.user_agent.as_str())
        .header(CLIENT_REQUEST_ID, id)
        .header(ECHO_REQUEST_ID, "true");
    for (name, value) in shared.service.headers {
        builder = builder.header(*name, *value);
    }
    if !body.is_empty() {
        builder = builder.header(CONTENT_TYPE, JSON);
    }
    builder
        .body(body)
        .map_err(|reason| Error::of_sign_in(Class::Bug, format!("no valid request: {reason}")))
}
