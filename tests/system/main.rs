//! The whole product as users run it: a real API server, the chart installed by real helm, the operator as a process
//! with the rights of the chart, real kubectl, and simulated tenants over TLS. One file for each story or hazard.
//!
//! All tests share one control plane and one operator, and each has a namespace, a boundary and a tenant of its own, so
//! they run side by side. What disturbs the operator itself (`kill`, `process`, `releases`, `replicas`) takes turns on a control plane apart.
//! Nothing sleeps for a while and hopes: a test waits for a fact, with a deadline. Faults at every single write are
//! placed in `tests/in_process`, which needs no processes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a failed unwrap is a failed test, in its helpers as well"
)]

mod changes;
mod chart;
mod credentials;
mod deletion;
mod examples;
mod kill;
mod oracle;
mod place;
mod process;
mod refusals;
mod releases;
mod replicas;
mod roles;
mod world;
