//! What both policies must be, and how they differ from it. Nothing is granted here; the planner of the group makes the
//! writes.

use std::collections::BTreeSet;

use super::context::Context;
use super::{Draft, Need, StageKind};
use crate::action::{Action, Cause, Difference, Write};
use crate::desired::{self, Lifecycle, Mode, Settlement};
use crate::ids::GroupId;
use crate::observed::{self, Policies, Presence};
use crate::principal::Resolution;
use crate::reason::Reason;
use crate::rule::{Given, Rule, RuleKey, Rules, UnknownRuleState};
use crate::schedule::Access;
use crate::settings::{self, PolicySettings, SETTINGS};
use crate::verdict::{PolicyState, State};

/// What a policy must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All 17 rules.
    Rules(Box<Rules>),
    /// It cannot be said; why.
    Unclear(State),
}

/// Works out what the policy of one access must be: the declared settings on top of the service's defaults, or on top
/// of what stands.
pub fn target(desired: &desired::Unit, observed: &observed::Unit, access: Access) -> Target {
    let declared = desired.group.policy.get(access);
    for name in settings::principals(declared) {
        let (reason, what) = match desired.names.resolution(&name) {
            Resolution::Found(_) => continue,
            Resolution::NotFound => (
                Reason::PrincipalNotFound,
                "does not exist in the tenant".to_owned(),
            ),
            Resolution::Ambiguous(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                (
                    Reason::AmbiguousName,
                    format!("may mean any of {}", ids.join(", ")),
                )
            }
        };
        let message = format!(
            "the approver {name} in spec.policy.{access}.activation.approval {what}; correct the name"
        );
        return Target::Unclear(State::stuck(reason, message));
    }
    let mut rules = match (desired.group.mode, observed.policies.last(access)) {
        (Mode::Merge, Some(policy)) => standing(policy),
        (Mode::Merge, None) if is_hidden(desired, observed, access) => {
            let message = format!(
                "the {access} policy that stands is not known yet, and under Merge it counts"
            );
            return Target::Unclear(State::waiting(Reason::WaitingForReplication, message));
        }
        // What stands under `Merge` in a group that is yet to be made is what a new group has.
        (Mode::Exclusive, _) | (Mode::Merge, None) => Rules::defaults(),
    };
    write_all(declared, desired, &mut rules);
    match contradiction(declared, &rules, access) {
        Some(message) => Target::Unclear(State::stuck(Reason::InvalidSpec, message)),
        None => Target::Rules(Box::new(rules)),
    }
}

/// Whether a policy stands that must be known before anything can be said under `Merge`.
fn is_hidden(desired: &desired::Unit, observed: &observed::Unit, access: Access) -> bool {
    desired.group.mode == Mode::Merge
        && matches!(observed.group, Presence::Living(_))
        && observed.policies.last(access).is_none()
}

/// Combinations that the service refuses, or that nobody could ever satisfy. The API server has refused those that one
/// manifest shows; these come from what stands under `Merge`.
fn contradiction(declared: &PolicySettings, rules: &Rules, access: Access) -> Option<String> {
    let activation = declared.activation.as_ref()?;
    let declares_sign_in =
        activation.require.is_some() || activation.authentication_context.is_some();
    let asks_twice = rules.authentication_context.is_some()
        && rules
            .enablement
            .activation
            .contains(&Given::MultiFactorAuthentication);
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
