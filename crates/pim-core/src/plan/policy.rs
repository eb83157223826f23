//! What both policies must be, and how they differ from it. Nothing is granted here; the planner of the group makes the
//! writes.

use std::collections::BTreeMap;

use super::context::Context;
use super::{Draft, Need, StageKind};
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::{self, Mode, Settlement};
use crate::ids::GroupId;
use crate::observed;
use crate::principal::Resolution;
use crate::reason::Reason;
use crate::rule::{Given, Rule, RuleKey, Rules, UnknownRuleState};
use crate::schedule::Access;
use crate::settings::{self, SETTINGS};
use crate::verdict::{PolicyState, State};

/// What a policy must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All 17 rules.
    Rules(Box<Rules>),
    /// It cannot be said; why.
    Unclear(State),
}

impl Default for Target {
    fn default() -> Self {
        Self::Rules(Box::new(Rules::defaults()))
    }
}

/// Works out what the policy of one access must be: the declared settings on top of the service's defaults, or on top
/// of what stands.
pub fn target(desired: &desired::Unit, observed: &observed::Unit, access: Access) -> Target {
    let declared = desired.group.policy.get(access);
    for name in settings::principals(declared) {
        let (reason, what) = match desired.names.resolution(&name) {
            Resolution::Found(_) => continue,
            Resolution::NotFound => (Reason::PrincipalNotFound, "does not exist in the tenant".to_owned()),
            Resolution::Ambiguous(ids) => (Reason::AmbiguousName, format!("may mean any of {ids:?}")),
        };
        let message = format!("the approver {name} in spec.policy.{access}.activation.approval {what}; correct the name");
        return Target::Unclear(State::stuck(reason, message));
    }
    let mut rules = match (desired.group.mode, observed.policies.last(access)) {
        (Mode::Exclusive, _) => Rules::defaults(),
        (Mode::Merge, Some(policy)) => standing(policy),
        (Mode::Merge, None) => return Target::default_under(declared, desired),
    };
    write_all(declared, desired, &mut rules);
    if rules.authentication_context.is_some() && rules.enablement.activation.contains(&Given::MultiFactorAuthentication) {
        let message = format!(
            "the {access} policy would ask for MultiFactorAuthentication and an authentication context, which the service \
             refuses; declare spec.policy.{access}.activation.require without it, or authenticationContext: {{none: {{}}}}"
        );
        return Target::Unclear(State::stuck(Reason::InvalidSpec, message));
    }
    Target::Rules(Box::new(rules))
}

impl Target {
    /// Before anything was read, what will stand under `Merge` is what a new group has.
    fn default_under(declared: &settings::PolicySettings, desired: &desired::Unit) -> Self {
        let mut rules = Rules::defaults();
        write_all(declared, desired, &mut rules);
        Self::Rules(Box::new(rules))
    }
}

fn write_all(declared: &settings::PolicySettings, desired: &desired::Unit, rules: &mut Rules) {
    for setting in SETTINGS {
        setting.write(declared, &desired.names, rules);
    }
}

/// The rules that stand, with the service's defaults for those that are missing.
fn standing(policy: &observed::Policy) -> Rules {
    let mut rules = Rules::defaults();
    for (key, rule) in &policy.rules {
        rules.set(*key, rule.clone());
    }
    rules
}

/// How a policy stands against what it must be.
pub fn state(target: &Target, policy: Option<&observed::Policy>) -> PolicyState {
    let (Target::Rules(target), Some(policy)) = (target, policy) else { return PolicyState::Unknown };
    let unmanaged: Vec<String> =
        policy.unknown.iter().filter(|rule| rule.state == UnknownRuleState::OnOrSilent).map(|rule| rule.id.to_string()).collect();
    if !unmanaged.is_empty() {
        return PolicyState::Unmanaged(unmanaged);
    }
    let differing = differing(target, policy);
    if differing.is_empty() { PolicyState::Applied } else { PolicyState::Different(differences(target, policy, &differing)) }
}

/// The rules that differ, in the order in which they are sent: an authentication context that goes is sent before a
/// multi-factor demand that comes, because the service refuses both at once only in that order.
fn differing(target: &Rules, policy: &observed::Policy) -> Vec<(RuleKey, Rule)> {
    let mut rules: Vec<(RuleKey, Rule)> = RuleKey::all()
        .map(|key| (key, target.rule(key)))
        .filter(|(key, rule)| policy.rules.get(key) != Some(rule))
        .collect();
    if target.authentication_context.is_none() {
        rules.sort_by_key(|(key, _)| *key != RuleKey::AuthenticationContext);
    }
    rules
}

/// The differences in the words of the manifest.
fn differences(target: &Rules, policy: &observed::Policy, differing: &[(RuleKey, Rule)]) -> Vec<Difference> {
    let stands = standing(policy);
    let touched: BTreeMap<RuleKey, ()> = differing.iter().map(|(key, _)| (*key, ())).collect();
    let mut found: Vec<Difference> = SETTINGS
        .iter()
        .filter(|setting| setting.keys().iter().any(|key| touched.contains_key(key)))
        .map(|setting| Difference {
            field: setting.path.to_owned(),
            declared: setting.show(target),
            stands: setting.show(&stands),
        })
        .filter(|difference| difference.declared != difference.stands)
        .collect();
    if found.is_empty() {
        // A rule that no setting shows, or one that is missing altogether.
        found = differing
            .iter()
            .map(|(key, _)| Difference { field: key.to_string(), declared: "as declared".to_owned(), stands: "other".to_owned() })
            .collect();
    }
    found
}

/// Plans the write of one policy, and says how it stands.
pub fn plan(context: &Context<'_>, group: GroupId, access: Access, draft: &mut Draft) -> PolicyState {
    let state = context.policy_state(access);
    match (&state, context.observed.policies.fresh(access)) {
        (PolicyState::Unknown | PolicyState::Different(_), None) => draft.needs.policies = Need::Now,
        (PolicyState::Different(differences), Some(policy)) => {
            if let Target::Rules(target) = context.targets.get(access) {
                let cause = match context.desired.group.settlement {
                    Settlement::Settled => Cause::Drift(in_policy(access, differences)),
                    Settlement::Unsettled => Cause::Declared,
                };
                let rules = differing(target, policy);
                let write = Write::UpdatePolicy { group, access, policy: policy.id.clone(), rules };
                draft.add(StageKind::Policy, Action { object: context.desired.group.object(), cause, write });
            }
        }
        _ => {}
    }
    state
}

/// Differences with the full path of the manifest.
pub fn in_policy(access: Access, differences: &[Difference]) -> Vec<Difference> {
    let full = |difference: &Difference| Difference {
        field: format!("spec.policy.{access}.{}", difference.field),
        ..difference.clone()
    };
    differences.iter().map(full).collect()
}
