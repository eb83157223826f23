//! What a group inherits: judged, written and guarded as if it stood in the group, and a missing template stops everything
//! but what takes away.

use proptest::prelude::*;

use super::fixture::*;
use super::judge::judge;
use super::strategy;
use crate::action::{Cause, Write};
use crate::boundary::ActivationFloor;
use crate::desired::{LastReport, Template};
use crate::duration::ActivationLength;
use crate::plan::{Plan, StageKind};
use crate::rollout::RolloutTurn;
use crate::schedule::{Access, ByAccess, Kind};
use crate::settings::{
    Activation, ActivationDuration, ApprovalSetting, Demand, PolicySettings, SettingOrigin,
};
use crate::verdict::{PolicyState, State};

fn hours(text: &str) -> ActivationLength {
    ActivationLength::try_from(text.to_owned()).unwrap()
}

fn lasting(text: &str) -> PolicySettings {
    PolicySettings {
        activation: Some(Activation {
            maximum_duration: Some(ActivationDuration(hours(text))),
            ..Activation::default()
        }),
        ..PolicySettings::default()
    }
}

fn template(member: PolicySettings, turn: RolloutTurn) -> Template {
    Template {
        name: "tier-0".to_owned(),
        settings: Ok(Box::new(ByAccess {
            member,
            owner: PolicySettings::default(),
        })),
        turn,
    }
}

/// A group whose policies are as it states them, and a template that says something else for members.
fn inheriting(turn: RolloutTurn) -> World {
    let mut world = World::new();
    world.desired.group.template = Some(template(lasting("PT2H"), turn));
    world
}

fn without_template() -> World {
    let mut world = World::new();
    world.desired.group.template = Some(Template {
        name: "tier-0".to_owned(),
        settings: Err("does not exist".to_owned()),
        turn: RolloutTurn::Now,
    });
    world
}

fn policy_writes(plan: &Plan) -> usize {
    let actions = plan.stages.iter().flat_map(|stage| &stage.actions);
    let writes = actions.filter(|action| matches!(action.write, Write::UpdatePolicy { .. }));
    writes.count()
}

#[test]
fn what_is_inherited_is_written() {
    let world = inheriting(RolloutTurn::Now);
    assert_eq!(policy_writes(&world.plan()), 1, "that of members");
    let mut stands = inheriting(RolloutTurn::Now);
    stands.obey();
    assert!(stands.plan().stages.is_empty());
}

#[test]
fn what_the_group_states_stands_before_what_it_inherits() {
    let mut world = inheriting(RolloutTurn::Now);
    let active = world.settings(Access::Member).active.clone();
    *world.settings(Access::Member) = PolicySettings {
        active,
        ..lasting("PT3H")
    };
    let rules = world.declared(Access::Member);
    let longest = rules.expiration.activation.maximum.unwrap();
    assert_eq!(longest, hours("PT3H").length());
}

#[test]
fn without_its_template_nothing_is_written_or_granted_and_who_has_to_go_goes() {
    let mut world = without_template();
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.take_out("team", "bob");
    world.assignment("team").subjects.push(person("cid"));
    world.bind("role", 1);
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Revoke,
            vec!["end bob as eligible member of group".to_owned()]
        )]
    );
    let group = of_group(&plan);
    assert_eq!(reason(&group.state), "ReferenceNotFound");
    assert!(message(&group.state).contains("PolicyTemplate tier-0"));
    assert_eq!(group_record(&plan).policies.member, PolicyState::Unknown);
}

#[test]
fn until_its_turn_a_policy_is_not_written_and_nothing_is_granted_under_it() {
    for turn in [RolloutTurn::Later, RolloutTurn::Stopped] {
        let mut world = inheriting(turn);
        world.eligible("team", &["ann"]);
        world.settled_owners("owner", &["bob"]);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        let state = &of_group(&plan).state;
        assert_eq!(reason(state), "WaitingForDependency");
        assert!(matches!(state, State::Waiting { .. }));
        assert_eq!(reason(&assignment(&plan, "team").state), "GuardMissing");
        assert_eq!(reason(&assignment(&plan, "owner").state), "Ready");
    }
}

