//! The operator: keeps groups of Entra ID, their PIM settings, roles and assignments in step with Kubernetes objects.
//!
//! The way through the code is the way of the data. [`controllers`] turn the wheel: a change wakes a group, [`resolve`]
//! turns its manifests into what should be, [`reader`] reads what is, the planner in `pim-core` compares them, and the
//! first stage of the plan is carried out, through [`providers`] for roles. Then everything is read again, and the
//! truth goes into status. [`election`] says who may write. [`adapters`] is the only code that knows a client library; [`telemetry`] is what is told
//! about all this, [`settings`] how it is started, [`wiring`] how it is put together.

pub mod adapters;
pub mod controllers;
pub mod election;
pub mod providers;
pub mod reader;
pub mod resolve;
pub mod settings;
pub mod telemetry;
pub mod wiring;
