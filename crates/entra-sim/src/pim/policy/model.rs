//! A policy and what it says when it is asked. How it changes stands above.

use jiff::Timestamp;
use uuid::Uuid;

use super::defaults::{self, Family};
use super::rule::{Approval, PolicyRule, Recipient, Requirement, RuleId, Setting, Subject};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) guid: Uuid,
    pub(crate) family: Family,
    pub(crate) rules: Vec<PolicyRule>,
    pub(crate) modified: Option<Modified>,
    pub(crate) matching: Matching,
}

/// Whether the service still finds the rules by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    Whole,
    /// A notification rule was written with a bare target: of the nine notification rules only the three for
    /// administrators are found (microsoftgraph/microsoft-graph-docs#16689).
    AdminNotificationsOnly,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Modified {
    pub(crate) at: Timestamp,
    /// Display name of who made it.
    pub(crate) by: String,
}

impl Policy {
    /// A policy that nobody has changed.
    pub(crate) fn untouched(guid: Uuid, family: Family) -> Self {
        Self {
            guid,
            family,
            rules: defaults::rules(family),
            modified: None,
            matching: Matching::Whole,
        }
    }

    /// Whether the service does not find a rule any more.
    pub(crate) fn has_lost(&self, id: RuleId) -> bool {
        self.matching == Matching::AdminNotificationsOnly
            && matches!(
                id.subject,
                Subject::Notification(Recipient::Requestor | Recipient::Approver)
            )
    }

    /// The rules that can be read.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &PolicyRule> {
        self.rules.iter().filter(|rule| !self.has_lost(rule.id))
    }

    pub(crate) fn rule(&self, id: RuleId) -> Option<&PolicyRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Puts a rule in the place of the one of its id, or behind the others.
    pub(crate) fn put(&mut self, rule: PolicyRule) {
        match self.rules.iter_mut().find(|one| one.id == rule.id) {
            Some(one) => *one = rule,
            None => self.rules.push(rule),
        }
    }

    /// What an enablement rule asks for.
    pub(crate) fn requirements(&self, id: RuleId) -> &[Requirement] {
        match self.rule(id).map(|rule| &rule.setting) {
            Some(Setting::Enablement(requirements)) => requirements,
            _ => &[],
        }
    }

    pub(crate) fn authentication_context(&self) -> Option<&str> {
        match self
            .rule(RuleId::AUTHENTICATION_CONTEXT)
            .map(|rule| &rule.setting)
        {
            Some(Setting::AuthenticationContext {
                enabled: true,
                claim: Some(claim),
            }) => Some(claim),
            _ => None,
        }
    }

    /// The approval that activations need; none where it is off.
    pub(crate) fn approval(&self) -> Option<&Approval> {
        match self.rule(RuleId::APPROVAL).map(|rule| &rule.setting) {
            Some(Setting::Approval(approval)) if approval.required => Some(approval),
            _ => None,
        }
    }

    /// Whether a custom extension is asked about activations.
    pub(crate) fn calls_extension(&self) -> bool {
        self.rules.iter().any(|rule| {
            matches!(rule.id.subject, Subject::CustomExtension(_))
                && matches!(rule.setting, Setting::CustomExtension { enabled: true, .. })
        })
    }
}
