//! `notifications.*`: which mails go to whom; three rules for each occasion.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::inheritance::{fill, leaf};
use super::{Declared, SettingValue};
use crate::principal::Names;
use crate::rule::{NotificationLevel, Recipient, RuleKey, RuleTarget, Rules};

/// Whether the service's own choice of recipients gets a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum DefaultRecipients {
    /// They do.
    Enabled,
    /// They do not.
    Disabled,
}

/// A mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct MailAddress(
    #[schemars(length(max = 254), transform = crate::admission::address)] pub String,
);

/// The mails to one sort of recipient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Mails {
    /// Whether the service's own choice of recipients gets them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_recipients: Option<DefaultRecipients>,
    /// Further addresses. The service takes none for approvers of activations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20), extend("x-kubernetes-list-type" = "set"))]
    pub recipients: Option<Vec<MailAddress>>,
    /// `All` mails, only `Critical` ones, or `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<NotificationLevel>,
}

/// The mails of one occasion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Notifications {
    /// To administrators: for a group, its permanent owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<Mails>,
    /// To the person concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requestor: Option<Mails>,
    /// To approvers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<Mails>,
}

impl Notifications {
    fn mails(&self, recipient: Recipient) -> Option<&Mails> {
        match recipient {
            Recipient::Admin => self.admin.as_ref(),
            Recipient::Requestor => self.requestor.as_ref(),
            Recipient::Approver => self.approver.as_ref(),
        }
    }
}

impl Mails {
    fn inherit(&mut self, template: &Self) {
        fill(
            &mut self.default_recipients,
            template.default_recipients.as_ref(),
        );
        fill(&mut self.recipients, template.recipients.as_ref());
        fill(&mut self.level, template.level.as_ref());
    }
}

/// Takes over the mails to one sort of recipient, leaf by leaf.
fn inherit_mails(declared: &mut Option<Mails>, template: Option<&Mails>) {
    if let Some(template) = template {
        declared.get_or_insert_default().inherit(template);
    }
}

impl SettingValue for Notifications {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        Recipient::ALL
            .into_iter()
            .map(|recipient| RuleKey::Notification(recipient, target))
            .collect()
    }

    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        for recipient in Recipient::ALL {
            let Some(mails) = self.mails(recipient) else {
                continue;
            };
            let rule = rules.notification.get_mut(target).get_mut(recipient);
            if let Some(default) = mails.default_recipients {
                rule.default_recipients = default == DefaultRecipients::Enabled;
            }
            if let Some(recipients) = &mails.recipients {
                rule.recipients = recipients
                    .iter()
                    .map(|address| address.0.to_lowercase())
                    .collect();
            }
            if let Some(level) = mails.level {
                rule.level = level;
            }
        }
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        let of = |recipient: Recipient| {
            let rule = rules.notification.get(target).get(recipient);
            let default = if rule.default_recipients {
                "default"
            } else {
                "no default"
            };
            let further = rule.recipients.iter().map(String::as_str);
            let recipients: Vec<&str> = [default].into_iter().chain(further).collect();
            format!(
                "{} {:?} to {}",
                recipient.name(),
                rule.level,
                recipients.join(" and ")
            )
        };
        Recipient::ALL.map(of).join("; ")
    }

    fn leaves(&self) -> Vec<(&'static str, Declared)> {
        let (admin, requestor, approver) = (
            self.admin.as_ref(),
            self.requestor.as_ref(),
            self.approver.as_ref(),
        );
        macro_rules! of {
            ($mails:ident, $field:ident, $name:literal) => {
                leaf($name, $mails.and_then(|mails| mails.$field.as_ref()))
            };
        }
        vec![
            of!(admin, default_recipients, "admin.defaultRecipients"),
            of!(admin, recipients, "admin.recipients"),
            of!(admin, level, "admin.level"),
            of!(requestor, default_recipients, "requestor.defaultRecipients"),
            of!(requestor, recipients, "requestor.recipients"),
            of!(requestor, level, "requestor.level"),
            of!(approver, default_recipients, "approver.defaultRecipients"),
            of!(approver, recipients, "approver.recipients"),
            of!(approver, level, "approver.level"),
        ]
    }

    fn inherit(&mut self, template: &Self) {
        inherit_mails(&mut self.admin, template.admin.as_ref());
        inherit_mails(&mut self.requestor, template.requestor.as_ref());
        inherit_mails(&mut self.approver, template.approver.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn only_what_is_declared_changes() {
        let mails = Mails {
            recipients: Some(vec![MailAddress("Sec@Contoso.com".to_owned())]),
            level: Some(NotificationLevel::Critical),
            default_recipients: None,
        };
        let mut rules = Rules::defaults();
        let declared = Notifications {
            approver: Some(mails),
            ..Notifications::default()
        };
        declared.write(RuleTarget::Eligible, &Names::default(), &mut rules);
        let rule = &rules.notification.eligible.approver;
        assert_eq!(
            rule.recipients,
            BTreeSet::from(["sec@contoso.com".to_owned()])
        );
        assert_eq!(rule.level, NotificationLevel::Critical);
        assert!(rule.default_recipients);
        assert_eq!(
            rules.notification.eligible.admin,
            Rules::defaults().notification.eligible.admin
        );
    }
}
