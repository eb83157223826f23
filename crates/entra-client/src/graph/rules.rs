//! Rules of a policy (learn.microsoft.com: unifiedRoleManagementPolicyRule and its derived types).
//!
//! A rule of a type that is not known here is kept apart: the guard must see it, and its type makes it impossible to
//! send it back.

use pim_core::ids::{AuthenticationContextId, RuleId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::approval::ApprovalSettings;
use crate::error::sanitize;
use crate::open_enum::open_enum;

const PREFIX: &str = "#microsoft.graph.unifiedRoleManagementPolicy";

open_enum! {
    /// What an enablement rule can demand.
    Demand {
        /// Multi-factor authentication.
        MultiFactorAuthentication = "MultiFactorAuthentication",
        /// A justification.
        Justification = "Justification",
        /// A ticket.
        Ticketing = "Ticketing",
    }
}

open_enum! {
    /// Whom a notification rule is about.
    Recipient {
        /// Administrators; for groups the permanent owners.
        Admin = "Admin",
        /// Who asked or was assigned.
        Requestor = "Requestor",
        /// Approvers.
        Approver = "Approver",
    }
}

open_enum! {
    /// Which notifications are sent.
    NotificationLevel {
        /// None.
        None = "None",
        /// Critical ones.
        Critical = "Critical",
        /// All.
        All = "All",
    }
}

/// A rule that we know how to read and write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which of the policy's rules, for example `Expiration_EndUser_Assignment`.
    pub id: RuleId,
    /// What it applies to; sent back as it was read.
    pub target: Option<RuleTarget>,
    /// What it says.
    pub setting: RuleSetting,
}

/// What a rule applies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleTarget {
    /// `Admin` or `EndUser`.
    pub caller: Option<String>,
    /// `All`.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub operations: Vec<String>,
    /// `Eligibility` or `Assignment`.
    pub level: Option<String>,
    /// Unused for groups.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub inheritable_settings: Vec<String>,
    /// Unused for groups.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub enforced_settings: Vec<String>,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleSetting {
    /// How long.
    Expiration(Expiration),
    /// What must be given.
    Enablement(Enablement),
    /// Who must approve.
    Approval(Approval),
    /// Which authentication context is needed.
    AuthenticationContext(AuthenticationContextSetting),
    /// Who is told.
    Notification(Notification),
}

/// How long an assignment or activation may last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expiration {
    /// Whether it must end.
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    pub is_expiration_required: bool,
    /// At most this long, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_duration: Option<String>,
}

/// What a request must come with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enablement {
    /// All of these.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub enabled_rules: Vec<Demand>,
}

/// Who must approve an activation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The setting.
    pub setting: ApprovalSettings,
}

/// Which authentication context an activation needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationContextSetting {
    /// Whether at all.
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    pub is_enabled: bool,
    /// Which; the service does not check that it exists. Empty and absent both mean none.
    pub claim_value: Option<AuthenticationContextId>,
}

/// Who gets mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// `Email`.
    pub notification_type: Option<String>,
    /// Whom the rule is about.
    pub recipient_type: Option<Recipient>,
    /// Which notifications.
    pub notification_level: Option<NotificationLevel>,
    /// Whether the usual recipients get it.
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    pub is_default_recipients_enabled: bool,
    /// Who else, by mail address; the order means nothing.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    pub notification_recipients: Vec<String>,
}

/// A rule of a type that this version does not write, for example a custom extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// Which of the policy's rules.
    pub id: RuleId,
    /// What it says about being on. Only `Some(false)` is certainly off.
    pub is_enabled: Option<bool>,
}

/// A rule of a known type that cannot be read. It says nothing about the other rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRule {
    /// Which of the policy's rules.
    pub id: RuleId,
    /// Why it cannot be read.
    pub reason: String,
}

/// A rule as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AnyRule {
    Known(Box<Rule>),
    Unreadable(UnreadableRule),
    Unknown(UnknownRule),
}

#[derive(Deserialize)]
struct Frame {
    id: RuleId,
    #[serde(rename = "@odata.type", default)]
    odata_type: String,
}

/// Read apart from the rest, because a rule has its id whatever it applies to.
#[derive(Deserialize)]
struct Applies {
    target: Option<RuleTarget>,
}

impl<'de> Deserialize<'de> for AnyRule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = Value::deserialize(deserializer)?;
        let frame = Frame::deserialize(&value).map_err(D::Error::custom)?;
        let kind = frame.odata_type.strip_prefix(PREFIX).unwrap_or_default();
        let setting = match kind {
            "ExpirationRule" => Deserialize::deserialize(&value).map(RuleSetting::Expiration),
            "EnablementRule" => Deserialize::deserialize(&value).map(RuleSetting::Enablement),
            "ApprovalRule" => Deserialize::deserialize(&value).map(RuleSetting::Approval),
            "AuthenticationContextRule" => {
                Deserialize::deserialize(&value).map(RuleSetting::AuthenticationContext)
            }
            "NotificationRule" => Deserialize::deserialize(&value).map(RuleSetting::Notification),
            _ => return Ok(Self::Unknown(unknown(frame, &value))),
        };
        let applies = Applies::deserialize(&value);
        let (setting, target) = match setting.and_then(|setting| Ok((setting, applies?.target))) {
            Ok(read) => read,
            Err(reason) => {
                return Ok(Self::Unreadable(UnreadableRule {
                    id: frame.id,
                    reason: sanitize(&reason.to_string(), 120),
                }));
            }
        };
        Ok(Self::Known(Box::new(Rule {
            id: frame.id,
            target,
            setting,
        })))
    }
}

