//! The open questions of the engine that groups and directory roles answer alike, as the switches say.

use super::engine::{Custom, ExtensionAnswer};
use crate::behaviours::pim::{self as switches, CustomExtensionAnswer};
use crate::behaviours::{Behaviours, Switch};

/// Those of these customs whose switch is on.
pub(crate) fn switched<'a>(
    behaviours: &'a Behaviours,
    customs: &'a [(Custom, &'static Switch<bool>)],
) -> impl Iterator<Item = Custom> + 'a {
    let on = customs.iter().filter(|(_, switch)| behaviours.get(switch));
    on.map(|(custom, _)| *custom)
}

/// The customs that groups and directory roles share.
pub(crate) const SHARED: &[(Custom, &Switch<bool>)] = &[
    (
        Custom::YoungEligibilityStays,
        &switches::ELIGIBLE_FIVE_MINUTES,
    ),
    (
        Custom::AssignOverActivation,
        &switches::ASSIGN_OVER_ACTIVATION,
    ),
    (
        Custom::RemovalEndsActivation,
        &switches::REMOVE_ENDS_ACTIVATION,
    ),
    (Custom::MfaForApplications, &switches::ADMIN_MFA_FOR_APPS),
];

pub(crate) fn extension_answer(behaviours: &Behaviours) -> ExtensionAnswer {
    match behaviours.get(&switches::CUSTOM_EXTENSION_ANSWER) {
        CustomExtensionAnswer::Approved => ExtensionAnswer::Approved,
        CustomExtensionAnswer::Denied => ExtensionAnswer::Denied,
        CustomExtensionAnswer::AutoApproved => ExtensionAnswer::AutoApproved,
    }
}
