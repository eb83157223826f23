//! The rules of a policy: what they are called and what they hold.
//!
//! learn.microsoft.com: identity-governance-pim-rules-overview. A policy holds seventeen rules; the two of custom
//! extensions stand only in policies that were saved with them (unifiedRoleManagementPolicyCustomExtensionRule).

use std::fmt;

use strum::{Display, EnumString};

use crate::ids::ObjectId;
use crate::pim::period::Period;

#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asking {
    Admin,
    EndUser,
}

/// Which kind of schedule the rule judges.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Eligibility,
    Assignment,
}

/// Who gets the mails of a notification rule.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Recipient {
    Admin,
    Requestor,
    Approver,
}

/// When a custom extension is called.
#[derive(Clone, Copy, Debug, Display, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallOut {
    PreApproval,
    PostApproval,
}

/// What a rule is about; it decides the derived type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Expiration,
    Enablement,
    Notification(Recipient),
    Approval,
    AuthenticationContext,
    CustomExtension(CallOut),
}

/// The id of a rule, which is made of what it is about and what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuleId {
    pub(crate) subject: Subject,
    pub(crate) asking: Asking,
    pub(crate) level: Level,
}

/// What an administrator's request for an eligibility is judged by.
const fn eligible(subject: Subject) -> RuleId {
    RuleId {
        subject,
        asking: Asking::Admin,
        level: Level::Eligibility,
    }
}

/// What an administrator's request for an assignment is judged by.
const fn active(subject: Subject) -> RuleId {
    RuleId {
        subject,
        asking: Asking::Admin,
        level: Level::Assignment,
    }
}

/// What an activation is judged by.
const fn activation(subject: Subject) -> RuleId {
    RuleId {
        subject,
        asking: Asking::EndUser,
        level: Level::Assignment,
    }
}

impl RuleId {
    pub(crate) const ELIGIBLE_EXPIRATION: Self = eligible(Subject::Expiration);
    pub(crate) const ELIGIBLE_ENABLEMENT: Self = eligible(Subject::Enablement);
    pub(crate) const ACTIVE_EXPIRATION: Self = active(Subject::Expiration);
    pub(crate) const ACTIVE_ENABLEMENT: Self = active(Subject::Enablement);
    pub(crate) const ACTIVATION_EXPIRATION: Self = activation(Subject::Expiration);
    pub(crate) const ACTIVATION_ENABLEMENT: Self = activation(Subject::Enablement);
    pub(crate) const APPROVAL: Self = activation(Subject::Approval);
    pub(crate) const AUTHENTICATION_CONTEXT: Self = activation(Subject::AuthenticationContext);

    /// The rules that every policy holds, in the order the service sends them.
    pub(crate) const STANDING: [Self; 17] = [
        Self::ELIGIBLE_EXPIRATION,
        Self::ELIGIBLE_ENABLEMENT,
        eligible(Subject::Notification(Recipient::Admin)),
        eligible(Subject::Notification(Recipient::Requestor)),
        eligible(Subject::Notification(Recipient::Approver)),
        Self::ACTIVE_EXPIRATION,
        Self::ACTIVE_ENABLEMENT,
        active(Subject::Notification(Recipient::Admin)),
        active(Subject::Notification(Recipient::Requestor)),
        active(Subject::Notification(Recipient::Approver)),
        Self::ACTIVATION_EXPIRATION,
        Self::ACTIVATION_ENABLEMENT,
        Self::APPROVAL,
        Self::AUTHENTICATION_CONTEXT,
        activation(Subject::Notification(Recipient::Admin)),
        activation(Subject::Notification(Recipient::Requestor)),
        activation(Subject::Notification(Recipient::Approver)),
    ];

    pub(crate) const CUSTOM_EXTENSIONS: [Self; 2] = [
        activation(Subject::CustomExtension(CallOut::PreApproval)),
        activation(Subject::CustomExtension(CallOut::PostApproval)),
    ];

    fn all() -> impl Iterator<Item = Self> {
        Self::STANDING.into_iter().chain(Self::CUSTOM_EXTENSIONS)
    }

