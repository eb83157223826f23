//! The rules of a PIM policy in one canonical form, so that two policies are compared by meaning and never by text.
//! What a manifest says about them is in `settings`; how the service writes them is the client's business.
//!
//! The 17 rules and their defaults for groups: learn.microsoft.com, "policyroot-list-rolemanagementpolicyassignments",
//! examples 3 and 4.

mod by;
mod key;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::duration::Length;
use crate::ids::{AuthenticationContextId, ExtensionId, PrincipalId, RuleId};

pub use by::{ByRecipient, ByTarget};
pub use key::{Recipient, RuleKey, RuleTarget};

/// How long an assignment or activation may last.
#[derive(Debug, Clone, Copy, Eq)]
pub struct Expiration {
    /// Whether it must end at all.
    pub required: bool,
    /// The longest window; none when the service names none that can be read.
    pub maximum: Option<Length>,
}

impl PartialEq for Expiration {
    /// A maximum means nothing while no end is required.
    fn eq(&self, other: &Self) -> bool {
        self.required == other.required && (!self.required || self.maximum == other.maximum)
    }
}

/// What must be given to activate or to assign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// A fresh multi-factor sign-in of the person who activates or assigns.
    MultiFactorAuthentication,
    /// A written reason.
    Justification,
    /// Number and system of a ticket.
    Ticketing,
    /// Something that this version does not know.
    Other(String),
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MultiFactorAuthentication => "MultiFactorAuthentication",
            Self::Justification => "Justification",
            Self::Ticketing => "Ticketing",
            Self::Other(name) => name,
        })
    }
}

/// A principal who may approve an activation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approver {
    /// One user, by object id.
    User(PrincipalId),
    /// Any member of a group.
    Group(PrincipalId),
    /// A kind of approver that manifests cannot name, such as a manager.
    Other(String),
}

impl fmt::Display for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "User {id}"),
            Self::Group(id) => write!(f, "Group {id}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Whether and by whom an activation is approved.
#[derive(Debug, Clone, Eq)]
pub struct Approval {
    /// Whether an activation waits for an approver.
    pub required: bool,
    /// The principals who may approve.
    pub approvers: BTreeSet<Approver>,
    /// Whether the approver must give a reason.
    pub approver_justification: bool,
}

impl PartialEq for Approval {
    /// The service keeps approvers when approval is switched off; then they mean nothing.
    fn eq(&self, other: &Self) -> bool {
        self.required == other.required
            && (!self.required
                || (self.approvers == other.approvers
                    && self.approver_justification == other.approver_justification))
    }
}

/// Which mails are sent.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[schemars(inline)]
pub enum NotificationLevel {
    /// Every mail.
    All,
    /// Only those that ask somebody to act.
    Critical,
    /// None.
    None,
}

/// Who gets the mails of one occasion, and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Whether the service's own choice of recipients gets it.
    pub default_recipients: bool,
    /// Further addresses, in lower case.
    pub recipients: BTreeSet<String>,
    /// Which of the mails are sent to them.
    pub level: NotificationLevel,
}

/// One of the 17 rules with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Whether assignments or activations must end, and the longest window.
    Expiration(Expiration),
    /// What must be given to activate or to assign.
    Enablement(BTreeSet<Requirement>),
    /// Whether and by whom activations are approved.
    Approval(Approval),
    /// The authentication context that an activation demands, if any.
    AuthenticationContext(Option<AuthenticationContextId>),
    /// Who gets the mails of one occasion.
    Notification(Notification),
}

/// A rule that is none of the 17: shown and judged, never written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// The id of the rule, as the service writes it.
    pub id: RuleId,
    /// What it says of itself.
    pub state: UnknownRuleState,
    /// What an activation calls by it, if it is a rule of a custom extension and names one.
    pub extension: Option<Extension>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, extension, .. } = self;
        let Some(Extension { id: called, name }) = extension else {
            return write!(f, "{id}");
        };
        match name {
            Some(name) => write!(f, "{id} (extension {name:?}, {called})"),
            None => write!(f, "{id} (extension {called})"),
        }
    }
}

/// A custom extension of the tenant, as a rule names it (learn.microsoft.com:
/// `unifiedRoleManagementPolicyCustomExtensionRule`). What it answers may approve an activation without anybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its id in the tenant.
    pub id: ExtensionId,
    /// What it is called there, as far as the rule says.
    pub name: Option<String>,
}

/// Whether an unknown rule says that it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownRuleState {
    /// It says `isEnabled: false`, which means the same as its absence.
    Off,
    /// It is on, or does not say.
    OnOrSilent,
}

/// All 17 rules of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether assignments and activations must end, and their longest window.
    pub expiration: ByTarget<Expiration>,
    /// What must be given to activate or to assign.
    pub enablement: ByTarget<BTreeSet<Requirement>>,
    /// Whether and by whom activations are approved.
    pub approval: Approval,
    /// The authentication context of activations.
    pub authentication_context: Option<AuthenticationContextId>,
    /// Who gets which mails, by occasion and recipient.
    pub notification: ByTarget<ByRecipient<Notification>>,
}

impl Rules {
    /// What the service gives an untouched policy of a group.
    pub fn defaults() -> Self {
        let ends = |maximum| Expiration {
            required: true,
            maximum: Some(maximum),
        };
        let everything = || Notification {
            default_recipients: true,
            recipients: BTreeSet::new(),
            level: NotificationLevel::All,
        };
        let mails = || ByRecipient {
            admin: everything(),
            requestor: everything(),
            approver: everything(),
        };
        Self {
            expiration: ByTarget {
                eligible: ends(Length::days(365)),
                active: ends(Length::days(180)),
                activation: ends(Length::hours(8)),
            },
            enablement: ByTarget {
                eligible: BTreeSet::new(),
                active: BTreeSet::from([Requirement::Justification]),
                activation: BTreeSet::from([Requirement::Justification]),
            },
            approval: Approval {
                required: false,
                approvers: BTreeSet::new(),
                approver_justification: true,
            },
            authentication_context: None,
            notification: ByTarget {
                eligible: mails(),
                active: mails(),
                activation: mails(),
            },
        }
    }

    /// The rule under a key.
    pub fn rule(&self, key: RuleKey) -> Rule {
        match key {
            RuleKey::Expiration(target) => Rule::Expiration(*self.expiration.get(target)),
            RuleKey::Enablement(target) => Rule::Enablement(self.enablement.get(target).clone()),
            RuleKey::Approval => Rule::Approval(self.approval.clone()),
            RuleKey::AuthenticationContext => {
                Rule::AuthenticationContext(self.authentication_context.clone())
            }
            RuleKey::Notification(recipient, target) => {
                Rule::Notification(self.notification.get(target).get(recipient).clone())
            }
        }
    }

    /// Replaces the rule under a key. A value of another shape than the key's is left out: it cannot be meant.
    pub fn set(&mut self, key: RuleKey, rule: Rule) {
        match (key, rule) {
            (RuleKey::Expiration(target), Rule::Expiration(value)) => {
                *self.expiration.get_mut(target) = value;
            }
            (RuleKey::Enablement(target), Rule::Enablement(value)) => {
                *self.enablement.get_mut(target) = value;
            }
            (RuleKey::Approval, Rule::Approval(value)) => self.approval = value,
            (RuleKey::AuthenticationContext, Rule::AuthenticationContext(value)) => {
                self.authentication_context = value;
            }
            (RuleKey::Notification(recipient, target), Rule::Notification(value)) => {
                *self.notification.get_mut(target).get_mut(recipient) = value;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
pub mod properties;
#[cfg(test)]
mod tests;
