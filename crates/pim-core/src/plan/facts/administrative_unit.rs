//! Whether a group can be in the administrative unit that its object names.

use crate::desired::{AdministrativeUnit, FoundUnit, Group};
use crate::reason::Reason;
use crate::verdict::State;

/// Why nothing is made or given because of the unit that is named, if so. PIM manages no group in a unit with restricted
/// management (learn.microsoft.com: admin-units-restricted-management).
pub fn refusal(group: &Group) -> Option<State> {
    let AdministrativeUnit { id, found } = group.administrative_unit.as_ref()?;
    let stuck = |reason, what: &str| {
        let message = format!(
            "administrative unit {id}, which spec.administrativeUnitId names, {what}; recreate this object with another one, or without"
        );
        Some(State::stuck(reason, message))
    };
    match found {
        FoundUnit::Open => None,
        FoundUnit::Restricted => stuck(
            Reason::InvalidSpec,
            "has restricted management, and the service lets PIM manage no group in it",
        ),
        FoundUnit::Missing => stuck(Reason::ReferenceNotFound, "does not exist in the tenant"),
        FoundUnit::Unread(reason, why) => {
            let message = format!("administrative unit {id} cannot be read: {why}");
            Some(State::waiting(*reason, message))
        }
    }
}
