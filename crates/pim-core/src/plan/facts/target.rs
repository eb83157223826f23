//! What a policy must be, and why that cannot be said. Knows no tenant but what stands under `Merge`.

use crate::context::ContextFault;
use crate::desired::{self, Mode};
use crate::knowledge::{Needs, Part};
use crate::observed::{self, Presence};
use crate::principal::Resolution;
use crate::reason::Reason;
use crate::rule::{Approver, Requirement, Rules};
use crate::schedule::Access;
use crate::settings::{self, PolicySettings, SETTINGS};
use crate::verdict::State;

/// What a policy must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyTarget {
    /// All 17 rules, with the values that the policy must have.
    Rules(Box<Rules>),
    /// The rules cannot be determined, for this reason.
    Unclear(State),
}

/// Works out what the policy of one access must be: the declared settings on top of the service's defaults, or on top
/// of what stands.
pub fn target(desired: &desired::Unit, observed: &observed::Unit, access: Access) -> PolicyTarget {
    let declared = match desired.group.settings(access) {
        Ok(settings) => settings,
        Err(message) => {
            return PolicyTarget::Unclear(State::stuck(Reason::ReferenceNotFound, message));
        }
    };
    for name in settings::principals(&declared) {
        let (reason, what) = match desired.names.resolution(&name) {
            // Where no name was resolved, the boundary is against the group anyway.
            Resolution::Found(_) | Resolution::Unread => continue,
            Resolution::NotFound => (
                Reason::PrincipalNotFound,
                "does not exist in the tenant".to_owned(),
            ),
            Resolution::Elsewhere(hint) => (Reason::PrincipalNotFound, hint.clone()),
            Resolution::Withheld {
                reason, message, ..
            } => (*reason, message.clone()),
            Resolution::Ambiguous(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                (
                    Reason::AmbiguousName,
                    format!("may mean any of {}", ids.join(", ")),
                )
            }
        };
        let message = format!(
            "the approver {name} in {} {what}; correct the name",
            place_of_approvers(desired, access)
        );
        return PolicyTarget::Unclear(State::stuck(reason, message));
    }
    if let Some(reference) = settings::context(&declared)
        && let Err(fault) = desired.names.contexts().resolve(reference)
    {
        return PolicyTarget::Unclear(of_context(desired, access, &fault));
    }
    let mut rules = match (desired.group.mode, observed.last_policy(access)) {
        (Mode::Merge, Some(policy)) => standing(policy),
        (Mode::Merge, None) if is_hidden(desired, observed, access) => {
            let message = format!(
                "the {access} policy that stands is not known yet, and under Merge it counts"
            );
            return PolicyTarget::Unclear(State::waiting(Reason::WaitingForReplication, message));
        }
        // What stands under `Merge` in a group that is yet to be made is what a new group has.
        (Mode::Exclusive, _) | (Mode::Merge, None) => Rules::defaults(),
    };
    let stands = rules.clone();
    write_all(&declared, desired, &mut rules);
    match contradiction(&declared, &rules, access).or_else(|| forgotten(&stands, &rules, access)) {
        Some(message) => PolicyTarget::Unclear(State::stuck(Reason::InvalidSpec, message)),
        None => PolicyTarget::Rules(Box::new(rules)),
    }
}

/// What is said where it is not certain which authentication context is meant.
fn of_context(desired: &desired::Unit, access: Access, fault: &ContextFault) -> State {
    let own = desired.group.policy.get(access).activation.as_ref();
    let is_own = own.is_some_and(|own| own.authentication_context.is_some());
    let field = "activation.authenticationContext";
    let place = match &desired.group.template {
        Some(template) if !is_own => {
            format!("spec.{access}.{field} of PolicyTemplate {}", template.name)
        }
        _ => format!("spec.policy.{access}.{field}"),
    };
    let message = format!("{place}: {}", fault.message);
    if fault.may_pass() {
        State::waiting(fault.reason, message)
    } else {
        State::stuck(fault.reason, message)
    }
}

