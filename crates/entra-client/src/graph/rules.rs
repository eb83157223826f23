//! Rules of a policy (learn.microsoft.com: unifiedRoleManagementPolicyRule and its derived types): the frame around each,
//! and the list of the types that are known here. What one type says is in a file below.
//!
//! A rule of a type that is not known here is kept apart: the guard must see it, and its type makes it impossible to
//! send it back.

mod approval;
mod notification;
mod settings;

use pim_core::ids::{ExtensionId, RuleId};
use pim_core::rule::{Extension, Rule, RuleKey, UnknownRule, UnknownRuleState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::approval::WireApproval;
use self::notification::WireNotification;
use self::settings::{WireAuthenticationContext, WireEnablement, WireExpirationRule};
use crate::error::sanitize;

const PREFIX: &str = "#microsoft.graph.unifiedRoleManagementPolicy";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReadRule {
    /// One that is known, with what it says.
    Known(RuleKey, Rule),
    /// One that is known in a form that cannot be read, with the reason. It says nothing about the other rules.
    Unreadable(RuleKey, String),
    /// One of an unknown type, for example a custom extension, or of a known type under an id that is none of the 17.
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
    #[serde(rename = "target")]
    _target: Option<WireTarget>,
}

/// What a rule applies to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTarget {
    /// `Admin` or `EndUser`.
    caller: Option<String>,
    /// `All`.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    operations: Vec<String>,
    /// `Eligibility` or `Assignment`.
    level: Option<String>,
    /// Unused for groups.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    inheritable_settings: Vec<String>,
    /// Unused for groups.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    enforced_settings: Vec<String>,
}

impl WireTarget {
    /// The target of a rule is fixed by its id; the service wants it back as it gave it
    /// (learn.microsoft.com: unifiedrolemanagementpolicyruletarget).
    fn of(id: &RuleId) -> Self {
        let (caller, level) = if id.as_str().ends_with("_Admin_Eligibility") {
            ("Admin", "Eligibility")
        } else if id.as_str().ends_with("_Admin_Assignment") {
            ("Admin", "Assignment")
        } else {
            ("EndUser", "Assignment")
        };
        Self {
            caller: Some(caller.to_owned()),
            operations: vec!["All".to_owned()],
            level: Some(level.to_owned()),
            inheritable_settings: Vec::new(),
            enforced_settings: Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for ReadRule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = Value::deserialize(deserializer)?;
        let frame = Frame::deserialize(&value).map_err(D::Error::custom)?;
        let Some(read) = read(&frame.odata_type, &value) else {
            return Ok(Self::Unknown(UnknownRule {
                id: frame.id,
                state: match value.get("isEnabled") {
                    Some(Value::Bool(false)) => UnknownRuleState::Off,
                    _ => UnknownRuleState::OnOrSilent,
                },
                extension: extension(&frame.odata_type, &value),
            }));
        };
        Ok(match (RuleKey::from_id(&frame.id), read) {
            (Some(key), Ok(rule)) => Self::Known(key, rule),
            (Some(key), Err(reason)) => Self::Unreadable(key, reason),
            (None, _) => Self::Unknown(UnknownRule {
                id: frame.id,
                state: UnknownRuleState::OnOrSilent,
                extension: None,
            }),
        })
    }
}

/// The extension that a rule calls. Only of the type that is documented for it: what a property of the same name means in
/// another type is not known (learn.microsoft.com: `unifiedRoleManagementPolicyCustomExtensionRule`).
fn extension(odata_type: &str, value: &Value) -> Option<Extension> {
    let kind = odata_type.strip_prefix(PREFIX)?;
    let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty());
    let id = text("customExtensionId").filter(|_| kind == "CustomExtensionRule")?;
    Some(Extension {
        id: ExtensionId::new(sanitize(id, 120)),
        name: text("displayName").map(|name| sanitize(name, 120)),
    })
}

/// What a rule says, or why that cannot be read; nothing for a type that is not known here.
fn read(odata_type: &str, value: &Value) -> Option<Result<Rule, String>> {
    let kind = odata_type.strip_prefix(PREFIX)?;
    Some(match kind {
        "ExpirationRule" => decode(value).map(WireExpirationRule::read),
        "EnablementRule" => decode(value).map(WireEnablement::read),
        "ApprovalRule" => decode(value).map(WireApproval::read),
        "AuthenticationContextRule" => decode(value).map(WireAuthenticationContext::read),
        "NotificationRule" => decode(value).and_then(WireNotification::read),
        _ => return None,
    })
}

fn decode<'de, W: Deserialize<'de>>(value: &'de Value) -> Result<W, String> {
    let setting = W::deserialize(value);
    setting
        .and_then(|setting| Applies::deserialize(value).map(|_| setting))
        .map_err(|reason| sanitize(&reason.to_string(), 120))
}

/// A rule as it is sent.
#[derive(Serialize)]
pub(super) struct WireRule {
    #[serde(rename = "@odata.type")]
    odata_type: String,
    id: RuleId,
    target: WireTarget,
    #[serde(flatten)]
    setting: WireSetting,
}

/// What a rule says, as it is sent.
#[derive(Serialize)]
#[serde(untagged)]
enum WireSetting {
    Expiration(WireExpirationRule),
    Enablement(WireEnablement),
    Approval(WireApproval),
    AuthenticationContext(WireAuthenticationContext),
    Notification(WireNotification),
}

impl WireRule {
    /// The form of the service for a rule.
    pub(super) fn new(key: RuleKey, rule: &Rule) -> Self {
        let (kind, setting) = match rule {
            Rule::Expiration(rule) => ("ExpirationRule", WireSetting::Expiration(rule.into())),
            Rule::Enablement(rule) => ("EnablementRule", WireSetting::Enablement(rule.into())),
            Rule::Approval(rule) => ("ApprovalRule", WireSetting::Approval(rule.into())),
            Rule::AuthenticationContext(rule) => (
                "AuthenticationContextRule",
                WireSetting::AuthenticationContext(rule.into()),
            ),
            Rule::Notification(rule) => (
                "NotificationRule",
                WireSetting::Notification(WireNotification::new(key, rule)),
            ),
        };
        let id = key.id();
        Self {
            odata_type: format!("{PREFIX}{kind}"),
            target: WireTarget::of(&id),
            id,
            setting,
        }
    }
}

#[cfg(test)]
mod tests;
