//! Directory roles: definitions, assignments, schedules, policies.

pub(crate) mod switches;

use jiff::Timestamp;

use crate::ids::ObjectId;
use crate::route::Route;
use crate::state::Tenant;

/// Operations of this area.
pub(crate) const ROUTES: &[Route] = &[];

/// What the role service knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {}

/// Lets time pass: starts, ends and purges what is due until `now`.
pub(crate) fn advance(_tenant: &mut Tenant, _now: Timestamp) {}

/// A user, group or service principal was deleted.
pub(crate) fn on_principal_deleted(_tenant: &mut Tenant, _principal: ObjectId) {}
