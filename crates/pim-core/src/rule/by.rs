//! One value for each target or recipient of a rule.

use super::key::{Recipient, RuleTarget};

/// One value for each target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByTarget<T> {
    /// The value for making somebody eligible.
    pub eligible: T,
    /// The value for making somebody active.
    pub active: T,
    /// The value for activating.
    pub activation: T,
}

impl<T> ByTarget<T> {
    /// The value of a target.
    pub fn get(&self, target: RuleTarget) -> &T {
        match target {
            RuleTarget::Eligible => &self.eligible,
            RuleTarget::Active => &self.active,
            RuleTarget::Activation => &self.activation,
        }
    }

    /// The value of a target, to change.
    pub fn get_mut(&mut self, target: RuleTarget) -> &mut T {
        match target {
            RuleTarget::Eligible => &mut self.eligible,
            RuleTarget::Active => &mut self.active,
            RuleTarget::Activation => &mut self.activation,
        }
    }
}

/// One value for each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByRecipient<T> {
    /// The value for administrators.
    pub admin: T,
    /// The value for the person concerned.
    pub requestor: T,
    /// The value for approvers.
    pub approver: T,
}

impl<T> ByRecipient<T> {
    /// The value of a recipient.
    pub fn get(&self, recipient: Recipient) -> &T {
        match recipient {
            Recipient::Admin => &self.admin,
            Recipient::Requestor => &self.requestor,
            Recipient::Approver => &self.approver,
        }
    }

    /// The value of a recipient, to change.
    pub fn get_mut(&mut self, recipient: Recipient) -> &mut T {
        match recipient {
            Recipient::Admin => &mut self.admin,
            Recipient::Requestor => &mut self.requestor,
            Recipient::Approver => &mut self.approver,
        }
    }
}
