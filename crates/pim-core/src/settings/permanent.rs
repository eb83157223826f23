//! `eligible.permanent` and `active.permanent`: whether an assignment may last for ever.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::principal::Names;
use crate::rule::{RuleKey, Rules, Target};

/// Whether an assignment may last for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Permanent {
    /// It may.
    Allowed,
    /// It must end.
    Forbidden,
}

impl SettingValue for Permanent {
    fn keys(target: Target) -> Vec<RuleKey> {
        vec![RuleKey::Expiration(target)]
    }

    fn write(&self, target: Target, _: &Names, rules: &mut Rules) {
        rules.expiration.get_mut(target).required = *self == Self::Forbidden;
    }

    fn show(target: Target, rules: &Rules) -> String {
        let permanent = if rules.expiration.get(target).required { Self::Forbidden } else { Self::Allowed };
        format!("{permanent:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowing_it_takes_the_end_away_and_forbidding_it_brings_it_back() {
        let mut rules = Rules::defaults();
        Permanent::Allowed.write(Target::Active, &Names::default(), &mut rules);
        assert_eq!(Permanent::show(Target::Active, &rules), "Allowed");
        Permanent::Forbidden.write(Target::Active, &Names::default(), &mut rules);
        assert_eq!(rules, Rules::defaults());
    }
}
