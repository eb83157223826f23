//! What may be written to a group at all, by whom.

use crate::call::Call;
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

use super::super::model::Group;
use super::super::permissions::ROLE_ASSIGNABLE;

/// Refuses every write to an object in a restricted management administrative unit
/// (learn.microsoft.com: admin-units-restricted-management; the text for applications is not published).
pub(crate) fn restricted(tenant: &Tenant, id: ObjectId) -> Result<(), GraphError> {
    if tenant.directory.is_management_restricted(id) {
        Err(GraphError::denied())
    } else {
        Ok(())
    }
}

/// Refuses writes that the directory masters elsewhere, or for which the caller lacks a permission.
pub(super) fn writable(tenant: &Tenant, call: &Call, group: &Group) -> Result<(), GraphError> {
    restricted(tenant, group.id)?;
    if group.is_synced() {
        return Err(GraphError::invalid(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
             currently undergoing migration.",
        ));
    }
    role_assignable(call, group)
}

pub(super) fn role_assignable(call: &Call, group: &Group) -> Result<(), GraphError> {
    if group.is_role_assignable() {
        call.require(ROLE_ASSIGNABLE)
    } else {
        Ok(())
    }
}
