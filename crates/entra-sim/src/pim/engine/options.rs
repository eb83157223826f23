//! The options of an area: switches as values.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

/// Whom the rule of five minutes protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FiveMinutes {
    Schedule,
    /// Everything of the principal that gives the same privilege.
    Privilege,
    /// Every schedule of the principal.
    Principal,
}

/// What an extension that is asked before approval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtensionAnswer {
    Approved,
    Denied,
    AutoApproved,
}

/// A quirk of the service that applies or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quirk {
    /// A young assignment can not be changed either, not only not be ended.
    YoungCanNotChange,
    /// The rule of five minutes protects eligibilities as well.
    YoungEligibilityStays,
    /// An administrator may assign what is held outside of PIM.
    AssignOverStanding,
    /// What is held outside of PIM can be changed and removed through PIM.
    ChangeStanding,
    /// An administrator may assign while an activation runs.
    AssignOverActivation,
    /// The end of an eligibility ends the activation that used it.
    RemovalEndsActivation,
    /// Where assignments demand a second factor, applications are refused.
    MfaForApplications,
}

/// The options of one area where the service's behaviour is open or differs: switches as values.
#[derive(Clone, Debug)]
pub(crate) struct EngineOptions {
    /// How long lists lag behind a grant.
    pub(crate) grant_lag: SignedDuration,
    /// How long lists lag behind a removal.
    pub(crate) removal_lag: SignedDuration,
    pub(crate) five_minutes: FiveMinutes,
    /// What applies of the rest.
    pub(crate) applying: BTreeSet<Quirk>,
    /// How long finished requests are kept.
    pub(crate) retention: SignedDuration,
    pub(crate) extension: ExtensionAnswer,
}

impl EngineOptions {
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.applying.contains(&quirk)
    }
}

/// When a request that finishes at `at` is forgotten.
pub(super) fn purge_at(at: Timestamp, options: &EngineOptions) -> Timestamp {
    at.saturating_add(options.retention)
        .unwrap_or(Timestamp::MAX)
}
