//! Policies.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::fixture::*;
use crate::action::{Cause, Write, WriteKey};
use crate::boundary::{ActivationFloor, ApprovalFloor};
use crate::context::{Availability, ContextFault, Contexts, TenantContext};
use crate::desired::{LastReport, Mode};
use crate::ids::{AuthenticationContextId, PolicyId, RuleId};
use crate::memory::Answer;
use crate::observed::Onboarding;
use crate::plan::{Plan, StageKind};
use crate::principal::Resolution;
use crate::reason::Reason;
use crate::rule::{
    self, Approver, Requirement, Rule, RuleKey, RuleTarget, Rules, UnknownRule, UnknownRuleState,
};
use crate::schedule::{Access, ByAccess};
use crate::settings::{
    Activation, ActivationRequirement, ActivationRequirements, ApprovalSetting,
    AuthenticationContext, ContextId, ContextName, Demand, Necessity, Nothing,
};
use crate::verdict::{PolicyState, State};

fn keys(plan: &Plan) -> Vec<RuleKey> {
    let writes = plan.stages.iter().flat_map(|stage| &stage.actions);
    let rules = writes.filter_map(|action| match &action.write {
        Write::UpdatePolicy { rules, .. } => Some(rules),
        _ => None,
    });
    rules.flatten().map(|(key, _)| *key).collect()
}

fn require(list: &[ActivationRequirement]) -> Activation {
    Activation {
        require: Some(ActivationRequirements(list.to_vec())),
        ..Activation::default()
    }
}

fn approval(approvers: &[&str]) -> Activation {
    let approvers = Some(approvers.iter().map(|name| person(name)).collect());
    let approval = ApprovalSetting {
        required: Some(Demand::Always),
        approvers,
        approver_justification: None,
    };
    Activation {
        approval: Some(approval),
        ..Activation::default()
    }
}

#[test]
fn a_policy_that_equals_the_declared_one_is_not_written() {
    assert!(World::new().plan().stages.is_empty());
}

#[test]
fn only_the_rules_that_differ_are_written() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(require(&[ActivationRequirement::Ticketing]));
    let plan = world.plan();
    assert_eq!(keys(&plan), [RuleKey::Enablement(RuleTarget::Activation)]);
    assert!(
        matches!(&group_record(&plan).policies.member, PolicyState::Different(found) if found.len() == 1)
    );
    assert_eq!(group_record(&plan).policies.owner, PolicyState::Applied);
}

#[test]
fn what_nobody_declares_goes_back_to_the_defaults() {
    let mut world = World::new();
    world.policy(Access::Owner).rules.insert(
        RuleKey::Enablement(RuleTarget::Activation),
        Rule::Enablement([].into()),
    );
    assert_eq!(
        keys(&world.plan()),
        [RuleKey::Enablement(RuleTarget::Activation)]
    );
}

#[test]
fn under_merge_what_nobody_declares_is_left_alone() {
    let mut world = World::new();
    world.desired.group.mode = Mode::Merge;
    let stands = Rule::Enablement([Requirement::Other("Something".to_owned())].into());
    world
        .policy(Access::Member)
        .rules
        .insert(RuleKey::Enablement(RuleTarget::Activation), stands);
    world.eligible("team", &["ann"]);
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn under_merge_a_policy_must_be_known_before_anything_is_said() {
    let mut world = World::new();
    world.desired.group.mode = Mode::Merge;
    let floor = &mut world.desired.boundary.as_mut().unwrap().rules.policy_floor;
    floor.approval = Some(ApprovalFloor {
        required: Demand::Always,
        approvers: None,
    });
    world.eligible("team", &["ann"]);
    world.observed.policies = Read::Unread;
    let plan = world.plan();
    assert!(
        plan.needs.contains(&Part::Policies),
        "what stands may well be strict enough"
    );
    assert_eq!(reason(&of_group(&plan).state), "WaitingForReplication");
    world.observed.policies = Read::now(
        ByAccess {
            member: None,
            owner: None,
        },
        at(0),
    );
    assert!(world.plan().needs.is_empty());
}

#[test]
fn policies_that_are_not_listed_yet_are_looked_for_in_a_moment() {
    for mode in [Mode::Exclusive, Mode::Merge] {
        let mut world = World::new();
        world.eligible("team", &["ann"]);
        world.desired.group.mode = mode;
        let listed = Some(policy(&world.declared(Access::Member)));
        for member in [None, listed] {
            world.observed.policies = Read::now(
                ByAccess {
                    member,
                    owner: None,
                },
                at(0),
            );
            let plan = world.plan();
            assert_eq!(reason(&of_group(&plan).state), "WaitingForReplication");
            assert_eq!(plan.wake_at, Some(at(2)), "{mode:?}");
        }
    }
}

#[test]
fn under_merge_a_floor_that_was_not_reached_is_looked_at_again() {
    let mut world = World::new();
    world.desired.group.mode = Mode::Merge;
    let floor = &mut world.desired.boundary.as_mut().unwrap().rules.policy_floor;
    floor.activation = Some(ActivationFloor {
        require: vec![ActivationRequirement::Ticketing],
        ..ActivationFloor::default()
    });
    world.forget_policies();
    let plan = world.plan();
    assert!(plan.needs.contains(&Part::Policies));
    assert_eq!(reason(&of_group(&plan).state), "BoundaryViolated");
}

#[test]
fn a_difference_is_read_again_before_it_is_written() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(require(&[ActivationRequirement::Ticketing]));
    world.forget_policies();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::Policies));
}

