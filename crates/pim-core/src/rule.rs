//! The rules of a PIM policy in one canonical form, so that two policies are compared by meaning and never by text.
//! What a manifest says about them is in `settings`; how the service writes them is the client's business.
//!
//! The 17 rules and their defaults for groups: learn.microsoft.com, "policyroot-list-rolemanagementpolicyassignments",
//! examples 3 and 4.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::duration::Length;
use crate::ids::{AuthenticationContextId, PrincipalId, RuleId};

/// What a rule governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An administrator makes somebody eligible.
    Eligible,
    /// An administrator makes somebody active.
    Active,
    /// An eligible person activates.
    Activation,
}

impl Target {
    /// All three, in the order in which the service lists them.
    pub const ALL: [Self; 3] = [Self::Eligible, Self::Active, Self::Activation];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Eligible => "Admin_Eligibility",
            Self::Active => "Admin_Assignment",
            Self::Activation => "EndUser_Assignment",
        }
    }
}

/// Who gets a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// Administrators: for a group its permanent owners.
    Admin,
    /// The person concerned.
    Requestor,
    /// Approvers.
    Approver,
}

impl Recipient {
    /// All three, in the order in which the service lists them.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Requestor, Self::Approver];

    /// The name in rule ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Requestor => "Requestor",
            Self::Approver => "Approver",
        }
    }
}

/// Which of the 17 rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKey {
    /// How long, and whether for ever.
    Expiration(Target),
    /// What must be given.
    Enablement(Target),
    /// Who approves an activation.
    Approval,
    /// The authentication context of an activation.
    AuthenticationContext,
    /// Who gets which mail.
    Notification(Recipient, Target),
}

impl RuleKey {
    /// All 17, in the order in which they are written: what may conflict with an authentication context goes before it.
    pub fn all() -> impl Iterator<Item = Self> {
        let expiration = Target::ALL.into_iter().map(Self::Expiration);
        let enablement = Target::ALL.into_iter().map(Self::Enablement);
        let notification = Target::ALL
            .into_iter()
            .flat_map(|target| Recipient::ALL.into_iter().map(move |recipient| Self::Notification(recipient, target)));
        expiration.chain(enablement).chain([Self::Approval]).chain(notification).chain([Self::AuthenticationContext])
    }

    /// The id that the service gives the rule.
    pub fn id(self) -> RuleId {
        RuleId::new(match self {
            Self::Expiration(target) => format!("Expiration_{}", target.suffix()),
            Self::Enablement(target) => format!("Enablement_{}", target.suffix()),
            Self::Approval => "Approval_EndUser_Assignment".to_owned(),
            Self::AuthenticationContext => "AuthenticationContext_EndUser_Assignment".to_owned(),
            Self::Notification(recipient, target) => format!("Notification_{}_{}", recipient.name(), target.suffix()),
        })
    }

    /// The rule that bears the id, if it is one of the 17.
    pub fn from_id(id: &RuleId) -> Option<Self> {
        Self::all().find(|key| key.id().as_str().eq_ignore_ascii_case(id.as_str()))
    }
}

impl fmt::Display for RuleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(f)
    }
}

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
pub enum Given {
    /// A fresh multi-factor sign-in.
    MultiFactorAuthentication,
    /// A reason in words.
    Justification,
    /// Number and system of a ticket.
    Ticketing,
    /// Something that this version does not know.
    Other(String),
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MultiFactorAuthentication => "MultiFactorAuthentication",
            Self::Justification => "Justification",
            Self::Ticketing => "Ticketing",
            Self::Other(name) => name,
        })
    }
}

/// Somebody who may approve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approver {
    /// One person.
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
    /// Whether anybody must approve.
    pub required: bool,
    /// Who may.
    pub approvers: BTreeSet<Approver>,
    /// Whether the approver must give a reason.
    pub approver_justification: bool,
}

impl PartialEq for Approval {
    /// The service keeps approvers when approval is switched off; then they mean nothing.
    fn eq(&self, other: &Self) -> bool {
        self.required == other.required
            && (!self.required
                || (self.approvers == other.approvers && self.approver_justification == other.approver_justification))
    }
}

/// Which mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub enum NotificationLevel {
    /// Every mail.
    All,
    /// Only those that ask somebody to act.
    Critical,
    /// None.
    None,
}

/// Who gets which mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Whether the service's own choice of recipients gets it.
    pub default_recipients: bool,
    /// Further addresses, in lower case.
    pub recipients: BTreeSet<String>,
    /// Which mails.
    pub level: NotificationLevel,
}