    /// Reads an id; the service compares without case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|id| id.to_string().eq_ignore_ascii_case(text))
    }

    /// Whether some rule is of this derived type, named without namespace.
    pub(crate) fn is_type_name(local: &str) -> bool {
        Self::all().any(|id| id.type_name() == local)
    }

    /// The derived type of the rule, without namespace.
    pub(crate) const fn type_name(self) -> &'static str {
        match self.subject {
            Subject::Expiration => "unifiedRoleManagementPolicyExpirationRule",
            Subject::Enablement => "unifiedRoleManagementPolicyEnablementRule",
            Subject::Notification(_) => "unifiedRoleManagementPolicyNotificationRule",
            Subject::Approval => "unifiedRoleManagementPolicyApprovalRule",
            Subject::AuthenticationContext => {
                "unifiedRoleManagementPolicyAuthenticationContextRule"
            }
            Subject::CustomExtension(_) => "unifiedRoleManagementPolicyCustomExtensionRule",
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Subject::Expiration => f.write_str("Expiration")?,
            Subject::Enablement => f.write_str("Enablement")?,
            Subject::Notification(recipient) => write!(f, "Notification_{recipient}")?,
            Subject::Approval => f.write_str("Approval")?,
            Subject::AuthenticationContext => f.write_str("AuthenticationContext")?,
            Subject::CustomExtension(call_out) => write!(f, "CustomExtension_{call_out}")?,
        }
        write!(f, "_{}_{}", self.asking, self.level)
    }
}

/// What a request must bring along.
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq, PartialOrd, Ord)]
#[strum(ascii_case_insensitive)]
pub(crate) enum Requirement {
    MultiFactorAuthentication,
    Justification,
    Ticketing,
}

/// How much mail a notification rule lets through.
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq)]
#[strum(ascii_case_insensitive)]
pub(crate) enum NotificationLevel {
    None,
    Critical,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approver {
    User(ObjectId),
    GroupMembers(ObjectId),
}

/// What an approval rule holds. Of the stage only what the service stores: escalation is taken and forgotten
/// (learn.microsoft.com: unifiedapprovalstage).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Approval {
    pub(crate) required: bool,
    pub(crate) required_for_extension: bool,
    pub(crate) requestor: Reason,
    pub(crate) mode: ApprovalMode,
    pub(crate) approver: Reason,
    pub(crate) timeout_days: u8,
    pub(crate) approvers: Vec<Approver>,
}

/// Whether a justification is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Demanded,
    Optional,
}

impl From<bool> for Reason {
    fn from(demanded: bool) -> Self {
        if demanded {
            Self::Demanded
        } else {
            Self::Optional
        }
    }
}

/// `approvalMode`. PIM has one stage.
#[derive(Clone, Copy, Debug, Display, EnumString, PartialEq, Eq)]
#[strum(ascii_case_insensitive)]
pub(crate) enum ApprovalMode {
    SingleStage,
    Serial,
    Parallel,
    NoApproval,
}

/// What a rule holds, by the kind of rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Expiration {
        required: bool,
        maximum: Option<Period>,
    },
    Enablement(Vec<Requirement>),
    Notification {
        level: NotificationLevel,
        default_recipients: bool,
        recipients: Vec<String>,
    },
    Approval(Approval),
    AuthenticationContext {
        enabled: bool,
        claim: Option<String>,
    },
    CustomExtension {
        enabled: bool,
        extension: Option<String>,
        display_name: Option<String>,
        attributes: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyRule {
    pub(crate) id: RuleId,
    pub(crate) setting: Setting,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_ids_are_composed_as_the_service_writes_them_and_read_in_any_case() {
        let names: Vec<String> = RuleId::STANDING.iter().map(ToString::to_string).collect();
        assert_eq!(names[0], "Expiration_Admin_Eligibility");
        assert_eq!(names[4], "Notification_Approver_Admin_Eligibility");
        assert_eq!(names[13], "AuthenticationContext_EndUser_Assignment");
        for (id, name) in RuleId::STANDING.into_iter().zip(&names) {
            assert_eq!(RuleId::parse(&name.to_uppercase()), Some(id));
        }
        let extension = RuleId::parse("CustomExtension_PostApproval_EndUser_Assignment").unwrap();
        assert!(RuleId::CUSTOM_EXTENSIONS.contains(&extension));
        assert_eq!(RuleId::parse("Expiration_EndUser_Eligibility"), None);
    }
}
