//! The operations of PIM, written once for every [`Area`](super::area::Area): requests, lists, rows, and what follows
//! from schedules. Nothing here may know groups or directory roles.

pub(crate) mod lists;
pub(crate) mod mirror;
pub(crate) mod requests;
pub(crate) mod reviewers;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod submit;
