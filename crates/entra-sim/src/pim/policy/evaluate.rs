//! What a policy says to a request: the names of all rules it breaks.
//!
//! learn.microsoft.com: identity-governance-pim-rules-overview says which rule judges which request; the names in the
//! answer are those that clients report.

use super::model::Policy;
use super::rule::{Reason, Requirement, RuleId, Setting};
use crate::pim::refusal::FailedRule;
use crate::pim::window::ScheduleWindow;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Brought {
    pub(crate) window: ScheduleWindow,
    pub(crate) justified: bool,
    pub(crate) ticketed: bool,
    /// The caller has proved a second factor, or the service does not ask this caller for one.
    pub(crate) multi_factor: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// An administrator makes somebody eligible.
    Eligible,
    /// An administrator assigns.
    Active,
    /// Somebody activates.
    Activation,
}

impl Occasion {
    const fn rules(self) -> (RuleId, RuleId) {
        match self {
            Self::Eligible => (RuleId::ELIGIBLE_EXPIRATION, RuleId::ELIGIBLE_ENABLEMENT),
            Self::Active => (RuleId::ACTIVE_EXPIRATION, RuleId::ACTIVE_ENABLEMENT),
            Self::Activation => (RuleId::ACTIVATION_EXPIRATION, RuleId::ACTIVATION_ENABLEMENT),
        }
    }
}

/// Every rule that the request breaks, in the order of their names in the service's message.
pub(crate) fn failed_rules(
    policy: &Policy,
    occasion: Occasion,
    brought: &Brought,
) -> Vec<FailedRule> {
    let (expiration, enablement) = occasion.rules();
    let mut failed = Vec::new();
    if breaks_expiration(policy, expiration, occasion, brought.window) {
        failed.push(FailedRule::Expiration);
    }
    for requirement in policy.requirements(enablement) {
        let (met, rule) = match requirement {
            Requirement::Justification => (brought.justified, FailedRule::Justification),
            Requirement::Ticketing => (brought.ticketed, FailedRule::Ticketing),
            Requirement::MultiFactorAuthentication => (brought.multi_factor, FailedRule::Mfa),
        };
        if !met {
            failed.push(rule);
        }
    }
    let asks_reason = occasion == Occasion::Activation
        && policy
            .approval()
            .is_some_and(|approval| approval.requestor == Reason::Demanded);
    if asks_reason && !brought.justified && !failed.contains(&FailedRule::Justification) {
        failed.push(FailedRule::Justification);
    }
    failed.sort();
    failed
}

/// An activation always ends, whatever its rule says.
fn breaks_expiration(
    policy: &Policy,
    id: RuleId,
    occasion: Occasion,
    window: ScheduleWindow,
) -> bool {
    let Some(Setting::Expiration { required, maximum }) = policy.rule(id).map(|rule| &rule.setting)
    else {
        return false;
    };
    if !required && occasion != Occasion::Activation {
        return false;
    }
    match (window.length(), maximum) {
        (None, _) => true,
        (Some(length), Some(maximum)) => length > maximum.length(),
        (Some(_), None) => false,
    }
}
