//! What both policies must be, and how they differ from it. Nothing is granted here; the planner of the group makes the
//! writes.

mod forbidden;

use std::collections::BTreeSet;

pub use forbidden::forbidden;

use super::context::PlanContext;
use super::draft::Draft;
use super::facts::target::{PolicyTarget, need, standing};
use super::group_write;
use super::stage::StageKind;
use crate::action::{Action, Difference, Write, WriteKey};
use crate::boundary::{self, Boundary};
use crate::ids::GroupId;
use crate::knowledge::{Held, REPLICATION, later, whole_second};
use crate::memory::Answer;
use crate::observed::{self, Onboarding};
use crate::principal::Resolution;
use crate::reason::Reason;
use crate::rollout::RolloutTurn;
use crate::rule::{Rule, RuleKey, Rules, UnknownRule, UnknownRuleState};
use crate::schedule::{Access, ByAccess};
use crate::settings::{self, EffectiveSetting, SETTINGS, SettingOrigin};
use crate::verdict::{PolicyState, State};

/// How a policy stands against what it must be, and against the rules that the boundary admits beside that.
pub fn state(
    target: &PolicyTarget,
    policy: Option<&observed::Policy>,
    boundary: Option<&Boundary>,
) -> PolicyState {
    let (PolicyTarget::Rules(target), Some(policy)) = (target, policy) else {
        return PolicyState::Unknown;
    };
    let admits = |rule: &UnknownRule| boundary.is_some_and(|boundary| boundary.admits_rule(rule));
    let unmanaged: Vec<String> = switched_on(policy)
        .filter(|rule| !admits(rule))
        .map(ToString::to_string)
        .collect();
    if !unmanaged.is_empty() {
        return PolicyState::Unmanaged(unmanaged);
    }
    let incomplete = incomplete(policy);
    if !incomplete.is_empty() {
        return PolicyState::Incomplete(incomplete);
    }
    let differing = differing(target, policy);
    if differing.is_empty() {
        PolicyState::Applied
    } else {
        PolicyState::Different(differences(target, policy, &differing))
    }
}

/// The rules beside the 17 that are switched on, or may be.
pub fn switched_on(policy: &observed::Policy) -> impl Iterator<Item = &UnknownRule> {
    let unknown = policy.unknown.iter();
    unknown.filter(|rule| rule.state == UnknownRuleState::OnOrSilent)
}

/// The rules that every policy has and this one does not show, or not in a form that can be read
/// (learn.microsoft.com: policyroot-list-rolemanagementpolicyassignments, examples 3 and 4). What nobody read is neither
/// compared nor written.
fn incomplete(policy: &observed::Policy) -> Vec<String> {
    RuleKey::all()
        .filter(|key| !policy.rules.contains_key(key))
        .map(|key| match policy.unreadable.get(&key) {
            Some(reason) => format!("{key} ({reason})"),
            None => key.to_string(),
        })
        .collect()
}

