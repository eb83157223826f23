//! The whole operator in one process: real controllers, planner and client against the simulated tenant called as a
//! function and the in-memory API server, with paused time. Made for placing faults at every write; what needs a real
//! API server, helm or kubectl stands in `tests/system`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test, in helpers as well"
)]

/// The one that the operator has. Much of what a test does is to make and drop small pieces of JSON, which takes less time with it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

// Takes longest by far, and tests are begun in the order of their names.
mod a_year;
mod administrative_units;
mod adoption;
mod app_roles;
mod azure;
mod azure_windows;
mod boundary;
mod budget;
mod conflict;
mod deletion;
mod drift;
mod election;
mod emergency_stop;
mod expiry;
mod first_light;
mod handmade;
mod harness;
mod hazards;
mod intune;
mod large;
mod late;
mod log;
mod metrics;
mod names;
mod nesting;
mod observe;
mod oracle;
mod owners;
mod pitfalls;
mod placement;
mod policy;
mod preflight;
mod protection;
mod providers;
mod releases;
mod removed_by_others;
mod renewal;
mod repetition;
mod replication;
mod reporting;
mod role_scopes;
mod role_windows;
mod seeing;
mod standing;
mod story;
mod templates;
mod tenant;
mod throttling;
mod undeclared;
mod unreachable;
mod violation;
