//! `activation.authenticationContext`: the Conditional Access authentication context that an activation must satisfy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::ids::AuthenticationContextId;
use crate::principal::Names;
use crate::rule::{RuleKey, RuleTarget, Rules};

/// The id of a context, `c1` to `c99`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ContextId(#[schemars(length(max = 3), regex(pattern = r"^c[1-9][0-9]?$"))] pub String);

/// Nothing at all, written `{}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Nothing {}

/// The authentication context that an activation must satisfy: exactly one of the members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    inline,
    extend("x-kubernetes-validations" = [{
        "rule": "has(self.id) != has(self.none)",
        "message": "name exactly one of id and none, for example {id: c1} or {none: {}}"
    }])
)]
pub struct AuthenticationContext {
    /// The id of the context, `c1` to `c99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ContextId>,
    /// No context: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<Nothing>,
}

impl SettingValue for AuthenticationContext {
    fn keys(_: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::AuthenticationContext]
    }

    fn write(&self, _: RuleTarget, _: &Names, rules: &mut Rules) {
        rules.authentication_context = self
            .id
            .as_ref()
            .map(|id| AuthenticationContextId::new(id.0.clone()));
    }

    fn show(_: RuleTarget, rules: &Rules) -> String {
        rules
            .authentication_context
            .as_ref()
            .map_or_else(|| "none".to_owned(), ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_switches_a_context_off() {
        let mut rules = Rules::defaults();
        let context = AuthenticationContext {
            id: Some(ContextId("c7".to_owned())),
            none: None,
        };
        context.write(RuleTarget::Activation, &Names::default(), &mut rules);
        assert_eq!(
            AuthenticationContext::show(RuleTarget::Activation, &rules),
            "c7"
        );
        let off = AuthenticationContext {
            id: None,
            none: Some(Nothing {}),
        };
        off.write(RuleTarget::Activation, &Names::default(), &mut rules);
        assert_eq!(rules, Rules::defaults());
    }
}
