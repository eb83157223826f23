//! `activation.maximumDuration`: how long an activation lasts at the most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::duration::ActivationLength;
use crate::principal::Names;
use crate::rule::{Expiration, RuleKey, RuleTarget, Rules};

/// How long an activation lasts at the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ActivationDuration(pub ActivationLength);

impl SettingValue for ActivationDuration {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Expiration(target)]
    }

    /// An activation always ends, so the rule always requires an end.
    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        *rules.expiration.get_mut(target) = Expiration {
            required: true,
            maximum: Some(self.0.length()),
        };
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        super::maximum_duration::show(rules.expiration.get(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Length;

    #[test]
    fn it_changes_only_the_longest_activation() {
        let mut rules = Rules::defaults();
        let four_hours = ActivationDuration(ActivationLength::try_from("PT4H".to_owned()).unwrap());
        four_hours.write(RuleTarget::Activation, &Names::default(), &mut rules);
        let mut expected = Rules::defaults();
        expected.expiration.activation.maximum = Some(Length::hours(4));
        assert_eq!(rules, expected);
    }
}
