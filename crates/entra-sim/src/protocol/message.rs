//! One operation as it comes in and as it goes out, without HTTP framing.

use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::journal::BatchItem;
use crate::version::Version;

/// One operation as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) version: Version,
    /// Path and query below the version, `/groups?$top=5`.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    /// The body; `Err` when it is no JSON or does not say that it is.
    pub(crate) body: Result<Option<Value>, NotJson>,
    /// `https://host/v1.0`.
    pub(crate) base_url: String,
    pub(crate) host: String,
    pub(crate) batch: Option<BatchItem>,
}

/// A body that is no JSON, or does not say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotJson;

/// One operation as it goes out.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
    /// A body that is no JSON, in its place.
    pub(crate) text: Option<String>,
    /// The answer must not reach the client.
    pub(crate) lost: bool,
}
