//! `activation.require` and `active.require`: what must be given to activate, or to make somebody active.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::principal::Names;
use crate::rule::{Requirement, RuleKey, RuleTarget, Rules};

/// Something that a person must give to activate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ActivationRequirement {
    /// A fresh multi-factor sign-in.
    MultiFactorAuthentication,
    /// A reason in words.
    Justification,
    /// Number and system of a ticket.
    Ticketing,
}

/// Something that must be given to make somebody active. Multi-factor sign-in is not among them: the operator is an
/// application, which has none, so such a rule would lock it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum ActiveRequirement {
    /// A reason in words.
    Justification,
    /// Number and system of a ticket.
    Ticketing,
}

/// What a person must give to activate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ActivationRequirements(
    #[schemars(length(max = 3), extend("x-kubernetes-list-type" = "set"))]
    pub  Vec<ActivationRequirement>,
);

/// What must be given to make somebody active.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ActiveRequirements(
    #[schemars(length(max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub  Vec<ActiveRequirement>,
);

impl From<ActivationRequirement> for Requirement {
    fn from(requirement: ActivationRequirement) -> Self {
        match requirement {
            ActivationRequirement::MultiFactorAuthentication => Self::MultiFactorAuthentication,
            ActivationRequirement::Justification => Self::Justification,
            ActivationRequirement::Ticketing => Self::Ticketing,
        }
    }
}

impl From<ActiveRequirement> for Requirement {
    fn from(requirement: ActiveRequirement) -> Self {
        match requirement {
            ActiveRequirement::Justification => Self::Justification,
            ActiveRequirement::Ticketing => Self::Ticketing,
        }
    }
}

impl SettingValue for ActivationRequirements {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Enablement(target)]
    }

    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        *rules.enablement.get_mut(target) = self.0.iter().copied().map(Requirement::from).collect();
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        show(rules.enablement.get(target))
    }
}

impl SettingValue for ActiveRequirements {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Enablement(target)]
    }

    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        *rules.enablement.get_mut(target) = self.0.iter().copied().map(Requirement::from).collect();
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        show(rules.enablement.get(target))
    }
}

fn show(given: &BTreeSet<Requirement>) -> String {
    let names: Vec<String> = given.iter().map(ToString::to_string).collect();
    format!("[{}]", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_requirements_means_nothing() {
        use ActivationRequirement::{Justification, Ticketing};
        let written = |list: &[ActivationRequirement]| {
            let mut rules = Rules::defaults();
            ActivationRequirements(list.to_vec()).write(
                RuleTarget::Activation,
                &Names::default(),
                &mut rules,
            );
            rules
        };
        assert_eq!(
            written(&[Justification, Ticketing]),
            written(&[Ticketing, Justification])
        );
    }

    #[test]
    fn an_empty_list_asks_for_nothing() {
        let mut rules = Rules::defaults();
        ActivationRequirements(Vec::new()).write(
            RuleTarget::Activation,
            &Names::default(),
            &mut rules,
        );
        assert!(rules.enablement.activation.is_empty());
    }
}
