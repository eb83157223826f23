//! An in-memory Kubernetes API server for fault placement and simulated time.
//!
//! [`MemoryCluster`] answers the requests of a [`kube::Client`] inside the same process: no socket, no
//! thread, no wall clock. So the operator's own code runs against it under paused time, and a test decides
//! which request fails, which answer is lost and when a watch hears of a change.
//!
//! What it promises is the behaviour that kube-rs clients can see, as `kubernetes.io: API concepts` and
//! `kubernetes.io: server-side apply` document it and as kube-apiserver 1.36 was observed to behave.
//! `tests/conformance.rs` holds the same scenarios against both. What it does not do (RBAC, garbage
//! collection by owner references, strategic merge patches, tables) it refuses instead of guessing.
//!
//! | Module | Noun |
//! | --- | --- |
//! | `cluster` | the handle that tests hold |
//! | `service`, `routes`, `call`, `view` | HTTP in, one decoded call, HTTP out |
//! | `hooks` | interception and counting of requests |
//! | `server` | one call against the store, under one lock |
//! | `create`, `update`, `patch`, `delete`, `list`, `namespaces` | the verbs |
//! | `watch` | streams of changes |
//! | `store` | objects, revisions, the log of changes |
//! | `resources`, `builtin` | which kinds are served |
//! | `schema`, `defaults`, `prune`, `validate`, `rules` | structural schemas of custom resources |
//! | `fields`, `typed`, `managed` | field ownership of server-side apply |
//! | `metadata`, `names`, `selector` | object metadata, the grammar of names, selectors |
//! | `refusal`, `problem` | `Status` errors and their causes |
//!
//! Nothing here knows the operator or its kinds.

mod builtin;
mod call;
mod cluster;
mod create;
mod defaults;
mod delete;
mod fields;
mod hooks;
mod list;
mod managed;
mod metadata;
mod names;
mod namespaces;
mod patch;
mod problem;
mod prune;
mod refusal;
mod resources;
mod routes;
mod rules;
mod schema;
mod selector;
mod server;
mod service;
mod store;
mod typed;
mod update;
mod validate;
mod view;
mod watch;

pub use call::Verb;
pub use cluster::{Error, MemoryCluster};
pub use hooks::{Interception, RequestSummary};
pub use refusal::Refusal;
pub use server::Clock;
pub use service::MemoryService;
