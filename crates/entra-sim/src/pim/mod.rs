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
pub(crate) mod customs;
pub(crate) mod engine;
pub(crate) mod groups;
pub(crate) mod operations;
pub(crate) mod period;
pub(crate) mod policies;
pub(crate) mod policy;
pub(crate) mod refusal;
pub(crate) mod session;
pub(crate) mod switches;
#[cfg(test)]
mod walks;
pub(crate) mod window;

use std::collections::BTreeSet;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ids::{Access, ObjectId};
use crate::route::Route;
use crate::state::Tenant;
use access::GroupAccess;
use engine::Store;
use operations::mirror;
use policies::Policies;

/// Operations of this area.
pub(crate) const AREAS: &[&[Route]] = &[
    policies::ROUTES,
    groups::ELIGIBILITY_ROUTES,
    groups::ASSIGNMENT_ROUTES,
    groups::APPROVAL_ROUTES,
];

/// A GUID that follows from a name, for what has the same id at every look.
pub(crate) fn stable_guid(name: &str) -> Uuid {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// What the PIM service knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) store: Store<GroupAccess>,
    /// Policies of groups and of directory roles.
    pub(crate) policies: Policies,
    /// Groups that PIM manages. There is no way back (learn.microsoft.com: groups-discover-groups).
    pub(crate) onboarded: BTreeSet<ObjectId>,
}

/// Lets time pass: starts, ends and purges what is due until `now`.
pub(crate) fn advance(tenant: &mut Tenant, now: Timestamp) {
    mirror::advance::<GroupAccess>(tenant, now);
}

/// The groups API took a member or owner out.
pub(crate) fn on_member_removed(
    tenant: &mut Tenant,
    group: ObjectId,
    access: Access,
    principal: ObjectId,
) {
    groups::member_removed(tenant, group, access, principal);
}

/// A group was deleted.
pub(crate) fn on_group_deleted(tenant: &mut Tenant, group: ObjectId) {
    groups::group_deleted(tenant, group);
}

/// A principal was deleted.
pub(crate) fn on_principal_deleted(tenant: &mut Tenant, principal: ObjectId) {
    mirror::principal_deleted::<GroupAccess>(tenant, principal);
}

/// A principal came back from the deleted items.
pub(crate) fn on_principal_restored(tenant: &mut Tenant, principal: ObjectId) {
    mirror::principal_restored::<GroupAccess>(tenant, principal);
}
