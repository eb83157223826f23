//! Who is in an administrative unit: every change of it, with its effect. Whether it may be is judged elsewhere.

use jiff::Timestamp;

use crate::ids::ObjectId;
use crate::journal::Effect;
use crate::state::Tenant;

/// Puts a member into a unit; `false` when it is there already.
pub(super) fn put(tenant: &mut Tenant, unit: ObjectId, member: ObjectId, at: Timestamp) -> bool {
    let units = &mut tenant.directory.units;
    let added = units
        .get_mut(&unit)
        .is_some_and(|unit| unit.members.insert(member));
    if added {
        tenant.effect(at, Effect::UnitMemberAdded { unit, member });
    }
    added
}

/// Takes a member out of a unit; `false` when it is not there.
pub(super) fn take(tenant: &mut Tenant, unit: ObjectId, member: ObjectId, at: Timestamp) -> bool {
    let units = &mut tenant.directory.units;
    let removed = units
        .get_mut(&unit)
        .is_some_and(|unit| unit.members.remove(&member));
    if removed {
        tenant.effect(at, Effect::UnitMemberRemoved { unit, member });
    }
    removed
}