/// One of the 17 rules with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// How long.
    Expiration(Expiration),
    /// What must be given.
    Enablement(BTreeSet<Given>),
    /// Who approves.
    Approval(Approval),
    /// The authentication context that an activation demands, if any.
    AuthenticationContext(Option<AuthenticationContextId>),
    /// Who gets which mail.
    Notification(Notification),
}

/// A rule that is none of the 17: shown and judged, never written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// Its id.
    pub id: RuleId,
    /// What it says of itself.
    pub state: UnknownRuleState,
}

/// Whether an unknown rule says that it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownRuleState {
    /// It says `isEnabled: false`, which means the same as its absence.
    Off,
    /// It is on, or does not say.
    OnOrSilent,
}

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

/// All 17 rules of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// How long.
    pub expiration: ByTarget<Expiration>,
    /// What must be given.
    pub enablement: ByTarget<BTreeSet<Given>>,
    /// Who approves activations.
    pub approval: Approval,
    /// The authentication context of activations.
    pub authentication_context: Option<AuthenticationContextId>,
    /// The mails.
    pub notification: ByTarget<ByRecipient<Notification>>,
}

impl Rules {
    /// What the service gives an untouched policy of a group.
    pub fn defaults() -> Self {
        let ends = |maximum| Expiration { required: true, maximum: Some(maximum) };
        let everything = || Notification { default_recipients: true, recipients: BTreeSet::new(), level: NotificationLevel::All };
        let mails = || ByRecipient { admin: everything(), requestor: everything(), approver: everything() };
        Self {
            expiration: ByTarget {
                eligible: ends(Length::days(365)),
                active: ends(Length::days(180)),
                activation: ends(Length::hours(8)),
            },
            enablement: ByTarget {
                eligible: BTreeSet::new(),
                active: BTreeSet::from([Given::Justification]),
                activation: BTreeSet::from([Given::Justification]),
            },
            approval: Approval { required: false, approvers: BTreeSet::new(), approver_justification: true },
            authentication_context: None,
            notification: ByTarget { eligible: mails(), active: mails(), activation: mails() },
        }
    }

    /// The rule under a key.
    pub fn rule(&self, key: RuleKey) -> Rule {
        match key {
            RuleKey::Expiration(target) => Rule::Expiration(*self.expiration.get(target)),
            RuleKey::Enablement(target) => Rule::Enablement(self.enablement.get(target).clone()),
            RuleKey::Approval => Rule::Approval(self.approval.clone()),
            RuleKey::AuthenticationContext => Rule::AuthenticationContext(self.authentication_context.clone()),
            RuleKey::Notification(recipient, target) => {
                Rule::Notification(self.notification.get(target).get(recipient).clone())
            }
        }
    }

    /// Replaces the rule under a key. A value of another shape than the key's is left out: it cannot be meant.
    pub fn set(&mut self, key: RuleKey, rule: Rule) {
        match (key, rule) {
            (RuleKey::Expiration(target), Rule::Expiration(value)) => *self.expiration.get_mut(target) = value,
            (RuleKey::Enablement(target), Rule::Enablement(value)) => *self.enablement.get_mut(target) = value,
            (RuleKey::Approval, Rule::Approval(value)) => self.approval = value,
            (RuleKey::AuthenticationContext, Rule::AuthenticationContext(value)) => self.authentication_context = value,
            (RuleKey::Notification(recipient, target), Rule::Notification(value)) => {
                *self.notification.get_mut(target).get_mut(recipient) = value;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seventeen_rules_with_ids_of_their_own() {
        let ids: BTreeSet<RuleId> = RuleKey::all().map(RuleKey::id).collect();
        assert_eq!(ids.len(), 17);
        for key in RuleKey::all() {
            assert_eq!(RuleKey::from_id(&key.id()), Some(key));
        }
    }

    #[test]
    fn every_rule_can_be_taken_out_and_put_back() {
        let defaults = Rules::defaults();
        let mut copy = Rules::defaults();
        for key in RuleKey::all() {
            copy.set(key, defaults.rule(key));
        }
        assert_eq!(copy, defaults);
    }

    #[test]
    fn approvers_mean_nothing_while_approval_is_off() {
        let off = |approvers| Approval { required: false, approvers, approver_justification: true };
        let somebody = Approver::Other("manager".to_owned());
        assert_eq!(off(BTreeSet::new()), off(BTreeSet::from([somebody])));
    }
}
