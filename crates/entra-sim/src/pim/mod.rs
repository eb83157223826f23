//! PIM for Groups: schedules, requests, instances, approvals and policies.
//!
//! | Module | What |
//! | --- | --- |
//! | [`period`], [`window`] | lengths of time and windows |
//! | [`policy`] | the rules of one policy: defaults, changes, judgement; pure |
//! | [`engine`] | requests and schedules of any area that PIM manages; pure |
//! | [`policies`] | the policies of the tenant and their operations |
//! | [`groups`] | the operations of PIM for Groups |
//! | [`operations`] | requests, lists and what follows from schedules, for every area that PIM manages |
//! | [`area`] | what such areas do differently |

pub(crate) mod access;
pub(crate) mod area;
#[cfg(test)]
pub(crate) mod bench;
pub(crate) mod engine;
pub(crate) mod groups;
pub(crate) mod operations;
pub(crate) mod options;
pub(crate) mod period;
pub(crate) mod policies;
pub(crate) mod policy;
pub(crate) mod refusal;
pub(crate) mod session;
pub(crate) mod state;
#[cfg(test)]
mod walks;
pub(crate) mod window;

use crate::route::Route;

pub(crate) use groups::react;

pub(crate) const TABLES: &[&[Route]] = &[
    policies::ROUTES,
    groups::ELIGIBILITY_ROUTES,
    groups::ASSIGNMENT_ROUTES,
    groups::APPROVAL_ROUTES,
];
