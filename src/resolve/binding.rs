//! Role bindings: the manifests, the roles that their names lead to, and their memory.

use jiff::Timestamp;
use kube::Resource;
use pim_core::desired::Binding;
use pim_core::ids::DirectoryScope;

use super::{Manifests, lifecycle, memory};
use crate::adapters::kinds::object_name;
use crate::adapters::lenient;
use crate::adapters::status::Statuses;
use crate::reader::RoleDirectory;

/// All role bindings of a group.
pub fn all(manifests: &Manifests, statuses: &Statuses, roles: &RoleDirectory) -> Vec<Binding> {
    let bindings = manifests.bindings.iter();
    bindings
        .map(|object| {
            let status = statuses.latest(&**object);
            let role = &object.spec.directory_role;
            Binding {
                name: object_name(&**object),
                created: created(&**object),
                lifecycle: lifecycle(&**object),
                standing: memory::standing(&status.conditions),
                settlement: memory::settlement(&**object, status.matched_generation),
                role_name: role.role.clone(),
                role: roles.find(&role.role),
                scope: DirectoryScope::new(role.scope.clone()),
                justification: object.spec.justification.clone(),
                bound: status.external_id,
                sent: memory::sent(status.last_write.as_ref(), status.request.as_ref()),
                pause: manifests.pause(&**object),
                readability: lenient::readability(&**object),
            }
        })
        .collect()
}

/// When an object was made.
pub fn created<K: Resource>(object: &K) -> Timestamp {
    object
        .meta()
        .creation_timestamp
        .as_ref()
        .map_or(Timestamp::UNIX_EPOCH, |time| time.0)
}
