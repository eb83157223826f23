//! Role bindings: the manifests, the roles that their names lead to, and their memory.

use pim_core::desired::Binding;
use pim_core::role::{RoleId, RoleScope, RoleTarget};
use pim_core::schedule::Schedule;

use super::common::{created, lifecycle, schedule, ticket};
use super::manifests::Manifests;
use super::memory;
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;
use crate::providers::Catalogues;

/// All role bindings of a group.
pub fn all(manifests: &Manifests, statuses: &Statuses, catalogues: &Catalogues) -> Vec<Binding> {
    let bindings = manifests.bindings();
    bindings
        .map(|object| {
            let status = statuses.latest(object);
            let role = object.spec.role();
            Binding {
                name: object_name(object),
                created: created(object),
                lifecycle: lifecycle(object),
                deletion_policy: object.spec.deletion_policy,
                previous_admission: memory::previous_admission(&status.conditions),
                last_report: memory::last_report(object, status.matched_generation),
                system: role.system,
                role_name: role.role.to_owned(),
                scope: RoleScope::of(role.system, &role.scope),
                condition: object.spec.condition().map(str::to_owned),
                role: catalogues.find(&role),
                kind: object.spec.assignment,
                schedule: object
                    .spec
                    .schedule
                    .as_ref()
                    .map_or(Schedule::LASTING, schedule),
                justification: object.spec.justification.clone(),
                ticket: object.spec.ticket.as_ref().map(ticket),
                // Whoever wrote it by hand may have used another case.
                bound: status.external_id.map(|id| RoleTarget {
                    system: role.system,
                    role: RoleId::new(id.as_str().to_lowercase()),
                    scope: RoleScope::of(role.system, &role.scope),
                }),
                first_bound: status.first_bound.as_ref().map(|time| time.0),
                sent: memory::sent(status.last_write.as_ref(), status.request.as_ref()),
                pause: manifests.pause(object),
                readability: lenient::readability(object),
            }
        })
        .collect()
}
