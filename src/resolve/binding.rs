//! Role bindings: the manifests, the roles that their names lead to, and their memory.

use pim_core::desired::Binding;
use pim_core::ids::DirectoryScope;

use super::common::{created, lifecycle};
use super::manifests::Manifests;
use super::memory;
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::adapters::wish::object_name;
use crate::reader::RoleDirectory;

/// All role bindings of a group.
pub fn all(manifests: &Manifests, statuses: &Statuses, roles: &RoleDirectory) -> Vec<Binding> {
    let bindings = manifests.bindings();
    bindings
        .map(|object| {
            let status = statuses.latest(object);
            let role = &object.spec.directory_role;
            Binding {
                name: object_name(object),
                created: created(object),
                lifecycle: lifecycle(object),
                previous_admission: memory::previous_admission(&status.conditions),
                last_report: memory::last_report(object, status.matched_generation),
                role_name: role.role.clone(),
                role: roles.find(&role.role),
                scope: DirectoryScope::new(role.scope.clone()),
                justification: object.spec.justification.clone(),
                bound: status.external_id,
                sent: memory::sent(status.last_write.as_ref(), status.request.as_ref()),
                pause: manifests.pause(object),
                readability: lenient::readability(object),
            }
        })
        .collect()
}
