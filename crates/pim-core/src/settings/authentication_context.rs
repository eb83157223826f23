//! `activation.authenticationContext`: the Conditional Access authentication context that an activation must satisfy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SettingValue;
use crate::context::ContextReference;
use crate::principal::Names;
use crate::rule::{RuleKey, RuleTarget, Rules};

/// The id of a context, `c1` to `c99`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ContextId(#[schemars(length(max = 3), regex(pattern = r"^c[1-9][0-9]?$"))] pub String);

/// The display name of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ContextName(
    #[schemars(length(min = 1, max = 256), transform = crate::admission::clean_text)] pub String,
);

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
        "rule": "(has(self.id) ? 1 : 0) + (has(self.displayName) ? 1 : 0) + (has(self.none) ? 1 : 0) == 1",
        "message": "name exactly one of id, displayName and none, for example {id: c1} or {none: {}}"
    }])
)]
pub struct AuthenticationContext {
    /// The id of the context, `c1` to `c99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ContextId>,
    /// The display name of the context, which must lead to exactly one. It is looked up in the tenant, which needs the permission
    /// `AuthenticationContext.Read.All`; until it is known nothing is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<ContextName>,
    /// No context: `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<Nothing>,
}

impl AuthenticationContext {
    /// The context that it asks for, if it asks for one.
    pub fn reference(&self) -> Option<ContextReference<'_>> {
        let id = self.id.as_ref().map(|id| ContextReference::Id(&id.0));
        let name = self.display_name.as_ref();
        id.or(name.map(|name| ContextReference::Name(&name.0)))
    }
}

impl SettingValue for AuthenticationContext {
    fn keys(_: RuleTarget) -> Vec<RuleKey> {
        vec![RuleKey::AuthenticationContext]
    }

    fn write(&self, _: RuleTarget, names: &Names, rules: &mut Rules) {
        rules.authentication_context = self
            .reference()
            .and_then(|reference| names.contexts().resolve(reference).ok());
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
            ..AuthenticationContext::default()
        };
        context.write(RuleTarget::Activation, &Names::default(), &mut rules);
        assert_eq!(
            AuthenticationContext::show(RuleTarget::Activation, &rules),
            "c7"
        );
        let off = AuthenticationContext {
            none: Some(Nothing {}),
            ..AuthenticationContext::default()
        };
        off.write(RuleTarget::Activation, &Names::default(), &mut rules);
        assert_eq!(rules, Rules::defaults());
    }
}