#[test]
fn a_context_that_goes_is_sent_before_the_sign_in_that_comes() {
    let mut world = World::new();
    let context = Rule::AuthenticationContext(Some(AuthenticationContextId::new("c1")));
    world
        .policy(Access::Member)
        .rules
        .insert(RuleKey::AuthenticationContext, context);
    world.settings(Access::Member).activation =
        Some(require(&[ActivationRequirement::MultiFactorAuthentication]));
    let both = [
        RuleKey::AuthenticationContext,
        RuleKey::Enablement(RuleTarget::Activation),
    ];
    assert_eq!(keys(&world.plan()), both);
    world.obey();
    let context = AuthenticationContext {
        id: Some(ContextId("c1".to_owned())),
        ..AuthenticationContext::default()
    };
    let activation = Activation {
        authentication_context: Some(context),
        ..Activation::default()
    };
    world.settings(Access::Member).activation = Some(activation);
    assert_eq!(keys(&world.plan()), [both[1], both[0]]);
}

#[test]
fn under_merge_what_stands_may_contradict_what_is_declared() {
    let mut world = World::new();
    world.desired.group.mode = Mode::Merge;
    let stands = Rule::Enablement([Requirement::MultiFactorAuthentication].into());
    world
        .policy(Access::Member)
        .rules
        .insert(RuleKey::Enablement(RuleTarget::Activation), stands);
    let context = AuthenticationContext {
        id: Some(ContextId("c1".to_owned())),
        ..AuthenticationContext::default()
    };
    let activation = Activation {
        authentication_context: Some(context),
        ..Activation::default()
    };
    world.settings(Access::Member).activation = Some(activation);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&of_group(&plan).state), "InvalidSpec");
    let off = AuthenticationContext {
        none: Some(Nothing {}),
        ..AuthenticationContext::default()
    };
    world.settings(Access::Member).activation = Some(Activation {
        authentication_context: Some(off),
        ..Activation::default()
    });
    assert_eq!(
        group_record(&world.plan()).policies.member,
        PolicyState::Applied
    );
}

/// Approval by whoever manages the person, which no manifest can name.
fn by_the_manager() -> Rule {
    Rule::Approval(rule::Approval {
        required: true,
        approvers: [Approver::Other("requestorManager".to_owned())].into(),
        ..Rules::defaults().approval
    })
}

#[test]
fn under_merge_approvers_that_a_manifest_cannot_name_are_not_dropped() {
    let mut world = World::new();
    world.desired.group.mode = Mode::Merge;
    world
        .policy(Access::Member)
        .rules
        .insert(RuleKey::Approval, by_the_manager());
    let declare = |world: &mut World, approvers: Option<Vec<_>>, justification| {
        let approval = ApprovalSetting {
            required: None,
            approvers,
            approver_justification: Some(justification),
        };
        world.settings(Access::Member).activation = Some(Activation {
            approval: Some(approval),
            ..Activation::default()
        });
    };
    declare(&mut world, None, Necessity::Optional);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "InvalidSpec");
    declare(&mut world, None, Necessity::Required);
    assert_eq!(
        group_record(&world.plan()).policies.member,
        PolicyState::Applied
    );
    declare(&mut world, Some(vec![person("bob")]), Necessity::Optional);
    assert_eq!(keys(&world.plan()), [RuleKey::Approval]);
}

