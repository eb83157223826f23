//! The client of the services of a tenant: tokens, typed requests, batches, limits, error classes.
//!
//! From the outside in:
//!
//! - [`graph`] and [`azure`] hold the typed requests of Microsoft Graph and of the Azure Resource Manager, one file per noun.
//!   A caller sees only these, [`error`] and [`recorder`].
//! - [`dispatch`] takes single operations and decides when and in which company they travel: one limiter per lane,
//!   concurrent operations of a lane and effect share a `$batch`.
//! - `operation` and `query` describe one operation; [`error`] turns every refusal into one closed class.
//! - `service` describes what is served. Its address says to which service an operation goes.
//! - [`token`] signs in, [`transport`] moves bytes; both are traits, so that the same client runs against a real
//!   tenant, against a simulated one over TLS, and against one inside the process on a simulated clock.
//!
//! The crate decides nothing about groups: what to write, when to give up on an object and what a refusal means for
//! it belongs to the caller. It knows no Kubernetes, and nothing of ours but `pim-core`, whose values it speaks.

pub mod azure;
mod clock;
pub mod cloud;
pub mod dispatch;
pub mod error;
pub mod graph;
mod listed;
mod operation;
mod paging;
pub mod permissions;
mod precedence;
mod query;
mod receipt;
pub mod recorder;
mod service;
mod services;
mod session;
mod texts;
pub mod token;
mod tolerant;
pub mod transport;

pub use azure::ResourceManager;
pub use cloud::{Cloud, Endpoints};
pub use dispatch::{DispatchSettings, Wiring};
pub use error::{CallOutcome, Class, Error};
pub use graph::Graph;
pub use operation::{Fence, OperationEffect, OperationName};
pub use precedence::Precedence;
pub use recorder::{Api, LaneState, OperationEvent, Recorder, RequestEvent};
pub use service::Lane;
pub use services::Services;
pub use token::{AccessToken, TokenSource};
pub use transport::{Transport, TransportError};

#[cfg(test)]
mod tests;
