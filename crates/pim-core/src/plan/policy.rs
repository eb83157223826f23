//! What both policies must be, and how they differ from it. Nothing is granted here; the planner of the group makes the
//! writes.

mod target;

use std::collections::BTreeSet;

pub use target::{Target, target};

use super::context::Context;
use super::{Draft, Need, StageKind};
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::{Lifecycle, Mode, Settlement};
use crate::ids::GroupId;
use crate::observed::{self, Policies, Presence};
use crate::reason::Reason;
use crate::rule::{Rule, RuleKey, Rules, UnknownRuleState};
use crate::schedule::Access;
use crate::settings::SETTINGS;
use crate::verdict::{PolicyState, State};

/// The rules that stand, with the service's defaults for those that are missing.
pub fn standing(policy: &observed::Policy) -> Rules {
    let mut rules = Rules::defaults();
    for (key, rule) in &policy.rules {
        rules.set(*key, rule.clone());
    }
    rules
}

/// How a policy stands against what it must be.
pub fn state(target: &Target, mode: Mode, policy: Option<&observed::Policy>) -> PolicyState {
    let (Target::Rules(target), Some(policy)) = (target, policy) else {
        return PolicyState::Unknown;
    };
    let unmanaged: Vec<String> = policy
        .unknown
        .iter()
        .filter(|rule| rule.state == UnknownRuleState::OnOrSilent)
        .map(|rule| rule.id.to_string())
        .collect();
    if !unmanaged.is_empty() {
        return PolicyState::Unmanaged(unmanaged);
    }
    let differing = differing(target, mode, policy);
    if differing.is_empty() {
        PolicyState::Applied
    } else {
        PolicyState::Different(differences(target, policy, &differing))
    }
}

/// The rules that differ, in the order in which they are sent: an authentication context that goes is sent before a
/// multi-factor demand that comes, because the service refuses both at once only in that order.
fn differing(target: &Rules, mode: Mode, policy: &observed::Policy) -> Vec<(RuleKey, Rule)> {
    let defaults = Rules::defaults();
    let is_as_wanted = |key: RuleKey, wanted: &Rule| match policy.rules.get(&key) {
        Some(stands) => stands == wanted,
        // A rule that is missing is left alone like any other that nobody declares.
        None => mode == Mode::Merge && *wanted == defaults.rule(key),
    };
    let mut rules: Vec<(RuleKey, Rule)> = RuleKey::all()
        .map(|key| (key, target.rule(key)))
        .filter(|(key, rule)| !is_as_wanted(*key, rule))
        .collect();
    if target.authentication_context.is_none() {
        rules.sort_by_key(|(key, _)| *key != RuleKey::AuthenticationContext);
    }
    rules
}

/// The differences in the words of the manifest.
fn differences(
    target: &Rules,
    policy: &observed::Policy,
    differing: &[(RuleKey, Rule)],
) -> Vec<Difference> {
    let stands = standing(policy);
    let touched: BTreeSet<RuleKey> = differing.iter().map(|(key, _)| *key).collect();
    let mut found: Vec<Difference> = SETTINGS
        .iter()
        .filter(|setting| setting.keys().iter().any(|key| touched.contains(key)))
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
            .map(|(key, _)| Difference {
                field: key.to_string(),
                declared: "as declared".to_owned(),
                stands: "other".to_owned(),
            })
            .collect();
    }
    found
}

/// How the policy of one access stands, by its last reading.
pub fn last_state(context: &Context<'_>, access: Access) -> PolicyState {
    state(
        context.targets.get(access),
        context.desired.group.mode,
        context.observed.policies.last(access),
    )
}

/// Plans the write of one policy, and says how it stands. Rules that differ are written even beside a rule that is not
/// known: that one is left alone, and the guard stays open until it is switched off.
pub fn plan(
    context: &Context<'_>,
    group: GroupId,
    access: Access,
    draft: &mut Draft,
) -> PolicyState {
    let state = last_state(context, access);
    let Target::Rules(target) = context.targets.get(access) else {
        return state;
    };
    let Some(policy) = context.observed.policies.fresh(access) else {
        if state != PolicyState::Applied {
            draft.needs.policies = need(context.observed);
        }
        return state;
    };
    let rules = differing(target, context.desired.group.mode, policy);
    if !rules.is_empty() {
        let cause = match context.desired.group.settlement {
            Settlement::Settled => {
                Cause::Drift(in_policy(access, &differences(target, policy, &rules)))
            }
            Settlement::Unsettled => Cause::Declared,
        };
        let write = Write::UpdatePolicy {
            group,
            access,
            policy: policy.id.clone(),
            rules,
        };
        draft.add(
            StageKind::Policy,
            Action {
                object: context.desired.group.object(),
                cause,
                write,
            },
        );
    }
    state
}

/// Reading again helps only if what is known was not read in this look: right after a group is made, the service lists
/// its policies late, one before the other.
pub fn need(observed: &observed::Unit) -> Need {
    match observed.policies {
        Policies::Fresh(_) => Need::Not,
        Policies::Earlier(_) | Policies::Unread => Need::Now,
    }
}

/// Whether the policies of a group that is wanted were read in this look and one of them was not there: it will be, in a
/// moment.
pub fn are_listed_in_part(context: &Context<'_>) -> bool {
    let Policies::Fresh(policies) = &context.observed.policies else {
        return false;
    };
    context.desired.group.lifecycle == Lifecycle::Living
        && matches!(context.observed.group, Presence::Living(_))
        && (policies.member.is_none() || policies.owner.is_none())
}

/// The guard: nothing is given before the policy of that access was read in this look and equals the declared one.
pub fn guard(context: &Context<'_>, access: Access, draft: &mut Draft) -> Result<(), State> {
    let missing = |what: &str| {
        let message = format!("the {access} policy {what}, so nothing is granted");
        Err(State::waiting(Reason::GuardMissing, message))
    };
    let fresh = context.observed.policies.fresh(access);
    if fresh.is_none() {
        draft.needs.policies = need(context.observed);
    }
    match state(
        context.targets.get(access),
        context.desired.group.mode,
        fresh,
    ) {
        PolicyState::Applied => Ok(()),
        PolicyState::Unknown => missing("was not read yet"),
        PolicyState::Different(_) => missing("does not read back as declared yet"),
        PolicyState::Unmanaged(rules) => Err(unmanaged(access, &rules)),
    }
}

/// What is said of rules that are not known.
pub fn unmanaged(access: Access, rules: &[String]) -> State {
    State::stuck(
        Reason::UnmanagedRule,
        format!(
            "the {access} policy holds rules that are not known and not switched off: {}; switch them off in the portal",
            rules.join(", ")
        ),
    )
}

/// Differences with the full path of the manifest.
pub fn in_policy(access: Access, differences: &[Difference]) -> Vec<Difference> {
    let full = |difference: &Difference| Difference {
        field: format!("spec.policy.{access}.{}", difference.field),
        ..difference.clone()
    };
    differences.iter().map(full).collect()
}
