//! Rounds of planning come to rest, and what is deleted is gone in the end; and every plan is safe.

use proptest::prelude::*;

use super::fixture::*;
use super::judge::{judge, judge_rest};
use super::model::{Activations, Model, states};
use super::strategy;
use crate::action::{GrantVerb, Write};
use crate::desired::{Assignment, GrantRecord, Lifecycle, Pause};
use crate::observed::{Management, Presence};
use crate::plan::{self, Plan};
use crate::verdict::State;

/// Everything that is declared is deleted, and nobody is protected any more: who is stays, and the group with them.
pub fn delete_everything(model: &mut Model) {
    let desired = &mut model.world.desired;
    desired.rules.protected.clear();
    desired.group.lifecycle = Lifecycle::Deleting;
    desired.group.pause = Pause::Running;
    for assignment in &mut desired.assignments {
        assignment.lifecycle = Lifecycle::Deleting;
        assignment.pause = Pause::Running;
    }
    for binding in &mut desired.bindings {
        binding.lifecycle = Lifecycle::Deleting;
        binding.pause = Pause::Running;
    }
}

fn can_be_written(world: &World) -> bool {
    match &world.observed.group {
        Presence::Living(group) => group.management == Management::Open,
        Presence::Absent { .. } | Presence::Deleted { .. } => true,
        Presence::Duplicates(_) | Presence::KeyMismatch(_) => false,
    }
}

/// A tenant that is true, or one that lags as the dice fall.
fn lag() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), any::<u64>().prop_map(Some)]
}

fn model(world: World, activations: Activations, lag: Option<u64>) -> Model {
    let mut model = Model::new(world);
    model.activations = activations;
    match lag {
        None => model,
        Some(seed) => model.lagging(seed),
    }
}

fn activations() -> impl Strategy<Value = Activations> {
    prop_oneof![
        Just(Activations::Remain),
        Just(Activations::EndWithTheirEligibility)
    ]
}

proptest! {
    #[test]
    fn there_is_a_safe_plan_for_everything(mut world in strategy::world(), freshness in 0..3_u8, now in -500 * DAY..500 * DAY) {
        world.observed.now = at(now);
        match freshness {
            0 => world.observed.policies = Read::Unread,
            1 => world.forget_policies(),
            _ => {}
        }
        if freshness == 0 {
            world.observed.plain_roles = Read::Unread;
        }
        judge(&world.desired, &world.observed, &world.memory, &world.plan());
    }

    #[test]
    fn of_what_surely_had_no_effect_nothing_is_remembered(world in strategy::world()) {
        let plan = world.plan();
        let mut before = world.desired.clone();
        plan::remember(&mut before, &plan);
        for stage in &plan.stages {
            let mut begun = plan.clone();
            begun.stages = vec![stage.clone()];
            begun.begin(world.observed.now);
            let mut after = before.clone();
            plan::remember(&mut after, &begun);
            for action in &stage.actions {
                plan::never_sent(&mut after, &before, &action.write);
            }
            prop_assert_eq!(after.group.pending, before.group.pending);
            for (after, before) in after.bindings.iter().zip(&before.bindings) {
                prop_assert_eq!(&after.sent, &before.sent);
                prop_assert_eq!((&after.bound, after.first_bound), (&before.bound, before.first_bound));
            }
            // Whoever stands already goes on standing, whatever became of the change.
            let is_changed = |principal| stage.actions.iter().any(|action| {
                matches!(action.write, Write::Grant { key, verb: GrantVerb::Update, .. } if key.principal == principal)
            });
            let known = |one: &Assignment| {
                let mut known: Vec<GrantRecord> = one.memory.iter().filter(|record| !is_changed(record.principal)).cloned().collect();
                known.sort_by_key(|record| record.principal);
                known
            };
            for (after, before) in after.assignments.iter().zip(&before.assignments) {
                prop_assert_eq!(known(after), known(before));
            }
        }
    }

    #[test]
    fn the_order_in_which_things_are_listed_makes_no_difference(world in strategy::world()) {
        let mut shuffled = world.clone();
        shuffled.desired.assignments.reverse();
        shuffled.desired.bindings.reverse();
        shuffled.observed.eligible.known().reverse();
        shuffled.observed.active.known().reverse();
        shuffled.observed.roles.known().reverse();
        let sorted = |plan: &Plan| {
            let mut all: Vec<String> = plan.stages.iter().flat_map(|stage| &stage.actions).map(|one| format!("{:?}", one.write)).collect();
            all.sort();
            all
        };
        let (one, other) = (world.plan(), shuffled.plan());
        prop_assert_eq!(sorted(&one), sorted(&other));
        prop_assert_eq!(one.verdicts, other.verdicts);
    }

    #[test]
    fn every_world_comes_to_rest_and_stays_there(world in strategy::world(), activations in activations(), lag in lag()) {
        let mut model = model(world, activations, lag);
        let rest = model.converge();
        judge_rest(&model, &rest);
        let again = model.round();
        prop_assert!(again.stages.is_empty(), "{:?}", writes(&again));
        // What an object forgets when it loses a conflict may change a reason once more.
        let last = model.round();
        prop_assert!(last.stages.is_empty(), "{:?}", writes(&last));
        let lasting = |plan: &Plan| -> Vec<State> {
            states(plan).into_iter().filter(|state| **state != State::Gone).cloned().collect()
        };
        // Whoever begins anew does not know since when something is missing.
        if lag.is_none() {
            prop_assert_eq!(lasting(&last), lasting(&again));
        }
    }

    #[test]
    fn what_is_deleted_is_gone_in_the_end(mut world in strategy::world(), activations in activations(), lag in lag()) {
        if !can_be_written(&world) {
            world.observed.group = Presence::Living(living());
        }
        let mut model = model(world, activations, lag);
        delete_everything(&mut model);
        let rest = model.converge();
        prop_assert_eq!(&of_group(&rest).state, &State::Gone);
        prop_assert!(model.world.desired.assignments.is_empty() && model.world.desired.bindings.is_empty());
        // Where nobody heard of a deletion there may be more than one.
        let is_delete = |write: &String| write.starts_with("delete group");
        let deletes: Vec<usize> =
            model.journal.iter().enumerate().filter(|(_, write)| is_delete(write)).map(|(place, _)| place).collect();
        let is_last = deletes.is_empty() || deletes == [model.journal.len() - 1];
        prop_assert!(is_last || lag.is_some(), "{:#?}", model.journal);
    }

    #[test]
    fn whatever_a_group_had_all_of_it_goes_again(world in strategy::beginning(), lag in lag()) {
        let mut model = Model::from_nothing(world);
        if let Some(seed) = lag {
            model = model.lagging(seed);
        }
        let rest = model.converge();
        judge_rest(&model, &rest);
        delete_everything(&mut model);
        let rest = model.converge();
        prop_assert_eq!(&of_group(&rest).state, &State::Gone);
        let left = &model.world.observed;
        prop_assert!(left.eligible.rows().is_empty() && left.roles.rows().is_empty() && left.active.rows().len() <= 1);
    }
}
