//! What is taken in a policy where the documentation leaves it open, as values for pure code.

use super::defaults::Family;
use super::rule::{Asking, Recipient, RuleId, Subject};
use crate::behaviours::Behaviours;
use crate::behaviours::pim::{
    APPROVAL_WITHOUT_APPROVER, APPROVER_RECIPIENTS, BARE_RULE_TARGET, BareRuleTarget,
    NULL_MAXIMUM_DURATION,
};

/// How strictly a PATCH is judged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strictness {
    /// Approval may be required although nobody is named.
    pub(super) approval_without_approver: bool,
    /// The rule for approvers of activations takes additional recipients.
    pub(super) approver_recipients: bool,
    /// A notification rule may come with a target that names neither caller nor level.
    pub(super) bare_target: bool,
    pub(super) null_duration: NullDuration,
}

/// What null means as the longest duration where an end is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NullDuration {
    #[default]
    Refused,
    /// The duration that stands is kept.
    Kept,
}

impl Strictness {
    /// As the switches say. Directory roles have default approvers, groups have none
    /// (learn.microsoft.com: groups-role-settings).
    pub(crate) fn of(behaviours: &Behaviours, family: Family) -> Self {
        Self {
            approval_without_approver: family == Family::DirectoryRole
                || behaviours.get(&APPROVAL_WITHOUT_APPROVER),
            approver_recipients: behaviours.get(&APPROVER_RECIPIENTS),
            bare_target: behaviours.get(&BARE_RULE_TARGET) == BareRuleTarget::LosesRules,
            null_duration: if behaviours.get(&NULL_MAXIMUM_DURATION) {
                NullDuration::Kept
            } else {
                NullDuration::Refused
            },
        }
    }

    /// Whether a notification rule takes recipients beside the default ones.
    pub(super) fn takes_recipients(self, id: RuleId) -> bool {
        self.approver_recipients
            || !(id.subject == Subject::Notification(Recipient::Approver)
                && id.asking == Asking::EndUser)
    }
}
