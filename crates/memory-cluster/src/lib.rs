//! An in-memory Kubernetes API server for fault placement and simulated time.
//!
//! [`MemoryCluster`] answers the requests of a [`kube::Client`] inside the same process: no socket, no
//! thread, no wall clock. So the operator's own code runs against it under paused time, and a test decides
//! which request fails.
//!
//! It does what the operator and its tests ask for, and that as kube-apiserver 1.36 was observed to do it and
//! as `kubernetes.io: API concepts` and `kubernetes.io: server-side apply` document it. `tests/conformance.rs`
//! holds the same scenarios against both. What it does not do (replacing objects, selectors, pages, dry runs,
//! collections that are deleted, garbage collection, RBAC, tables) it refuses instead of guessing.
//!
//! | Module | Noun |
//! | --- | --- |
//! | `cluster` | the handle that tests hold |
//! | `service`, `routes`, `call` | HTTP in, one decoded call, HTTP out |
//! | `hooks` | interception and counting of writes |
//! | `server`, `transaction` | one call against the store, under one lock |
//! | `create`, `update`, `patch`, `delete` | the verbs |
//! | `watch` | streams of changes |
//! | `store` | objects, revisions, the log of changes |
//! | `resources`, `builtin` | which kinds are served |
//! | `schema`, `normalise`, `validate`, `rules` | structural schemas of custom resources |
//! | `fields`, `typed`, `managed` | field ownership of server-side apply |
//! | `metadata`, `names` | object metadata, the grammar of names |
//! | `refusal`, `problem` | `Status` errors and their causes |
//!
//! Nothing here knows the operator or its kinds.

mod builtin;
mod call;
mod cluster;
mod create;
mod delete;
mod fields;
mod hooks;
mod managed;
mod metadata;
mod names;
mod normalise;
mod patch;
mod problem;
mod refusal;
mod resources;
mod routes;
mod rules;
mod schema;
mod server;
mod service;
mod store;
mod transaction;
mod typed;
mod update;
mod validate;
mod watch;

pub use cluster::{Error, MemoryCluster};
pub use hooks::Interception;
pub use refusal::Refusal;
pub use server::Clock;
pub use service::MemoryService;