fn unknown(frame: Frame, value: &Value) -> UnknownRule {
    UnknownRule {
        id: frame.id,
        is_enabled: value.get("isEnabled").and_then(Value::as_bool),
    }
}

impl RuleSetting {
    fn suffix(&self) -> &'static str {
        match self {
            Self::Expiration(_) => "ExpirationRule",
            Self::Enablement(_) => "EnablementRule",
            Self::Approval(_) => "ApprovalRule",
            Self::AuthenticationContext(_) => "AuthenticationContextRule",
            Self::Notification(_) => "NotificationRule",
        }
    }
}

impl Serialize for RuleSetting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Expiration(setting) => setting.serialize(serializer),
            Self::Enablement(setting) => setting.serialize(serializer),
            Self::Approval(setting) => setting.serialize(serializer),
            Self::AuthenticationContext(setting) => setting.serialize(serializer),
            Self::Notification(setting) => setting.serialize(serializer),
        }
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            #[serde(rename = "@odata.type")]
            odata_type: String,
            id: &'a RuleId,
            #[serde(skip_serializing_if = "Option::is_none")]
            target: Option<&'a RuleTarget>,
            #[serde(flatten)]
            setting: &'a RuleSetting,
        }
        Wire {
            odata_type: format!("{PREFIX}{}", self.setting.suffix()),
            id: &self.id,
            target: self.target.as_ref(),
            setting: &self.setting,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn target() -> Value {
        json!({"caller": "EndUser", "operations": ["All"], "level": "Assignment",
               "inheritableSettings": [], "enforcedSettings": []})
    }

    #[test]
    fn a_known_rule_is_sent_back_as_it_was_read() {
        let bodies = [
            json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
                   "id": "Expiration_EndUser_Assignment", "isExpirationRequired": true, "maximumDuration": "PT8H",
                   "target": target()}),
            json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
                   "id": "Enablement_EndUser_Assignment", "enabledRules": ["Justification", "SomethingNew"],
                   "target": target()}),
            json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyAuthenticationContextRule",
                   "id": "AuthenticationContext_EndUser_Assignment", "isEnabled": true, "claimValue": "c1",
                   "target": target()}),
            json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyNotificationRule",
                   "id": "Notification_Admin_EndUser_Assignment", "notificationType": "Email",
                   "recipientType": "Admin", "notificationLevel": "All", "isDefaultRecipientsEnabled": true,
                   "notificationRecipients": ["a@contoso.com"], "target": target()}),
            json!({"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule",
                   "id": "Approval_EndUser_Assignment", "target": target(),
                   "setting": {"isApprovalRequired": true, "isApprovalRequiredForExtension": false,
                     "isRequestorJustificationRequired": true, "approvalMode": "SingleStage",
                     "approvalStages": [{"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true,
                       "escalationTimeInMinutes": 0, "isEscalationEnabled": false, "escalationApprovers": [],
                       "primaryApprovers": [{"@odata.type": "#microsoft.graph.groupMembers",
                         "groupId": "22222222-2222-4222-8222-222222222222"}]}]}}),
        ];
        for body in bodies {
            let AnyRule::Known(rule) = serde_json::from_value(body.clone()).unwrap() else {
                panic!("{body} is not known");
            };
            assert_eq!(serde_json::to_value(&rule).unwrap(), body);
        }
    }

    #[test]
    fn an_unknown_rule_is_kept_and_tells_whether_it_is_on() {
        let read: AnyRule = serde_json::from_value(json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyCustomExtensionRule",
            "id": "CustomExtension_PreApproval_EndUser_Assignment", "isEnabled": true, "customExtensionId": "x-1"}))
        .unwrap();
        assert_eq!(
            read,
            AnyRule::Unknown(UnknownRule {
                id: RuleId::new("CustomExtension_PreApproval_EndUser_Assignment"),
                is_enabled: Some(true),
            })
        );
        let untyped: AnyRule = serde_json::from_value(json!({"id": "x"})).unwrap();
        assert!(matches!(untyped, AnyRule::Unknown(rule) if rule.is_enabled.is_none()));
    }

    #[test]
    fn a_known_rule_that_cannot_be_read_is_told_and_fails_nothing_else() {
        let read: AnyRule = serde_json::from_value(json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "id": "x"}))
        .unwrap();
        assert!(matches!(read, AnyRule::Unreadable(rule) if rule.id.as_str() == "x"));
        let read: AnyRule = serde_json::from_value(json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "y",
            "enabledRules": [], "target": {"operations": "All"}}))
        .unwrap();
        assert!(matches!(read, AnyRule::Unreadable(rule) if rule.id.as_str() == "y"));
    }

    #[test]
    fn null_lists_are_empty() {
        let read: AnyRule = serde_json::from_value(json!({
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "x",
            "enabledRules": null, "target": {"caller": "Admin", "operations": null, "level": "Eligibility",
                "inheritableSettings": null, "enforcedSettings": null}}))
        .unwrap();
        assert!(matches!(read, AnyRule::Known(_)));
    }
}
