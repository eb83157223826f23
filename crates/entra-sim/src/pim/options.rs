//! The open questions of the engine that groups and directory roles answer alike, as the switches say.

use super::engine::{ExtensionAnswer, Quirk};
use crate::behaviours::pim::{self as switches, CustomExtensionAnswer};
use crate::behaviours::{Behaviours, Switch};

/// Those of these quirks whose switch is on.
pub(crate) fn switched<'a>(
    behaviours: &'a Behaviours,
    quirks: &'a [(Quirk, &'static Switch<bool>)],
) -> impl Iterator<Item = Quirk> + 'a {
    let on = quirks.iter().filter(|(_, switch)| behaviours.get(switch));
    on.map(|(quirk, _)| *quirk)
}

/// The quirks that groups and directory roles share.
pub(crate) const SHARED: &[(Quirk, &Switch<bool>)] = &[
    (
        Quirk::YoungEligibilityStays,
        &switches::ELIGIBLE_FIVE_MINUTES,
    ),
    (
        Quirk::AssignOverActivation,
        &switches::ASSIGN_OVER_ACTIVATION,
    ),
    (
        Quirk::RemovalEndsActivation,
        &switches::REMOVE_ENDS_ACTIVATION,
    ),
    (Quirk::MfaForApplications, &switches::ADMIN_MFA_FOR_APPS),
];

pub(crate) fn extension_answer(behaviours: &Behaviours) -> ExtensionAnswer {
    match behaviours.get(&switches::CUSTOM_EXTENSION_ANSWER) {
        CustomExtensionAnswer::Approved => ExtensionAnswer::Approved,
        CustomExtensionAnswer::Denied => ExtensionAnswer::Denied,
        CustomExtensionAnswer::AutoApproved => ExtensionAnswer::AutoApproved,
    }
}
