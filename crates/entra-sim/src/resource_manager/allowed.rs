//! What a role allows, as patterns of actions, and what is taken out of that
//! (learn.microsoft.com: "Understand Azure role definitions").

use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::glob;

/// One entry of what a role allows. Nobody takes data actions here: they are told, and judged by other services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AllowedActions {
    /// Patterns of what is allowed, for instance `Microsoft.Authorization/*/read`.
    pub actions: Vec<String>,
    /// Patterns of what is taken out of it.
    pub not_actions: Vec<String>,
    /// The same of what is done with data.
    pub data_actions: Vec<String>,
    /// What is taken out of that.
    pub not_data_actions: Vec<String>,
}

impl AllowedActions {
    pub(super) fn allows(&self, action: &str) -> bool {
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
        fits(&self.actions) && !fits(&self.not_actions)
    }

    pub(super) fn shown(&self) -> Value {
        json!({
            "actions": self.actions, "notActions": self.not_actions,
            "dataActions": self.data_actions, "notDataActions": self.not_data_actions,
        })
    }
}

/// Whether a pattern means an action. A star stands for anything, and case for nothing.
pub(super) fn matches(pattern: &str, action: &str) -> bool {
    glob(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_is_not_allowed_whatever_the_case_of_its_letters() {
        let contributor = AllowedActions {
            actions: vec!["*".to_owned()],
            not_actions: vec!["Microsoft.Authorization/*/Write".to_owned()],
            ..AllowedActions::default()
        };
        assert!(contributor.allows("Microsoft.Authorization/roleAssignments/read"));
        assert!(!contributor.allows("microsoft.authorization/roleassignments/write"));
        let reader = AllowedActions {
            actions: vec!["*/read".to_owned()],
            ..AllowedActions::default()
        };
        assert!(reader.allows("Microsoft.Authorization/roleDefinitions/READ"));
        assert!(!reader.allows("Microsoft.Authorization/roleDefinitions/delete"));
    }
}
