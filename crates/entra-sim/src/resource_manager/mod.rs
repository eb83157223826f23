//! The Resource Manager: subscriptions and what lies in them, Azure roles, and who holds them where.
//!
//! It is another service than Graph: scopes of any depth in the path, a version in the query, errors and headers of its own
//! (learn.microsoft.com: "Azure REST API reference", "Azure role-based access control REST API").
//!
//! | Module | What |
//! | --- | --- |
//! | [`address`] | which operation a path asks for |
//! | [`allowed`] | what a role allows |
//! | [`answer`] | from a request to its answer |
//! | [`assignments`] | who holds a role at a scope |
//! | [`authorize`] | what a caller may do at a scope |
//! | [`caller_permissions`] | how the caller is told of it |
//! | [`condition`] | what narrows a role that somebody holds |
//! | [`definitions`] | built-in and custom roles |
//! | [`pim`] | PIM for Azure resources |
//! | [`containers`] | tenants, subscriptions and resource groups |
//! | [`scope`] | where something holds |
//! | [`spelling`] | how answers write it |
//! | [`state`] | what there is |
//! | [`throttle`] | how much of it anybody may ask for |
//! | [`versions`] | in which versions of the interface |
//! | [`wanted`] | what a request to write an assignment holds |

mod address;
pub(crate) mod allowed;
mod answer;
mod assignments;
mod authorize;
mod caller_permissions;
mod condition;
mod containers;
pub(crate) mod definitions;
mod filter;
pub(crate) mod pim;
pub(crate) mod scope;
mod spelling;
pub(crate) mod state;
mod throttle;
mod versions;
mod wanted;

pub(crate) use address::find;
pub(crate) use answer::{execute, prepare};
pub(crate) use pim::react;
