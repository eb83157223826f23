//! The group's own manifest and memory.

use pim_core::desired::Group;
use pim_core::schedule::ByAccess;

use super::{Manifests, identity, lifecycle, settlement, standing};
use crate::adapters::kinds::object_name;
use crate::adapters::status::Statuses;

/// The group as it should be.
pub fn group(manifests: &Manifests, statuses: &Statuses) -> Group {
    let object = &*manifests.group;
    let status = statuses.latest(object);
    let name = object_name(object);
    let spec = &object.spec;
    Group {
        key: identity::group_key(&manifests.tenant.spec.installation, &name),
        name,
        tenant: spec.tenant_ref.name.clone(),
        display_name: spec.display_name.clone(),
        description: spec.description.clone(),
        assignability: manifests.assignability(),
        policy: ByAccess {
            member: spec.policy.member.clone().unwrap_or_default(),
            owner: spec.policy.owner.clone().unwrap_or_default(),
        },
        mode: spec.policy.mode,
        lifecycle: lifecycle(object),
        standing: standing(&status.conditions),
        settlement: settlement(object, &status.conditions),
        last_seen: status.external_id,
        creation_begun: status.pending_write.map(|pending| pending.since.0),
    }
}