/// Where the approvers are named.
fn place_of_approvers(desired: &desired::Unit, access: Access) -> String {
    let own = settings::principals(desired.group.policy.get(access));
    match &desired.group.template {
        Some(template) if own.is_empty() => format!(
            "spec.{access}.activation.approval of PolicyTemplate {}",
            template.name
        ),
        _ => format!("spec.policy.{access}.activation.approval"),
    }
}

/// Whether a policy stands that must be known before anything can be said under `Merge`.
fn is_hidden(desired: &desired::Unit, observed: &observed::Unit, access: Access) -> bool {
    desired.group.mode == Mode::Merge
        && matches!(observed.group, Presence::Living(_))
        && observed.last_policy(access).is_none()
}

/// Combinations that the service refuses, or that nobody could ever satisfy. The API server has refused those that one
/// manifest shows; these come from a template, or from what stands under `Merge`.
fn contradiction(declared: &PolicySettings, rules: &Rules, access: Access) -> Option<String> {
    let activation = declared.activation.as_ref()?;
    let declares_sign_in =
        activation.require.is_some() || activation.authentication_context.is_some();
    let asks_twice = rules.authentication_context.is_some()
        && rules
            .enablement
            .activation
            .contains(&Requirement::MultiFactorAuthentication);
    if declares_sign_in && asks_twice {
        return Some(format!(
            "the {access} policy would ask for MultiFactorAuthentication and an authentication context, which the service \
             refuses; declare spec.policy.{access}.activation.require without it, or authenticationContext: {{none: {{}}}}"
        ));
    }
    (activation.approval.is_some() && rules.approval.required && rules.approval.approvers.is_empty()).then(|| {
        format!(
            "the {access} policy would ask for approval and names no approver, and a group has no default ones; name one \
             under spec.policy.{access}.activation.approval.approvers"
        )
    })
}

/// Approvers whom a write of the approval rule would leave out, because no manifest and so no write can name them: then
/// nobody could approve. The rule is written as a whole (learn.microsoft.com: unifiedrolemanagementpolicyapprovalrule).
fn forgotten(stands: &Rules, rules: &Rules, access: Access) -> Option<String> {
    if !rules.approval.required || rules.approval == stands.approval {
        return None;
    }
    let nameless = |approver: &&Approver| matches!(approver, Approver::Other(_));
    let left_out: Vec<String> = rules
        .approval
        .approvers
        .iter()
        .filter(nameless)
        .map(ToString::to_string)
        .collect();
    (!left_out.is_empty()).then(|| {
        let approval = format!("spec.policy.{access}.activation.approval");
        format!(
            "the {access} policy has approvers that a manifest cannot name: {}; a change of its approval would drop them, \
             so declare {approval}.approvers as well, or leave {approval} out to keep them",
            left_out.join(", ")
        )
    })
}

fn write_all(declared: &PolicySettings, desired: &desired::Unit, rules: &mut Rules) {
    for setting in SETTINGS {
        setting.write(declared, &desired.names, rules);
    }
}

/// The rules that stand, with the service's defaults for those that are missing.
pub fn standing(policy: &observed::Policy) -> Rules {
    let mut rules = Rules::defaults();
    for (key, rule) in &policy.rules {
        rules.set(*key, rule.clone());
    }
    rules
}

/// Asks for the policies of a group that lives, unless they were read in this pass: right after a group is made, the
/// service lists them late, one before the other, and reading again at once would not help.
pub fn need(observed: &observed::Unit, needs: &mut Needs) {
    let is_living = matches!(observed.group, Presence::Living(_));
    let is_readable = !observed.unreadable.contains_key(&Part::Policies);
    if is_living && is_readable && observed.policies.fresh().is_none() {
        needs.insert(Part::Policies);
    }
}
