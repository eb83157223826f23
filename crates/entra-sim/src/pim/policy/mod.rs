//! The settings of one access: seventeen rules, how they change and what they say to a request.
//!
//! Pure: no tenant, no clock, no HTTP. The store and the routes are [`super::policies`].

mod approval;
mod change;
pub(crate) mod defaults;
pub(crate) mod evaluate;
mod fields;
pub(crate) mod json;
mod model;
mod parse;
mod refusal;
pub(crate) mod rule;
pub(crate) mod switches;
#[cfg(test)]
mod tests;

pub(crate) use change::Reach;
pub(crate) use defaults::Family;
pub(crate) use model::{Modified, Policy};
pub(crate) use refusal::PolicyRefusal;
