//! The group's own manifest and memory.

use pim_core::desired::{AdministrativeUnit, FoundUnit, Group, LastReport, Pause};
use pim_core::reason::Reason;
use pim_core::schedule::ByAccess;

use super::common::{created, lifecycle};
use super::manifests::Manifests;
use super::{identity, memory, template};
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;

/// The group as it should be.
pub fn group(manifests: &Manifests, statuses: &Statuses) -> Group {
    let object = &*manifests.group;
    let status = statuses.latest(object);
    let name = object_name(object);
    let spec = &object.spec;
    Group {
        key: identity::group_key(&manifests.tenant.spec.installation, &name),
        name,
        created: created(object),
        adopt: spec.adopt.as_ref().map(|group| group.id),
        rivals: manifests.rivals.clone(),
        tenant: spec.tenant_ref.name.clone(),
        boundary: spec.boundary_ref.name.clone(),
        client: manifests.tenant.spec.credential.client_id(),
        display_name: spec.display_name.clone(),
        description: spec.description.clone(),
        assignability: manifests.assignability(),
        administrative_unit: spec.administrative_unit_id.map(|id| AdministrativeUnit {
            id,
            found: FoundUnit::Unread(Reason::Progressing, "nobody has looked yet".to_owned()),
        }),
        policy: ByAccess {
            member: spec.policy.member.clone().unwrap_or_default(),
            owner: spec.policy.owner.clone().unwrap_or_default(),
        },
        template: template::template(manifests),
        mode: spec.policy.mode,
        undeclared: spec.undeclared.clone(),
        lifecycle: lifecycle(object),
        deletion_policy: spec.deletion_policy,
        previous_admission: memory::previous_admission(&status.conditions),
        // What differs since the template changed is nobody else's doing.
        last_report: if template::is_applied(manifests, &status) {
            memory::last_report(object, status.matched_generation)
        } else {
            LastReport::Differed
        },
        pause: match manifests.pause(object) {
            Pause::Running => Pause::Running,
            Pause::Paused | Pause::WithItsGroup => Pause::Paused,
        },
        last_seen: status.external_id,
        pending: status.pending_write.as_ref().map(memory::pending),
    }
}
