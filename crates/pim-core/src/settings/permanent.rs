//! `eligible.permanent` and `active.permanent`: whether an assignment may last for ever.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::principal::Names;
use crate::rule::{RuleKey, RuleTarget, Rules};

/// Whether an assignment may last for ever. In a policy that says `Forbidden` and names no `maximumDuration` the longest
/// window is the service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Permanent {
    /// It may.
    Allowed,
    /// It must end.
    Forbidden,
}

impl SettingValue for Permanent {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Expiration(target)]
    }

    /// The service refuses a rule that demands an end and names no longest window (hashicorp/terraform-provider-azuread
    /// #1537), so its own default stands in where it keeps none.
    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        let expiration = rules.expiration.get_mut(target);
        expiration.required = *self == Self::Forbidden;
        if expiration.required && expiration.maximum.is_none() {
            expiration.maximum = Rules::defaults().expiration.get(target).maximum;
        }
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        let permanent = if rules.expiration.get(target).required {
            Self::Forbidden
        } else {
            Self::Allowed
        };
        format!("{permanent:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Expiration;

    #[test]
    fn allowing_it_takes_the_end_away_and_forbidding_it_brings_it_back() {
        let mut rules = Rules::defaults();
        Permanent::Allowed.write(RuleTarget::Active, &Names::default(), &mut rules);
        assert_eq!(Permanent::show(RuleTarget::Active, &rules), "Allowed");
        Permanent::Forbidden.write(RuleTarget::Active, &Names::default(), &mut rules);
        assert_eq!(rules, Rules::defaults());
    }

    #[test]
    fn an_end_that_is_demanded_always_has_a_longest_window() {
        let mut rules = Rules::defaults();
        rules.expiration.eligible = Expiration {
            required: false,
            maximum: None,
        };
        Permanent::Forbidden.write(RuleTarget::Eligible, &Names::default(), &mut rules);
        assert_eq!(rules, Rules::defaults());
    }
}
