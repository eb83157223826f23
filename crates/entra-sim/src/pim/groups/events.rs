//! What PIM for Groups does when time passes or the directory changes.

use crate::behaviours::pim::MEMBERS_API_ENDS_PIM;
use crate::ids::{Access, ObjectId};
use crate::pim::access::GroupAccess;
use crate::pim::engine::Holding;
use crate::pim::operations::mirror;
use crate::state::{Event, Tenant};

pub(crate) fn react(tenant: &mut Tenant, event: &Event<'_>) {
    match *event {
        Event::HolderRemoved {
            group,
            access,
            principal,
        } => member_removed(tenant, group, access, principal),
        Event::GroupDeleted(group) => group_deleted(tenant, group),
        _ => mirror::react::<GroupAccess>(tenant, event),
    }
}

/// The groups API took a member or owner out, which overrides PIM.
fn member_removed(tenant: &mut Tenant, group: ObjectId, access: Access, principal: ObjectId) {
    if tenant.behaviours.get(&MEMBERS_API_ENDS_PIM) {
        let holding = Holding::active(GroupAccess { group, access }, principal);
        mirror::overridden(tenant, &holding, tenant.now());
    }
}

/// A group was deleted: what it gave ends, and its settings are forgotten.
fn group_deleted(tenant: &mut Tenant, group: ObjectId) {
    let now = tenant.now();
    for change in tenant.pim.store.scope_deleted(&group, now) {
        mirror::note(tenant, &change);
    }
    tenant.pim.policies.forget_group(group);
    tenant.pim.onboarded.remove(&group);
}
