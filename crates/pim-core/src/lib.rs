//! The decisions of the operator, and nothing else: no I/O, no clock, no random, no async.
//!
//! The way through: `desired` and `observed` say what should be and what is; [`boundary`] says what may be; `plan`
//! compares them and returns ordered stages of actions together with a verdict for each object. Everything is total:
//! there is no input for which planning fails.

pub mod action;
pub mod admission;
mod assignability;
pub mod audit_log;
pub mod boundary;
pub mod context;
pub mod desired;
pub mod duration;
pub mod event;
pub mod ids;
pub mod knowledge;
pub mod memory;
pub mod observed;
pub mod permission;
pub mod plan;
pub mod principal;
pub mod reason;
pub mod role;
pub mod rollout;
pub mod rule;
pub mod schedule;
pub mod settings;
pub mod telling;
pub mod verdict;
