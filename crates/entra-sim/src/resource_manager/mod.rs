//! The Resource Manager: subscriptions and what lies in them, Azure roles, and who holds them where.
//!
//! It is another service than Graph: scopes of any depth in the path, a version in the query, errors and headers of its own
//! (learn.microsoft.com: "Azure REST API reference", "Azure role-based access control REST API").
//!
//! | Module | What |
//! | --- | --- |
//! | [`address`] | which operation a path asks for |
//! | [`answer`] | from a request to its answer |
//! | [`assignments`] | who holds a role at a scope |
//! | [`authorize`] | what a caller may do at a scope |
//! | [`definitions`] | built-in roles |
//! | [`pim`] | PIM for Azure resources |
//! | [`containers`] | tenants, subscriptions and resource groups |
//! | [`scope`] | where something holds |
//! | [`state`] | what there is |
//! | [`wanted`] | what a request to write an assignment holds |

mod address;
mod answer;
mod assignments;
mod authorize;
mod containers;
mod definitions;
mod filter;
pub(crate) mod pim;
pub(crate) mod scope;
pub(crate) mod state;
mod wanted;

pub(crate) use address::find;
pub(crate) use answer::{execute, prepare};
pub(crate) use pim::react;
