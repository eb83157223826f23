//! One value for each target or recipient of a rule.

use super::key::{Recipient, Target};

/// One value for each target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByTarget<T> {
    /// For making eligible.
    pub eligible: T,
    /// For making active.
    pub active: T,
    /// For activating.
    pub activation: T,
}

impl<T> ByTarget<T> {
    /// The value of a target.
    pub fn get(&self, target: Target) -> &T {
        match target {
            Target::Eligible => &self.eligible,
            Target::Active => &self.active,
            Target::Activation => &self.activation,
        }
    }

    /// The value of a target, to change.
    pub fn get_mut(&mut self, target: Target) -> &mut T {
        match target {
            Target::Eligible => &mut self.eligible,
            Target::Active => &mut self.active,
            Target::Activation => &mut self.activation,
        }
    }
}

/// One value for each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByRecipient<T> {
    /// Administrators.
    pub admin: T,
    /// The person concerned.
    pub requestor: T,
    /// Approvers.
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
