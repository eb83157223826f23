//! The rules of three fields or fewer: expiration, enablement, authentication context. Each reads and writes one rule.

use pim_core::duration::Length;
use pim_core::ids::AuthenticationContextId;
use pim_core::rule::{Expiration, Requirement, Rule};
use serde::{Deserialize, Serialize};

/// How long an assignment or activation may last.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireExpirationRule {
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    is_expiration_required: bool,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_duration: Option<String>,
}

impl WireExpirationRule {
    pub(super) fn read(self) -> Rule {
        let maximum = self.maximum_duration;
        Rule::Expiration(Expiration {
            required: self.is_expiration_required,
            maximum: maximum.and_then(|text| text.parse::<Length>().ok()),
        })
    }
}

impl From<&Expiration> for WireExpirationRule {
    fn from(rule: &Expiration) -> Self {
        Self {
            is_expiration_required: rule.required,
            maximum_duration: rule.maximum.map(|maximum| maximum.to_string()),
        }
    }
}

/// What must be given: all of these.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEnablement {
    #[serde(default, deserialize_with = "crate::tolerant::or_default")]
    enabled_rules: Vec<String>,
}

impl WireEnablement {
    pub(super) fn read(self) -> Rule {
        Rule::Enablement(self.enabled_rules.into_iter().map(given).collect())
    }
}

impl<'a, I: IntoIterator<Item = &'a Requirement>> From<I> for WireEnablement {
    fn from(given: I) -> Self {
        Self {
            enabled_rules: given.into_iter().map(ToString::to_string).collect(),
        }
    }
}

/// What a text of the service demands, in whatever case.
fn given(text: String) -> Requirement {
    let known = [
        Requirement::MultiFactorAuthentication,
        Requirement::Justification,
        Requirement::Ticketing,
    ];
    known
        .into_iter()
        .find(|given| given.to_string().eq_ignore_ascii_case(&text))
        .unwrap_or(Requirement::Other(text))
}

/// Which authentication context an activation needs. The service does not check that it exists; empty and absent both
/// mean none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireAuthenticationContext {
    #[serde(deserialize_with = "crate::tolerant::boolean")]
    is_enabled: bool,
    claim_value: Option<AuthenticationContextId>,
}

impl WireAuthenticationContext {
    pub(super) fn read(self) -> Rule {
        let is_enabled = self.is_enabled;
        let claim = self.claim_value;
        Rule::AuthenticationContext(claim.filter(|claim| is_enabled && !claim.as_str().is_empty()))
    }
}

impl From<&Option<AuthenticationContextId>> for WireAuthenticationContext {
    fn from(context: &Option<AuthenticationContextId>) -> Self {
        Self {
            is_enabled: context.is_some(),
            claim_value: context.clone(),
        }
    }
}
