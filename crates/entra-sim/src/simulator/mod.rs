//! One simulated tenant as a value: ask it, script it, see what it holds.
//!
//! The tenant stands behind one lock that is held while a request runs and never while one waits.

mod dump;
mod endpoints;
mod handle;
mod incoming;
mod operations;
mod tokens;

pub(crate) use endpoints::MAXIMUM_BODY;
pub use handle::{Config, Dropped, Error, Faults, Simulator};
