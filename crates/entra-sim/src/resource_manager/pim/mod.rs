//! PIM for Azure resources: the engine of the other areas, asked in the way of the Resource Manager
//! (learn.microsoft.com: "Role Eligibility Schedule Requests" and their kind, REST API 2020-10-01).
//!
//! | Module | What |
//! | --- | --- |
//! | [`privilege`] | a role at a scope, as the engine sees it |
//! | [`area`] | what this area does in its own way |
//! | [`requests`] | asking for something, and withdrawing it |
//! | [`lists`] | requests, schedules and instances at a scope |
//! | [`rows`] | how they are written |
//! | [`policies`] | the settings of a role at a scope |
//! | [`policy_assignments`] | which settings are in force for which role |
//! | [`rules`] | how their rules are written here |

mod area;
pub(super) mod lists;
pub(super) mod policies;
pub(super) mod policy_assignments;
pub(crate) mod privilege;
pub(super) mod requests;
mod rows;
mod rules;

pub(crate) use area::react;
