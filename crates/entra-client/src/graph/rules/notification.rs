//! The rule that says who gets which mail (learn.microsoft.com: unifiedRoleManagementPolicyNotificationRule).

use pim_core::rule::{Notification, NotificationLevel, Recipient, Rule, RuleKey};
use serde::{Deserialize, Serialize};

use crate::texts;

const LEVELS: &texts::Table<NotificationLevel> = &[
    ("None", NotificationLevel::None),
    ("Critical", NotificationLevel::Critical),
    ("All", NotificationLevel::All),
];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireNotification {
    /// `Email`.
    notification_type: Option<String>,
    /// Whom the rule is about. Its id says so, too.
    recipient_type: Option<String>,
    notification_level: Option<String>,
    #[serde(default, deserialize_with = "crate::tolerant::boolean")]
    is_default_recipients_enabled: bool,
    /// Mail addresses; the order means nothing.
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    notification_recipients: Vec<String>,
}

impl WireNotification {
    /// Fails with the reason where the level is not known: no level may be taken for another one.
    pub(super) fn read(self) -> Result<Rule, String> {
        let addresses = self.notification_recipients.iter();
        Ok(Rule::Notification(Notification {
            default_recipients: self.is_default_recipients_enabled,
            recipients: addresses
                .filter(|address| !address.is_empty())
                .map(|address| address.to_lowercase())
                .collect(),
            level: level(self.notification_level.as_deref())?,
        }))
    }

    pub(super) fn new(key: RuleKey, rule: &Notification) -> Self {
        let recipient = match key {
            RuleKey::Notification(recipient, _) => recipient,
            // No other key goes with a notification.
            _ => Recipient::Admin,
        };
        Self {
            notification_type: Some("Email".to_owned()),
            recipient_type: Some(recipient.name().to_owned()),
            notification_level: texts::spelling(LEVELS, rule.level).map(str::to_owned),
            is_default_recipients_enabled: rule.default_recipients,
            notification_recipients: rule.recipients.iter().cloned().collect(),
        }
    }
}

fn level(text: Option<&str>) -> Result<NotificationLevel, String> {
    let Some(text) = text else {
        return Ok(NotificationLevel::All);
    };
    texts::meaning(LEVELS, text)
        .ok_or_else(|| format!("the notification level {text:?} is not known"))
}