#[test]
fn whoever_has_the_settings_already_waits_for_no_turn() {
    let mut world = inheriting(RolloutTurn::Later);
    world.obey();
    world.eligible("team", &["ann"]);
    let plan = world.plan();
    assert_eq!(of_group(&plan).state, State::Ready);
    assert_eq!(first(&plan).len(), 1, "{:?}", writes(&plan));
}

#[test]
fn the_floor_of_the_boundary_holds_for_what_is_inherited() {
    let mut world = inheriting(RolloutTurn::Later);
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.policy_floor.activation = Some(ActivationFloor {
        maximum_duration: Some(hours("PT1H")),
        ..ActivationFloor::default()
    });
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let said = message(&of_group(&plan).state);
    assert!(said.contains("lets an activation last PT2H"), "{said}");
}

#[test]
fn approval_and_approvers_may_stand_apart() {
    let approval = |required, approvers| PolicySettings {
        activation: Some(Activation {
            approval: Some(ApprovalSetting {
                required,
                approvers,
                approver_justification: None,
            }),
            ..Activation::default()
        }),
        ..PolicySettings::default()
    };
    let mut world = World::new();
    *world.settings(Access::Member) = approval(Some(Demand::Always), None);
    let inherited = approval(None, Some(vec![person("ann")]));
    world.desired.group.template = Some(template(inherited, RolloutTurn::Now));
    let plan = world.plan();
    assert_eq!(policy_writes(&plan), 1);
    let told = &group_record(&plan).settings.member;
    let told = told.iter().find(|one| one.path == "activation.approval");
    assert_eq!(
        told.unwrap().origins,
        [
            ("required", SettingOrigin::Group),
            ("approvers", SettingOrigin::Template),
            ("approverJustification", SettingOrigin::Default)
        ]
    );
    world.desired.group.template = Some(template(PolicySettings::default(), RolloutTurn::Now));
    assert_eq!(reason(&of_group(&world.plan()).state), "InvalidSpec");
}

#[test]
fn a_change_that_the_template_asks_for_is_nobodys_drift() {
    let mut world = inheriting(RolloutTurn::Now);
    world.desired.group.last_report = LastReport::Differed;
    let plan = world.plan();
    assert!(of_group(&plan).drift.is_empty());
    let mut actions = plan.stages.iter().flat_map(|stage| &stage.actions);
    assert!(actions.all(|action| action.cause == Cause::Declared));
}

fn turn() -> impl Strategy<Value = RolloutTurn> {
    prop_oneof![
        Just(RolloutTurn::Now),
        Just(RolloutTurn::Later),
        Just(RolloutTurn::Stopped)
    ]
}

fn any_template() -> impl Strategy<Value = Template> {
    let settings = prop_oneof![
        4 => (strategy::settings(), strategy::settings())
            .prop_map(|(member, owner)| Ok(Box::new(ByAccess { member, owner }))),
        1 => Just(Err("does not exist".to_owned())),
    ];
    (settings, turn()).prop_map(|(settings, turn)| Template {
        name: "tier-0".to_owned(),
        settings,
        turn,
    })
}

proptest! {
    #[test]
    fn there_is_a_safe_plan_under_every_template(mut world in strategy::world(), template in any_template()) {
        let (is_known, turn) = (template.settings.is_ok(), template.turn);
        world.desired.group.template = Some(template);
        let plan = world.plan();
        judge(&world.desired, &world.observed, &world.memory, &plan);
        prop_assert!(policy_writes(&plan) == 0 || (is_known && turn == RolloutTurn::Now));
        prop_assert!(is_known || plan.stages.iter().all(|stage| stage.kind.only_reduces()), "{:?}", writes(&plan));
    }
}