#[test]
fn approval_without_approvers_is_refused() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(approval(&[]));
    assert_eq!(reason(&of_group(&world.plan()).state), "InvalidSpec");
    world.settings(Access::Member).activation = Some(approval(&["bob"]));
    assert_eq!(keys(&world.plan()), [RuleKey::Approval]);
    world.resolve("bob", Resolution::NotFound);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&of_group(&plan).state), "PrincipalNotFound");
}

#[test]
fn a_rule_that_is_not_known_is_never_written_and_hides_no_difference() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(approval(&["bob"]));
    let rule = UnknownRule {
        id: RuleId::new("CustomExtension"),
        state: UnknownRuleState::OnOrSilent,
        extension: None,
    };
    world.policy(Access::Member).unknown.push(rule);
    let plan = world.plan();
    assert_eq!(
        keys(&plan),
        [RuleKey::Approval],
        "tightening does not wait for somebody to switch it off"
    );
    assert_eq!(reason(&of_group(&plan).state), "UnmanagedRule");
}

#[test]
fn a_rule_that_is_not_known_is_read_again() {
    let mut world = World::new();
    let rule = UnknownRule {
        id: RuleId::new("CustomExtension"),
        state: UnknownRuleState::OnOrSilent,
        extension: None,
    };
    world.policy(Access::Member).unknown.push(rule);
    world.forget_policies();
    assert!(world.plan().needs.contains(&Part::Policies));
}

#[test]
fn a_change_by_somebody_else_is_reported_with_the_field_of_the_manifest() {
    let mut world = World::new();
    world.desired.group.last_report = LastReport::Matched;
    world.policy(Access::Owner).rules.insert(
        RuleKey::Enablement(RuleTarget::Activation),
        Rule::Enablement([].into()),
    );
    let plan = world.plan();
    let drift = &of_group(&plan).drift[0];
    assert_eq!(
        drift.to_string(),
        "spec.policy.owner.activation.require: [] instead of [Justification]"
    );
    assert!(matches!(&plan.stages[0].actions[0].cause, Cause::Drift(found) if found[0] == *drift));
}

#[test]
fn both_policies_are_judged_by_what_will_stand() {
    let mut world = World::new();
    let floor = &mut world.desired.boundary.as_mut().unwrap().rules.policy_floor;
    floor.approval = Some(ApprovalFloor {
        required: Demand::Always,
        approvers: None,
    });
    world.settings(Access::Member).activation = Some(approval(&["bob"]));
    world.obey();
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "the owner policy asks for no approval"
    );
    assert_eq!(reason(&of_group(&plan).state), "BoundaryViolated");
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryViolated");
    world.settings(Access::Owner).activation = Some(approval(&["bob"]));
    world.obey();
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn every_single_difference_is_seen_and_put_right() {
    let mut other = Rules::defaults();
    for (_, rules) in crate::plan::tests::strategy::altered(&Rules::defaults()) {
        other.clone_from(&rules);
        let mut world = World::new();
        let declared = world.declared(Access::Member);
        let mut stands = declared.clone();
        for key in RuleKey::all().filter(|key| other.rule(*key) != Rules::defaults().rule(*key)) {
            stands.set(key, other.rule(key));
        }
        *world.policy(Access::Member) = policy(&stands);
        let expected: Vec<RuleKey> = RuleKey::all()
            .filter(|key| stands.rule(*key) != declared.rule(*key))
            .collect();
        assert_eq!(keys(&world.plan()), expected);
    }
}

#[test]
fn rules_that_nobody_read_are_not_written_and_the_others_are() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(require(&[ActivationRequirement::Ticketing]));
    let stands = world.policy(Access::Member);
    stands.rules.remove(&RuleKey::Approval);
    let unreadable = [(RuleKey::Approval, "no setting".to_owned())];
    stands.unreadable = unreadable.into();
    let plan = world.plan();
    assert_eq!(
        keys(&plan),
        [RuleKey::Enablement(RuleTarget::Activation)],
        "what was read is put right"
    );
    assert_eq!(reason(&of_group(&plan).state), "PolicyIncomplete");
    let PolicyState::Incomplete(rules) = &group_record(&plan).policies.member else {
        panic!("{:?}", group_record(&plan).policies.member)
    };
    assert_eq!(*rules, [format!("{} (no setting)", RuleKey::Approval)]);
}

#[test]
fn a_policy_that_does_not_read_back_is_not_written_over_and_over() {
    let mut world = World::new();
    world.settings(Access::Member).activation = Some(require(&[ActivationRequirement::Ticketing]));
    let plan = world.plan();
    world.all_tried(&plan, &Answer::Taken);
    // The id changes with every write, and says nothing.
    world.policy(Access::Member).id = PolicyId::new("policy-2");
    for seconds in [0, 1, 30, 59] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}");
        assert_eq!(reason(&of_group(&plan).state), "WaitingForReplication");
    }
    let plan = world.plan_at(60);
    assert_eq!(keys(&plan).len(), 1);
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(
        world.memory.attempts[&WriteKey::Policy(Access::Member)].times,
        2
    );
}

