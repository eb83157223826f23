//! A local Entra tenant: token endpoint, Microsoft Graph and PIM, for tests and demos.

pub mod behaviours;
mod call;
mod clock;
mod directory;
mod error;
pub mod ids;
pub mod journal;
mod odata;
mod pim;
mod roles;
mod route;
pub mod schema;
mod state;

pub use clock::Clock;
