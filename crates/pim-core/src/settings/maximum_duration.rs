//! `eligible.maximumDuration` and `active.maximumDuration`: how long an assignment lasts at the most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::duration::Days;
use crate::principal::Names;
use crate::rule::{Expiration, RuleKey, RuleTarget, Rules};

/// How long an assignment lasts at the most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct MaximumDuration(pub Days);

impl SettingValue for MaximumDuration {
    fn keys(target: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::Expiration(target)]
    }

    fn write(&self, target: RuleTarget, _: &Names, rules: &mut Rules) {
        rules.expiration.get_mut(target).maximum = Some(self.0.length());
    }

    fn show(target: RuleTarget, rules: &Rules) -> String {
        show(rules.expiration.get(target))
    }
}

/// The maximum of a rule, for people.
pub(super) fn show(expiration: &Expiration) -> String {
    match (expiration.required, expiration.maximum) {
        (false, _) => "unlimited".to_owned(),
        (true, Some(maximum)) => maximum.to_string(),
        (true, None) => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leaves_alone_whether_an_end_is_required() {
        let mut rules = Rules::defaults();
        rules.expiration.eligible.required = false;
        let month = MaximumDuration(Days::try_from("P30D".to_owned()).unwrap());
        month.write(RuleTarget::Eligible, &Names::default(), &mut rules);
        assert!(!rules.expiration.eligible.required);
        assert_eq!(rules.expiration.eligible.maximum, Some(month.0.length()));
    }
}
