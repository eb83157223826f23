//! A local Entra tenant: token endpoint, Microsoft Graph v1.0 and Privileged Identity Management, for tests and demos.
//!
//! | Module | What |
//! | --- | --- |
//! | [`Simulator`] | one tenant: answers requests in this process, scripts faults, tells what happened |
//! | [`Server`] | the same over TLS, with an admin API beside it |
//! | [`seed`] | what a tenant holds at the start, as YAML |
//! | [`behaviours`] | the switches: every optional behaviour of the service with its source |
//! | [`journal`] | requests and effects, and who holds what |
//! | [`faults`] | rules for what is to go wrong |
//! | [`schema`] | the published types that bodies are held against |
//!
//! Inside, `protocol` takes a request from its path to its answer, and the areas `directory`, `pim`, `roles`,
//! `intune` and `audit` hold one list of operations each. What the service does is decided there and nowhere else; nothing of it
//! knows of sockets.

mod areas;
mod audit;
pub mod behaviours;
mod call;
mod clock;
mod directory;
mod error;
pub mod faults;
pub mod ids;
mod intune;
pub mod journal;
mod odata;
mod permission;
mod pim;
mod protocol;
mod resource_manager;
mod roles;
mod route;
pub mod schema;
pub mod seed;
mod serve;
mod simulator;
mod state;
mod token;
mod version;

pub use behaviours::Profile;
pub use clock::Clock;
pub use seed::Seed;
pub use serve::{ServeError, ServeOptions, Server};
pub use simulator::{Config, Dropped, Error, Faults, Simulator};
