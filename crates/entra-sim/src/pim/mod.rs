//! PIM for Groups: schedules, requests, instances and policies.

pub(crate) mod switches;

use jiff::Timestamp;

use crate::ids::{Access, ObjectId};
use crate::route::Route;
use crate::state::Tenant;

/// Operations of this area.
pub(crate) const ROUTES: &[Route] = &[];

/// What the PIM service knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {}

/// Lets time pass: starts, ends and purges what is due until `now`.
pub(crate) fn advance(_tenant: &mut Tenant, _now: Timestamp) {}

/// The groups API took a member or owner out.
pub(crate) fn on_member_removed(
    _tenant: &mut Tenant,
    _group: ObjectId,
    _access: Access,
    _principal: ObjectId,
) {
}

/// A group was deleted.
pub(crate) fn on_group_deleted(_tenant: &mut Tenant, _group: ObjectId) {}

/// A user was deleted.
pub(crate) fn on_principal_deleted(_tenant: &mut Tenant, _principal: ObjectId) {}
