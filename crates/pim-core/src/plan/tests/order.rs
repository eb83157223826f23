//! What follows what, over all the rounds of a whole history.

use super::fixture::*;
use super::model::{Activations, Model};
use crate::desired::Lifecycle;
use crate::plan::StageKind;
use crate::schedule::{Access, End, Kind};
use crate::settings::{Activation, ActivationRequirement, ActivationRequirements};
use crate::verdict::State;

fn whole() -> World {
    let mut world = World::new();
    world.owners("owners", &["ann"]);
    world.eligible("may", &["bob"]).access = Access::Owner;
    world.eligible("team", &["cid", "dan"]);
    world.active("always", &["robot"]);
    world.bind("role", 1);
    world
}

fn kinds(model: &mut Model) -> Vec<StageKind> {
    let mut kinds = Vec::new();
    for _ in 0..20 {
        let plan = model.round();
        match plan.stages.first() {
            Some(stage) => kinds.push(stage.kind),
            None => return kinds,
        }
    }
    panic!("never comes to rest: {kinds:?}");
}

#[test]
fn a_group_from_nothing_gets_its_guard_before_anybody() {
    let mut model = Model::from_nothing(whole());
    assert_eq!(
        kinds(&mut model),
        [
            StageKind::Group,
            StageKind::Policy,
            StageKind::Policy,
            StageKind::Grant,
            StageKind::Grant
        ],
        "the first change of a policy gives both of them other ids"
    );
    let plan = model.round();
    assert!(plan.stages.is_empty(), "a second pass writes nothing");
    assert!(
        super::model::states(&plan)
            .iter()
            .all(|state| **state == State::Ready),
        "{plan:#?}"
    );
}

#[test]
fn tightening_comes_before_granting_and_after_revoking() {
    let mut model = Model::from_nothing(whole());
    model.converge();
    model.journal.clear();
    model.world.take_out("team", "cid");
    model.world.assignment("team").subjects.push(person("eve"));
    let require = ActivationRequirements(vec![ActivationRequirement::Ticketing]);
    model.world.settings(Access::Member).activation = Some(Activation {
        require: Some(require),
        ..Activation::default()
    });
    assert_eq!(
        kinds(&mut model),
        [StageKind::Revoke, StageKind::Policy, StageKind::Grant]
    );
}

#[test]
fn a_torn_down_group_goes_last_and_takes_five_minutes() {
    for activations in [Activations::Remain, Activations::EndWithTheirEligibility] {
        let mut model = Model::from_nothing(whole());
        model.activations = activations;
        model.converge();
        let begun = model.now();
        model.world.activated("cid").window.start = Some(begun);
        model.world.desired.group.lifecycle = Lifecycle::Deleting;
        for assignment in &mut model.world.desired.assignments {
            assignment.lifecycle = Lifecycle::Deleting;
        }
        model.world.binding("role").lifecycle = Lifecycle::Deleting;
        let plan = model.converge();
        assert_eq!(of_group(&plan).state, State::Gone);
        assert!(
            model.world.desired.assignments.is_empty() && model.world.desired.bindings.is_empty()
        );
        assert_eq!(
            model.now(),
            later(begun, 5 * MINUTE),
            "no longer than the service makes it take: {:#?}",
            model.trace
        );
        assert!(model.journal.last().unwrap().starts_with("delete group"));
        let left: Vec<_> = model
            .world
            .observed
            .active
            .rows()
            .iter()
            .map(|schedule| schedule.principal)
            .collect();
        assert_eq!(left, [id("ann")], "the last owner went with it");
    }
}

#[test]
fn a_note_counts_from_the_grant_and_not_from_the_wish() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.settled(Kind::Active, "always", &["bob"]);
    world.observed.active.known()[0].window.start = Some(at(-MINUTE));
    let rule = crate::rule::UnknownRule {
        id: crate::ids::RuleId::new("New_Rule"),
        state: crate::rule::UnknownRuleState::OnOrSilent,
        extension: None,
    };
    world.policy(Access::Member).unknown.push(rule);
    let mut model = Model::new(world);
    model.converge();
    model.advance(at(30 * DAY));
    model.world.policy(Access::Member).unknown.clear();
    model.converge();
    let granted = model
        .world
        .observed
        .standing(key("ann", Kind::Eligible))
        .unwrap();
    assert_eq!(granted.window.end, End::At(at(210 * DAY)));
}

#[test]
fn a_shorter_window_waits_for_a_policy_that_would_refuse_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.observed.eligible.known()[0].window.end = End::Never;
    let short = crate::rule::Expiration {
        required: true,
        maximum: Some(crate::duration::Length::days(1)),
    };
    let key = crate::rule::RuleKey::Expiration(crate::rule::RuleTarget::Eligible);
    world
        .policy(Access::Member)
        .rules
        .insert(key, crate::rule::Rule::Expiration(short));
    let mut model = Model::new(world);
    assert_eq!(kinds(&mut model), [StageKind::Policy, StageKind::Revoke]);
}
