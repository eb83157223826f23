//! Names of what the operator makes, which follow from what it gives to whom, so that it is known again without a note. They
//! never change: what was made under them would be somebody else's.

use pim_core::ids::GroupId;
use pim_core::role::RoleTarget;
use uuid::Uuid;

/// The id, within a family of names, for a role of a group.
pub(super) fn id(family: &str, group: GroupId, target: &RoleTarget) -> Uuid {
    let family = Uuid::new_v5(&Uuid::NAMESPACE_URL, family.as_bytes());
    let key = format!("{}|{group}|{}", target.scope, target.role);
    Uuid::new_v5(&family, key.as_bytes())
}