#[test]
fn the_first_change_of_a_policy_is_the_only_one_of_its_stage() {
    let mut world = World::new();
    for access in Access::ALL {
        world.settings(access).activation = Some(require(&[ActivationRequirement::Ticketing]));
    }
    assert_eq!(world.plan().stages[0].actions.len(), 2);
    world.observed.onboarding = Onboarding::Ahead;
    assert_eq!(
        world.plan().stages[0].actions.len(),
        1,
        "it gives both policies other ids"
    );
}

#[test]
fn policies_that_are_never_listed_are_looked_for_ever_more_seldom_and_then_told() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    let none = ByAccess {
        member: None,
        owner: None,
    };
    world.observed.policies = Read::now(none, at(0));
    let mut looks = 0;
    let mut now = 0;
    while now < 60 * MINUTE {
        let plan = world.plan_at(now);
        assert!(plan.stages.is_empty() && plan.needs.is_empty());
        let expected = if now < 15 * MINUTE {
            "WaitingForReplication"
        } else {
            "PolicyIncomplete"
        };
        assert_eq!(reason(&of_group(&plan).state), expected, "{now}");
        now = plan.wake_at.unwrap().duration_since(at(0)).as_secs();
        looks += 1;
    }
    assert!(looks < 30, "{looks} looks in an hour");
}

#[test]
fn since_when_a_policy_is_not_listed_is_told_in_whole_seconds() {
    let mut world = World::new();
    let none = ByAccess {
        member: None,
        owner: None,
    };
    let looked: Timestamp = "2026-11-21T12:00:10.123456Z".parse().unwrap();
    world.observed.policies = Read::now(none, looked);
    world.observed.now = looked;
    for minutes in [0, 16] {
        world.observed.now = crate::knowledge::later(looked, SignedDuration::from_mins(minutes));
        let plan = world.plan();
        let message = message(&of_group(&plan).state);
        assert!(message.contains("since 2026-11-21T12:00:10Z"), "{message}");
    }
}

#[test]
fn a_change_that_the_tenant_refuses_is_told_where_it_stops_a_grant() {
    let mut world = World::new();
    world.eligible("people", &["ann"]);
    world.policy(Access::Member).rules.insert(
        RuleKey::Enablement(RuleTarget::Activation),
        Rule::Enablement([Requirement::Ticketing].into()),
    );
    let plan = world.plan();
    let refusal = State::stuck(Reason::PermissionDenied, "grant Policy.Write");
    world.all_tried(&plan, &Answer::Refused(refusal));
    let told = world.plan();
    let State::Stuck { reason, message } = assignment(&told, "people").state.clone() else {
        panic!("{:?}", assignment(&told, "people").state);
    };
    assert_eq!(reason, Reason::PermissionDenied);
    assert!(message.contains("grant Policy.Write"), "{message}");
}

fn asks_for(name: &str) -> Activation {
    Activation {
        authentication_context: Some(AuthenticationContext {
            display_name: Some(ContextName(name.to_owned())),
            ..AuthenticationContext::default()
        }),
        ..Activation::default()
    }
}

fn with_contexts(world: &mut World, contexts: Contexts) {
    world.desired.names = world.desired.names.clone().with_contexts(contexts);
}

#[test]
fn nobody_is_granted_anything_while_it_is_not_known_which_context_is_meant() {
    let mut world = World::new();
    world.eligible("people", &["ann"]);
    world.settings(Access::Member).activation = Some(asks_for("Strong"));
    let fault = ContextFault::new(Reason::ReadRefused, "no answer");
    for contexts in [Contexts::Unasked, Contexts::Unread(fault)] {
        with_contexts(&mut world, contexts);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    }
    let contexts = vec![TenantContext {
        id: AuthenticationContextId::new("c4".to_owned()),
        display_name: "Strong".to_owned(),
        availability: Availability::Published,
    }];
    let enforced = Some(BTreeSet::new());
    with_contexts(&mut world, Contexts::Read { contexts, enforced });
    let plan = world.plan();
    assert_eq!(keys(&plan), [RuleKey::AuthenticationContext]);
    assert_eq!(group_record(&plan).unenforced_contexts, ["Strong (c4)"]);
}
