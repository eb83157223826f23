//! What is known of the whole tenant that bears on a group: whether PIM is licensed, and what enforces the authentication
//! contexts that its policies ask for.

use super::context::PlanContext;
use super::facts::target::PolicyTarget;
use crate::desired::Licence;
use crate::reason::Reason;
use crate::schedule::Access;
use crate::verdict::State;

/// A group whose access PIM would not manage is not made.
pub fn unlicensed(context: &PlanContext<'_>) -> Option<State> {
    (context.desired.licence == Licence::Missing).then(|| {
        let message = "the group is not made: the tenant has no licence for PIM; buy or assign Entra ID P2 or Entra ID Governance";
        State::stuck(Reason::LicenseMissing, message)
    })
}

/// The authentication contexts of both policies that nothing in the tenant enforces.
pub fn unenforced(context: &PlanContext<'_>) -> Vec<String> {
    let contexts = context.desired.names.contexts();
    let asked = Access::ALL
        .into_iter()
        .filter_map(|access| match context.targets.get(access) {
            PolicyTarget::Rules(rules) => rules.authentication_context.as_ref(),
            PolicyTarget::Unclear(_) => None,
        });
    let mut found: Vec<String> = asked.filter_map(|id| contexts.unenforced(id)).collect();
    found.dedup();
    found
}
