//! What holds for every policy beside every other circumstance: what differs is written and reads back as declared, and
//! nothing is given under a policy that holds what nobody knows.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixture::*;
use super::strategy;
use crate::action::Write;
use crate::desired::{Lifecycle, Mode, Pause};
use crate::ids::RuleId;
use crate::observed::{Onboarding, Presence};
use crate::plan::Plan;
use crate::plan::facts::target::standing;
use crate::rule::{Rule, RuleKey, Rules, UnknownRule, UnknownRuleState};
use crate::schedule::Access;
use crate::settings::SETTINGS;

/// A world whose group is there and may be written to.
fn open() -> impl Strategy<Value = World> {
    strategy::world().prop_map(|mut world| {
        world.observed.group = Presence::Living(living());
        world.observed.duplicates.clear();
        world.observed.onboarding = Onboarding::Done;
        world.desired.boundary = Some(boundary());
        let group = &mut world.desired.group;
        group.last_seen = Some(group_id());
        group.pending = None;
        (group.lifecycle, group.pause) = (Lifecycle::Living, Pause::Running);
        world
    })
}

/// The same, whose policies are as they are declared.
fn obeying() -> impl Strategy<Value = World> {
    open().prop_map(|mut world| {
        world.obey();
        world
    })
}

fn policies(plan: &Plan) -> Vec<(Access, Vec<(RuleKey, Rule)>)> {
    let writes = plan
        .stages
        .iter()
        .flat_map(|stage| &stage.actions)
        .filter_map(|action| match &action.write {
            Write::UpdatePolicy { access, rules, .. } => Some((*access, rules.clone())),
            _ => None,
        });
    writes.collect()
}

/// The access under whose policy a plan gives something; of a role both.
fn gives(plan: &Plan) -> BTreeSet<Access> {
    let mut given = BTreeSet::new();
    for stage in plan
        .stages
        .iter()
        .filter(|stage| !stage.kind.only_reduces())
    {
        for action in &stage.actions {
            match &action.write {
                Write::Grant { key, .. } => given.extend([key.access]),
                Write::BindRole { .. } => given.extend(Access::ALL),
                _ => {}
            }
        }
    }
    given
}

/// Every rule that a declared setting of one access has to do with.
fn declared(world: &World, access: Access) -> BTreeSet<RuleKey> {
    let settings = world.desired.group.settings(access).unwrap();
    let names = &world.desired.names;
    let says = |one: &&crate::settings::Setting| {
        one.write(&settings, names, &mut Rules::defaults()) == crate::settings::Declared::Yes
    };
    SETTINGS
        .iter()
        .filter(says)
        .flat_map(crate::settings::Setting::keys)
        .collect()
}

fn unknown(world: &mut World, access: Access, state: UnknownRuleState) {
    world.policy(access).unknown = vec![UnknownRule {
        id: RuleId::new("CustomExtension"),
        state,
        extension: None,
    }];
}

fn access() -> impl Strategy<Value = Access> {
    strategy::access()
}

proptest! {
    #[test]
    fn what_a_plan_writes_of_a_policy_reads_back_as_declared(mut world in open()) {
        for access in Access::ALL {
            world.policy(access).unknown.clear();
        }
        let written = policies(&world.plan());
        for (access, rules) in &written {
            world.policy(*access).rules.extend(rules.iter().cloned());
        }
        let again = policies(&world.plan());
        prop_assert!(again.iter().all(|(access, _)| !written.iter().any(|(one, _)| one == access)), "{:?}", again);
    }

    #[test]
    fn under_exclusive_what_nobody_declares_goes_back_to_the_default(mut world in open()) {
        world.desired.group.mode = Mode::Exclusive;
        for (access, rules) in policies(&world.plan()) {
            let own = declared(&world, access);
            world.policy(access).rules.extend(rules);
            let stands = standing(world.policy(access));
            for key in RuleKey::all().filter(|key| !own.contains(key)) {
                prop_assert_eq!(stands.rule(key), Rules::defaults().rule(key), "{}", key);
            }
        }
    }

    #[test]
    fn under_merge_what_nobody_declares_is_left_alone(mut world in open()) {
        world.desired.group.mode = Mode::Merge;
        for (access, rules) in policies(&world.plan()) {
            let own = declared(&world, access);
            let strange: Vec<&RuleKey> = rules.iter().map(|(key, _)| key).filter(|key| !own.contains(key)).collect();
            prop_assert!(strange.is_empty(), "{strange:?}");
        }
    }

    #[test]
    fn only_rules_that_differ_are_written(mut world in open()) {
        for (access, rules) in policies(&world.plan()) {
            let stands = world.policy(access).clone();
            for (key, rule) in rules {
                prop_assert!(stands.rules.get(&key).is_some_and(|one| *one != rule), "{}", key);
            }
        }
    }

    #[test]
    fn under_a_rule_that_nobody_knows_and_that_is_on_nothing_is_given(mut world in obeying(), access in access()) {
        unknown(&mut world, access, UnknownRuleState::OnOrSilent);
        prop_assert!(!gives(&world.plan()).contains(&access), "{:?}", writes(&world.plan()));
    }

    #[test]
    fn a_rule_that_nobody_knows_and_that_is_off_is_as_good_as_none(mut world in obeying(), access in access()) {
        let without = world.plan();
        unknown(&mut world, access, UnknownRuleState::Off);
        let with = world.plan();
        prop_assert_eq!(writes(&with), writes(&without));
        prop_assert_eq!(with.verdicts, without.verdicts);
    }

    #[test]
    fn under_a_policy_that_lacks_a_rule_nothing_is_given_and_the_rule_is_not_made_up(
        mut world in obeying(), access in access(), place in 0..17_usize,
    ) {
        let key = RuleKey::all().nth(place).unwrap();
        world.policy(access).rules.remove(&key);
        let plan = world.plan();
        prop_assert!(!gives(&plan).contains(&access), "{:?}", writes(&plan));
        let mut written = policies(&plan).into_iter().flat_map(|(of, rules)| rules.into_iter().map(move |(key, _)| (of, key)));
        prop_assert!(!written.any(|one| one == (access, key)));
    }

    #[test]
    fn under_a_policy_that_differs_in_one_rule_nothing_is_given_and_just_that_rule_is_written(
        mut world in obeying(), access in access(), place in 0..17_usize,
    ) {
        world.desired.group.mode = Mode::Exclusive;
        let target = standing(world.policy(access));
        let (key, altered) = strategy::altered(&target).swap_remove(place);
        prop_assume!(altered.rule(key) != target.rule(key));
        world.policy(access).rules.insert(key, altered.rule(key));
        let plan = world.plan();
        prop_assert!(!gives(&plan).contains(&access), "{:?}", writes(&plan));
        for (of, rules) in policies(&plan) {
            prop_assert_eq!(of, access);
            prop_assert_eq!(rules, vec![(key, target.rule(key))]);
        }
    }

    #[test]
    fn approvers_whom_the_service_keeps_while_approval_is_off_are_left_alone(mut world in obeying(), access in access()) {
        prop_assume!(!world.declared(access).approval.required);
        let before = writes(&world.plan());
        let approval = RuleKey::Approval;
        let Some(Rule::Approval(mut kept)) = world.policy(access).rules.get(&approval).cloned() else { panic!() };
        kept.approvers = [crate::rule::Approver::User(id("eve")), crate::rule::Approver::Other("manager".to_owned())].into();
        world.policy(access).rules.insert(approval, Rule::Approval(kept));
        prop_assert_eq!(writes(&world.plan()), before);
    }
}