/// The rules that differ, in the order in which they are sent: an authentication context that goes is sent before a
/// multi-factor demand that comes, because the service refuses both at once only in that order.
fn differing(target: &Rules, policy: &observed::Policy) -> Vec<(RuleKey, Rule)> {
    let mut rules: Vec<(RuleKey, Rule)> = RuleKey::all()
        .map(|key| (key, target.rule(key)))
        .filter(|(key, wanted)| policy.rules.get(key).is_some_and(|stands| stands != wanted))
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
        // A difference that no setting shows.
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
pub fn last_state(context: &PlanContext<'_>, access: Access) -> PolicyState {
    state(
        context.targets.get(access),
        context.observed.last_policy(access),
        context.desired.boundary.as_ref(),
    )
}

/// Plans the write of one policy, and says how it stands. Rules that differ are written even beside a rule that is not
/// known: that one is left alone, and nothing is granted until it is switched off or admitted.
pub fn plan(
    context: &PlanContext<'_>,
    group: GroupId,
    access: Access,
    draft: &mut Draft,
) -> PolicyState {
    let state = last_state(context, access);
    let PolicyTarget::Rules(target) = context.targets.get(access) else {
        return state;
    };
    let Some(policy) = context.observed.fresh_policy(access) else {
        if state != PolicyState::Applied {
            need(context.observed, &mut draft.needs);
        }
        return state;
    };
    let rules = differing(target, policy);
    // The first change of all gives both policies other ids, so the second one waits until they were read again.
    let waits = context.observed.onboarding == Onboarding::Ahead
        && draft.actions.contains_key(&StageKind::Policy);
    if !rules.is_empty() && !waits && context.desired.group.turn() == RolloutTurn::Now {
        let differing = differences(target, policy, &rules);
        let cause = group_write::cause(context, in_policy(access, &differing));
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

/// What is said of a policy that differs.
pub fn different(context: &PlanContext<'_>, access: Access, fields: &[&str]) -> State {
    let template = context.desired.group.template.as_ref();
    let name = template.map_or("", |template| template.name.as_str());
    match context.desired.group.turn() {
        RolloutTurn::Now => State::waiting(
            Reason::Progressing,
            format!(
                "the {access} policy is being brought in line: {}",
                fields.join(", ")
            ),
        ),
        RolloutTurn::Later => State::waiting(
            Reason::WaitingForDependency,
            format!(
                "the {access} policy differs until it is this group's turn: a change of PolicyTemplate {name} is taken over a few groups at a time"
            ),
        ),
        RolloutTurn::Stopped => State::waiting(
            Reason::WaitingForDependency,
            format!(
                "the {access} policy differs: groups that took over a change of PolicyTemplate {name} failed, so no other one does; its status names the first"
            ),
        ),
    }
}

/// What is said of a policy that is not listed.
pub fn unlisted(context: &PlanContext<'_>, access: Access, draft: &Draft) -> State {
    match draft.memory.absent.get(&Held::Policy(access)) {
        Some(since) if later(*since, REPLICATION) <= context.now() => State::stuck(
            Reason::PolicyIncomplete,
            format!(
                "the tenant does not list the {access} policy of the group since {}; \
                 open the group once in the portal under Privileged Identity Management, which onboards it",
                whole_second(*since)
            ),
        ),
        Some(since) => State::waiting(
            Reason::WaitingForReplication,
            format!(
                "the tenant does not list the {access} policy of the group yet, since {}",
                whole_second(*since)
            ),
        ),
        None => State::waiting(
            Reason::WaitingForReplication,
            format!("the {access} policy was not read yet"),
        ),
    }
}

/// Every setting of both policies with its origin, as far as it is known what they come to, and what the boundary admits
/// beside them.
pub fn settings(context: &PlanContext<'_>) -> ByAccess<Vec<EffectiveSetting>> {
    let group = &context.desired.group;
    let of = |access: Access| {
        let PolicyTarget::Rules(rules) = context.targets.get(access) else {
            return Vec::new();
        };
        let (own, inherited) = (group.policy.get(access), group.inherited(access));
        let mut approvers = settings::principals(&settings::effective(own, &inherited)).into_iter();
        // Under a boundary that is against the group nobody is looked up, so nobody can say who is meant.
        if approvers.any(|name| *context.desired.names.resolution(&name) == Resolution::Unread) {
            return Vec::new();
        }
        let mut settings = settings::origins(own, &inherited, group.mode, rules);
        settings.extend(extensions(context, access));
        settings
    };
    ByAccess {
        member: of(Access::Member),
        owner: of(Access::Owner),
    }
}

/// The rules that are switched on in the tenant and that the boundary admits, as one setting: no manifest states them.
fn extensions(context: &PlanContext<'_>, access: Access) -> Option<EffectiveSetting> {
    let boundary = context.desired.boundary.as_ref()?;
    let policy = context.observed.last_policy(access)?;
    let admitted = switched_on(policy).filter(|rule| boundary.admits_rule(rule));
    let admitted: BTreeSet<String> = admitted.map(ToString::to_string).collect();
    (!admitted.is_empty()).then(|| EffectiveSetting {
        path: "customExtensions",
        value: admitted.into_iter().collect::<Vec<_>>().join(", "),
        origins: vec![("", SettingOrigin::Tenant)],
    })
}

/// The guard: nothing is given before the policy of that access was read in this pass and equals the declared one.
pub fn guard(context: &PlanContext<'_>, access: Access, draft: &mut Draft) -> Result<(), State> {
    let missing = |what: &str| {
        let message = format!("the {access} policy {what}, so nothing is granted");
        Err(State::waiting(Reason::GuardMissing, message))
    };
    let fresh = context.observed.fresh_policy(access);
    need(context.observed, &mut draft.needs);
    let boundary = context.desired.boundary.as_ref();
    match state(context.targets.get(access), fresh, boundary) {
        PolicyState::Applied => Ok(()),
        PolicyState::Unknown => missing("was not read yet"),
        PolicyState::Different(_) => match refused(access, draft) {
            Some(state) => Err(state),
            None => missing("does not read back as declared yet"),
        },
        PolicyState::Unmanaged(rules) => Err(unmanaged(context, access, &rules)),
        PolicyState::Incomplete(rules) => Err(lacking(access, &rules)),
    }
}

/// Why a policy that differs is not going to be as declared: the tenant has refused its change, and somebody has to act.
fn refused(access: Access, draft: &Draft) -> Option<State> {
    let attempt = draft.memory.attempts.get(&WriteKey::Policy(access))?;
    let Answer::Refused(State::Stuck { reason, message }) = &attempt.answer else {
        return None;
    };
    let message = format!(
        "the {access} policy does not read back as declared, so nothing is granted; its change was refused: {message}"
    );
    Some(State::stuck(*reason, message))
}

/// What is said of a policy that lacks rules.
pub fn lacking(access: Access, rules: &[String]) -> State {
    State::stuck(
        Reason::PolicyIncomplete,
        format!(
            "the {access} policy lacks these rules, or they cannot be read, so nothing is granted: {}; \
             save the group's settings once in the portal under Privileged Identity Management",
            rules.join(", ")
        ),
    )
}

/// What is said of rules that are switched on and not admitted. What stands beside them is left as it is.
pub fn unmanaged(context: &PlanContext<'_>, access: Access, rules: &[String]) -> State {
    State::stuck(
        Reason::UnmanagedRule,
        format!(
            "the {access} policy holds rules that are switched on and not admitted, so nothing is granted: {}; {}",
            rules.join(", "),
            boundary::about_unlisted_rules(&context.desired.group.boundary)
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
