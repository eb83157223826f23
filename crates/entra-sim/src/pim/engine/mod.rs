//! The schedule engine: requests make schedules, schedules come into force and end.
//!
//! One engine serves every area that PIM manages; an area says through [`Privilege`] what is held there and what its
//! ids look like. The engine is pure: it knows neither tenant nor HTTP, time and fresh ids are handed in, and what it
//! did is told in [`Change`]s that the area carries out (memberships, role assignments, journal). Facts:
//! learn.microsoft.com, privilegedidentitymanagement-for-groups-api-overview and the pages of the request types.

mod approval;
mod change;
mod clock;
mod decide;
mod deferral;
mod due;
mod json;
mod lifecycle;
mod options;
mod record;
mod request;
mod review;
mod schedule;
mod store;
mod submit;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use change::{Change, Force, Note};
pub(crate) use json::{instance, request, schedule};
pub(crate) use options::{EngineOptions, ExtensionAnswer, FiveMinutes, Quirk};
pub(crate) use record::{RequestRecord, Status};
pub(crate) use request::{Action, Creator, Mode, Request, Session, needed, needed_id};
pub(crate) use review::{ApprovalRecord, Review, Verdict};
pub(crate) use schedule::{Holding, Kind, Phase, Privilege, Schedule, Via};
pub(crate) use store::{Lookup, Store};
pub(crate) use terms::{Deferral, Fresh, Removal, Standing, Terms};
