//! Which rule: the names of the 17 and what they govern. No values here.

use std::fmt;

use crate::ids::RuleId;

/// The act that a rule governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleTarget {
    /// An administrator makes somebody eligible.
    Eligible,
    /// An administrator makes somebody active.
    Active,
    /// An eligible person activates their access.
    Activation,
}

impl RuleTarget {
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

/// The group of people that a mail goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// Administrators: for a group its permanent owners.
    Admin,
    /// The person whom the assignment or activation is about.
    Requestor,
    /// Those who may approve an activation.
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
    Expiration(RuleTarget),
    /// What must be given to activate or to assign.
    Enablement(RuleTarget),
    /// Whether and by whom an activation is approved.
    Approval,
    /// The authentication context of an activation.
    AuthenticationContext,
    /// Who gets the mails of one occasion.
    Notification(Recipient, RuleTarget),
}

impl RuleKey {
    /// All 17, in the order in which they are written: what may conflict with an authentication context goes before it.
    pub fn all() -> impl Iterator<Item = Self> {
        let expiration = RuleTarget::ALL.into_iter().map(Self::Expiration);
        let enablement = RuleTarget::ALL.into_iter().map(Self::Enablement);
        let notification = RuleTarget::ALL.into_iter().flat_map(|target| {
            Recipient::ALL
                .into_iter()
                .map(move |recipient| Self::Notification(recipient, target))
        });
        expiration
            .chain(enablement)
            .chain([Self::Approval])
            .chain(notification)
            .chain([Self::AuthenticationContext])
    }

    /// The id that the service gives the rule.
    pub fn id(self) -> RuleId {
        RuleId::new(match self {
            Self::Expiration(target) => format!("Expiration_{}", target.suffix()),
            Self::Enablement(target) => format!("Enablement_{}", target.suffix()),
            Self::Approval => "Approval_EndUser_Assignment".to_owned(),
            Self::AuthenticationContext => "AuthenticationContext_EndUser_Assignment".to_owned(),
            Self::Notification(recipient, target) => {
                format!("Notification_{}_{}", recipient.name(), target.suffix())
            }
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
