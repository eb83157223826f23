//! Which rules a boundary admits that are none of the 17, above all those by which an activation calls an extension of the
//! tenant. They are never written: somebody switches them on in the portal, and the boundary says whether that may stand.

use super::Boundary;
use crate::rule::UnknownRule;

/// The rule that lists them.
pub const CUSTOM_EXTENSIONS: &str = "spec.policyFloor.customExtensions";

impl Boundary {
    /// Whether a rule that is none of the 17 may be switched on: it is listed by its own id, or by that of the extension that
    /// it calls. Ids are compared without regard to case.
    pub fn admits_rule(&self, rule: &UnknownRule) -> bool {
        let extension = rule.extension.as_ref().map(|one| one.id.as_str());
        let names = |listed: &String| {
            listed.eq_ignore_ascii_case(rule.id.as_str())
                || extension.is_some_and(|id| listed.eq_ignore_ascii_case(id))
        };
        self.rules.policy_floor.custom_extensions.iter().any(names)
    }
}

/// What to do about rules that are switched on and that a boundary does not list.
pub fn what_to_do(boundary: &str) -> String {
    format!(
        "switch them off in the portal, or list the id of the extension or of the rule under {CUSTOM_EXTENSIONS} of \
         AccessBoundary {boundary}"
    )
}
