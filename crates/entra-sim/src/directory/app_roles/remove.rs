//! Taking a role back: one that is asked for, or all that a principal had.

use jiff::Timestamp;

use crate::call::{Answered, Call, Reply};
use crate::error::GraphError;
use crate::ids::ObjectId;
use crate::state::Tenant;

use super::super::model::PrincipalKind;
use super::assignment::{Outcome, Side, effect, named};

pub(super) fn remove(
    tenant: &mut Tenant,
    call: &Call,
    kind: PrincipalKind,
    side: Side,
) -> Answered {
    let id = named(tenant, call, kind)?;
    let key = call.param("assignment");
    let found = tenant.directory.app_role_assignments.get(key);
    if found.is_none_or(|one| side.of(one) != id) {
        return Err(GraphError::not_found(key));
    }
    drop_one(tenant, key, call.now);
    Ok(Reply::no_content())
}

fn drop_one(tenant: &mut Tenant, key: &str, at: Timestamp) {
    if let Some(one) = tenant.directory.app_role_assignments.remove(key)
        && let Some(effect) = effect(tenant, &one, Outcome::Unassigned)
    {
        tenant.effect(at, effect);
    }
}

/// Takes every application role from a principal that is gone for good.
pub(crate) fn withdraw(tenant: &mut Tenant, principal: ObjectId, at: Timestamp) {
    let keys: Vec<String> = tenant
        .directory
        .app_role_assignments
        .values()
        .filter(|one| one.principal == principal)
        .map(|one| one.id.clone())
        .collect();
    for key in keys {
        drop_one(tenant, &key, at);
    }
}
