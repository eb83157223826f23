//! The settings of one access: seventeen rules, how they change and what they say to a request.
//!
//! Pure: no tenant, no clock, no HTTP. The store and the routes are [`super::policies`].

pub(crate) mod defaults;
pub(crate) mod evaluate;
pub(crate) mod json;
mod parse;
pub(crate) mod rule;
pub(crate) mod switches;
#[cfg(test)]
mod tests;

use std::fmt;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

pub(crate) use defaults::Family;
use rule::{Approval, Recipient, Requirement, Rule, RuleId, Setting, Subject};
use switches::Strictness;

use crate::error::GraphError;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) guid: Uuid,
    pub(crate) family: Family,
    pub(crate) rules: Vec<Rule>,
    pub(crate) modified: Option<Modified>,
    pub(crate) matching: Matching,
}

/// Whether the service still finds the rules by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matching {
    Whole,
    /// A notification rule was written with a bare target: of the nine notification rules only the three for administrators
    /// are found (microsoftgraph/microsoft-graph-docs#16689).
    AdminNotificationsOnly,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Modified {
    pub(crate) at: Timestamp,
    /// Display name of who made it.
    pub(crate) by: String,
}

/// Why a policy is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyRefusal {
    /// A value or a combination that can not be.
    #[error("The policy is invalid.")]
    Invalid { rule: String, why: String },
    /// A body that does not have the shape of a policy.
    #[error("The request body does not match the schema of the policy: {rule}: {why}.")]
    Body { rule: String, why: String },
    /// Multi-factor authentication and an authentication context at once.
    #[error("The Mfa and Acrs policy settings cannot be enabled simultaneously.")]
    MfaAndContext,
    /// An approver without an id.
    #[error("Unrecognized Guid format.")]
    ApproverId,
    /// A rule that no policy has.
    #[error("The policy is invalid.")]
    UnknownRule(String),
    /// A rule that the service does not find any more.
    #[error("The policy rule id {0} is invalid.")]
    Lost(RuleId),
    /// A rule that bears the type of another one; the service falls over it.
    #[error("An error has occurred.")]
    OtherType,
}

impl PolicyRefusal {
    fn invalid(rule: impl fmt::Display, why: impl Into<String>) -> Self {
        Self::Invalid {
            rule: rule.to_string(),
            why: why.into(),
        }
    }

    fn body(rule: impl fmt::Display, why: impl Into<String>) -> Self {
        Self::Body {
            rule: rule.to_string(),
            why: why.into(),
        }
    }
}

impl From<PolicyRefusal> for GraphError {
    fn from(refusal: PolicyRefusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            PolicyRefusal::Invalid { rule, why } => {
                Self::bad_request("InvalidPolicy", message).detail("InvalidRule", &rule, &why)
            }
            PolicyRefusal::UnknownRule(name) => Self::bad_request("InvalidPolicy", message).detail(
                "InvalidRule",
                &name,
                "no policy has this rule",
            ),
            PolicyRefusal::Lost(_) => Self::bad_request("InvalidPolicy", message),
            // Seen in microsoftgraph/microsoft-graph-docs#15910: no code at all.
            PolicyRefusal::OtherType => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", message),
            PolicyRefusal::MfaAndContext => Self::bad_request("MfaAndAcrsConflict", message),
            PolicyRefusal::Body { .. } | PolicyRefusal::ApproverId => {
                Self::bad_request("BadRequest", message)
            }
        }
    }
}

/// Whether a PATCH names the policy or one of its rules. Only the first can add a rule that the policy lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Policy,
    Rule(RuleId),
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
    pub(crate) fn readable(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| !self.has_lost(rule.id))
    }

    pub(crate) fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Puts a rule in the place of the one of its id, or behind the others.
    pub(crate) fn put(&mut self, rule: Rule) {
        match self.rules.iter_mut().find(|one| one.id == rule.id) {
            Some(one) => *one = rule,
            None => self.rules.push(rule),
        }
    }

    /// Applies the rules of a PATCH, all or none. Answers the ids of the rules that are different now.
    pub(crate) fn change(
        &mut self,
        bodies: &[Value],
        reach: Reach,
        strictness: Strictness,
    ) -> Result<Vec<RuleId>, PolicyRefusal> {
        let mut next = self.clone();
        let mut named = Vec::new();
        for body in bodies {
            let rule = parse::rule(body, self, strictness)?;
            if named.contains(&rule.id) {
                return Err(PolicyRefusal::invalid(rule.id, "the rule stands twice"));
            }
            named.push(rule.id);
            match reach {
                Reach::Rule(id) if id != rule.id => {
                    return Err(PolicyRefusal::body(rule.id, "this is another rule"));
                }
                Reach::Rule(_) if self.rule(rule.id).is_none() => {
                    return Err(PolicyRefusal::UnknownRule(rule.id.to_string()));
                }
                Reach::Rule(_) | Reach::Policy => next.put(rule),
            }
            if named.last().is_some_and(|id| parse::loses_rules(body, *id)) {
                next.matching = Matching::AdminNotificationsOnly;
            }
        }
        if let Some(id) = self.added_without_the_rest(&named) {
            return Err(PolicyRefusal::invalid(
                id,
                "a new rule comes with all the others",
            ));
        }
        next.check_combination(&named)?;
        let changed = named
            .into_iter()
            .filter(|id| self.rule(*id) != next.rule(*id))
            .collect();
        *self = next;
        Ok(changed)
    }

    /// The rules of custom extensions that a policy lacks are added together with the full list of its rules
    /// (learn.microsoft.com: privileged-identity-management-custom-extensions, and what clients send).
    fn added_without_the_rest(&self, named: &[RuleId]) -> Option<RuleId> {
        let added = named.iter().copied().find(|id| self.rule(*id).is_none())?;
        let complete = self.rules.iter().all(|rule| named.contains(&rule.id));
        (!complete).then_some(added)
    }

    /// Judged on what will stand, but only when the enablement rule is part of the change: enabling a context while
    /// multi-factor authentication stands is taken, the reverse is not (observed in live tenants).
    fn check_combination(&self, named: &[RuleId]) -> Result<(), PolicyRefusal> {
        let asks_mfa = self
            .requirements(RuleId::ACTIVATION_ENABLEMENT)
            .contains(&Requirement::MultiFactorAuthentication);
        if named.contains(&RuleId::ACTIVATION_ENABLEMENT)
            && asks_mfa
            && self.authentication_context().is_some()
        {
            return Err(PolicyRefusal::MfaAndContext);
        }
        Ok(())
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
