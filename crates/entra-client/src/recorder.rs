//! What the client tells about its traffic, for metrics. Nothing here changes what it does.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::error::Class;
use crate::operation::OperationName;
use crate::service::Lane;

/// Which service a request went to; the value of the metric label `api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// A service of the tenant, by its name (`graph`).
    Service(&'static str),
    /// The token endpoint of the authority.
    Token,
}

impl Api {
    /// The value of the metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service(name) => name,
            Self::Token => "token",
        }
    }
}

/// One HTTP request that was sent.
#[derive(Debug, Clone)]
pub struct RequestEvent {
    /// The service that the request went to.
    pub api: Api,
    /// The HTTP method of the request.
    pub method: Method,
    /// The status of the answer; nothing when there was none.
    pub status: Option<StatusCode>,
    /// From sending to the end of the answer.
    pub duration: Duration,
}

/// One attempt at an operation. An operation that is retried is told once for each attempt, as the service counts.
#[derive(Debug, Clone)]
pub struct OperationEvent<'a> {
    /// The service it went to.
    pub api: Api,
    /// The operation that was attempted.
    pub operation: OperationName,
    /// The HTTP method of the operation, also inside a batch.
    pub method: &'a Method,
    /// The service's status for it; nothing when there was no answer.
    pub status: Option<StatusCode>,
    /// The class of the failure, if it failed.
    pub failure: Option<&'a Class>,
    /// How long the request that carried it took.
    pub duration: Duration,
}

/// What a lane has learned, told after each answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneState {
    /// The lane whose budget this is.
    pub lane: Lane,
    /// How long nothing may be sent, if the service said so.
    pub blocked: Option<Duration>,
    /// What is left of the budget, 0 to 1, when the service told its use of it.
    pub budget_remaining: Option<f64>,
}

/// Receives what happens. All methods do nothing unless implemented; they must not block.
pub trait Recorder: Send + Sync {
    /// Called when an HTTP request has ended, with an answer or without.
    fn request(&self, _event: &RequestEvent) {}
    /// Called when an attempt at an operation has ended.
    fn operation(&self, _event: &OperationEvent<'_>) {}
    /// Called after each answer, with what it told about the budget of its lane.
    fn lane(&self, _state: &LaneState) {}
    /// Called when a lane ended abnormally and was started anew.
    fn lane_restarted(&self, _lane: Lane) {}
    /// A token was asked from the token endpoint.
    fn token_refresh(&self, _failure: Option<&Class>) {}
}
