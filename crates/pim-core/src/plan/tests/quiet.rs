//! What no circumstance changes: nothing is given while somebody has asked for a pause, without a boundary, or on a
//! tenant of which nothing was read; and what was tried waits for its time.

use proptest::prelude::*;

use super::fixture::*;
use super::strategy;
use crate::action::{Write, WriteKey};
use crate::desired::Pause;
use crate::memory::{Answer, Memory};
use crate::observed;
use crate::plan::{Plan, StageKind, plan};
use crate::reason::Reason;
use crate::verdict::State;

fn all_writes(plan: &Plan) -> impl Iterator<Item = &Write> {
    plan.stages
        .iter()
        .flat_map(|stage| &stage.actions)
        .map(|action| &action.write)
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Ready),
        Just(State::Expired),
        Just(State::Gone),
        "[a-z]{0,2}".prop_map(|text| State::waiting(Reason::Progressing, text)),
        "[a-z]{0,2}".prop_map(|text| State::stuck(Reason::InvalidSpec, text)),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Taken),
        Just(Answer::Accepted),
        Just(Answer::Refused(State::waiting(
            Reason::WaitingForReplication,
            "not yet"
        ))),
    ]
}

proptest! {
    #[test]
    fn without_a_boundary_nobody_is_given_anything(mut world in strategy::world()) {
        world.desired.boundary = None;
        let plan = world.plan();
        prop_assert!(plan.stages.iter().all(|stage| stage.kind.only_reduces()), "{:?}", writes(&plan));
    }

    #[test]
    fn while_everything_is_paused_nothing_is_given(mut world in strategy::world()) {
        let desired = &mut world.desired;
        desired.group.pause = Pause::Paused;
        desired.bindings.iter_mut().for_each(|one| one.pause = Pause::WithItsGroup);
        desired.assignments.iter_mut().for_each(|one| one.pause = Pause::WithItsGroup);
        let plan = world.plan();
        prop_assert!(plan.stages.iter().all(|stage| stage.kind.only_reduces()), "{:?}", writes(&plan));
    }

    #[test]
    fn a_tenant_of_which_nothing_was_read_is_asked_and_not_written(world in strategy::world()) {
        let unread = observed::Unit::unread(world.observed.now, world.observed.group.clone());
        let plan = plan(&world.desired, &unread, &world.memory);
        let of_group_alone = |kind: StageKind| matches!(kind, StageKind::Group | StageKind::Rename);
        prop_assert!(plan.stages.iter().all(|stage| of_group_alone(stage.kind)), "{:?}", writes(&plan));
    }

    #[test]
    fn what_was_tried_is_not_tried_again_before_its_time(mut world in strategy::world(), answer in answer()) {
        let first = world.plan();
        world.memory = first.memory.clone();
        let Some(stage) = first.stages.first() else { return Ok(()) };
        let tried: Vec<WriteKey> = stage.actions.iter().map(|action| action.write.key()).collect();
        world.all_tried(&first, &answer);
        let again = world.plan();
        // Whoever is denied goes by another way where PIM still lists them.
        let again: Vec<WriteKey> = all_writes(&again).map(Write::key).filter(|key| tried.contains(key)).collect();
        prop_assert_eq!(again, Vec::new());
    }

    #[test]
    fn an_edit_of_a_reason_changes_no_write(mut world in strategy::world()) {
        let windows = |plan: &Plan| -> Vec<_> {
            let write = |write: &Write| match write {
                Write::Grant { window, verb, .. } | Write::BindRole { window, verb, .. } => (write.key(), Some((*verb, *window))),
                other => (other.key(), None),
            };
            all_writes(plan).map(write).collect()
        };
        let before = windows(&world.plan());
        world.desired.assignments.iter_mut().for_each(|one| one.justification = Some("another".to_owned()));
        world.desired.bindings.iter_mut().for_each(|one| one.justification = Some("another".to_owned()));
        prop_assert_eq!(windows(&world.plan()), before);
    }

    #[test]
    fn what_undoes_a_write_is_undone_by_it(world in strategy::world()) {
        for key in all_writes(&world.plan()).map(Write::key) {
            for other in key.opposites() {
                prop_assert!(other.opposites().contains(&key), "{:?} undoes {:?}", other, key);
            }
        }
    }

    #[test]
    fn the_graver_of_two_states_is_told_whichever_comes_first(one in state(), other in state(), third in state()) {
        let rank = |state: &State| std::mem::discriminant(state);
        prop_assert_eq!(rank(&one.clone().graver(other.clone())), rank(&other.clone().graver(one.clone())));
        let (left, right) = (one.clone().graver(other.clone()).graver(third.clone()), one.clone().graver(other.graver(third)));
        prop_assert_eq!(left, right);
        prop_assert_eq!(one.clone().graver(one.clone()), one);
    }

    #[test]
    fn what_is_remembered_of_tries_is_forgotten_in_time(world in strategy::world(), answer in answer(), hours in 1..48_i64) {
        let first = world.plan();
        let mut memory = Memory::default();
        let now = world.observed.now;
        for write in all_writes(&first) {
            memory.tried(write, now, jiff::SignedDuration::from_mins(1), answer.clone());
        }
        let mut kept = memory.clone();
        kept.forget_old(later(now, 10 * MINUTE));
        prop_assert_eq!(&kept, &memory);
        memory.forget_old(later(now, hours * 60 * MINUTE));
        prop_assert!(memory.attempts.is_empty() && memory.removed.is_empty());
    }
}
