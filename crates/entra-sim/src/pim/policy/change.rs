//! How a PATCH changes a policy: all of its rules or none.

use serde_json::Value;

use super::model::{Matching, Policy};
use super::parse;
use super::refusal::PolicyRefusal;
use super::rule::{Requirement, RuleId};
use super::switches::Strictness;

/// Whether a PATCH names the policy or one of its rules. Only the first can add a rule that the policy lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Policy,
    Rule(RuleId),
}

impl Policy {
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
}
