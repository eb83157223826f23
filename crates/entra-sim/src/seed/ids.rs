//! Ids of what a seed makes: stable ones where none is given, and none twice.

use uuid::Uuid;

use super::model::Error;
use crate::ids::{ObjectId, stable_guid};
use crate::state::Tenant;

/// The GUID of a name: the same at every start.
pub(super) fn stable(tenant: &Tenant, kind: &str, name: &str) -> Uuid {
    stable_guid(&format!("{}/{kind}/{}", tenant.id, name.to_lowercase()))
}

pub(super) fn free(tenant: &Tenant, id: ObjectId) -> Result<(), Error> {
    if tenant.directory.principal(id).is_some() || tenant.directory.units.contains_key(&id) {
        Err(Error::Twice(id.uuid()))
    } else {
        Ok(())
    }
}
