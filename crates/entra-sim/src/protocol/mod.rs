//! From a request to its answer: match, authenticate, permit, meter, check, run, page, note.
//!
//! [`prepare`] finds the route and the scripted fault of one operation, [`execute()`] does the rest. Single requests
//! and items of a
//! `$batch` go the same way. Nothing here waits: delays are the business of `simulator`.

pub(crate) mod authenticate;
pub(crate) mod batch;
mod bodies;
pub(crate) mod buckets;
mod context;
pub(crate) mod envelope;
mod execute;
mod message;
pub(crate) mod paging;
pub(crate) mod router;
pub(crate) mod throttle;

pub(crate) use execute::{execute, prepare};
pub(crate) use message::{Incoming, NotJson, Outgoing};
