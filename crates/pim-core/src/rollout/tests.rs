//! A change reaches everybody in order, a few at a time, and stops where it does harm.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn name(place: usize) -> ObjectName {
    ObjectName::new("team", format!("group-{place:02}"))
}

fn follower(place: usize, uptake: Uptake, pacing: Pacing) -> Follower {
    Follower {
        name: name(place),
        uptake,
        pacing,
    }
}

fn paced(uptakes: &[Uptake]) -> Vec<Follower> {
    let all = uptakes.iter().enumerate();
    all.map(|(place, uptake)| follower(place, *uptake, Pacing::Paced))
        .collect()
}

/// The places of those whose turn it is and who have the change before them.
fn turns(followers: &[Follower]) -> Vec<usize> {
    let rollout = Rollout::of(followers);
    let has_turn = |place: &usize| {
        followers[*place].uptake != Uptake::Updated
            && rollout.turn(&followers[*place].name) == RolloutTurn::Now
    };
    (0..followers.len()).filter(has_turn).collect()
}

use Uptake::{Failed, Pending, Updated};

#[test]
fn the_first_ones_by_name_begin() {
    let mut all = paced(&[Pending; 6]);
    all.reverse();
    let rollout = Rollout::of(&all);
    assert_eq!(rollout.turn(&name(2)), RolloutTurn::Now);
    assert_eq!(rollout.turn(&name(3)), RolloutTurn::Later);
    assert_eq!(rollout.waiting, (0..6).map(name).collect::<Vec<_>>());
}

#[test]
fn others_follow_when_one_is_ready() {
    assert_eq!(
        turns(&paced(&[Updated, Pending, Pending, Pending, Pending])),
        [1, 2, 3]
    );
}

#[test]
fn nobody_begins_once_one_has_failed_and_that_one_tries_on() {
    let all = paced(&[Updated, Failed(at(7)), Pending, Failed(at(5)), Pending]);
    assert_eq!(turns(&all), [1, 3]);
    let rollout = Rollout::of(&all);
    assert_eq!(rollout.turn(&name(4)), RolloutTurn::Stopped);
    assert_eq!(
        rollout.stopped_by,
        [name(3), name(1)],
        "the first one first"
    );
    assert_eq!((rollout.updated, rollout.waiting.len()), (1, 2));
}

#[test]
fn whoever_is_new_or_edited_waits_for_nobody_and_holds_up_nobody() {
    let mut all = paced(&[Pending; 4]);
    all.push(follower(4, Failed(at(1)), Pacing::Free));
    all.push(follower(5, Pending, Pacing::Free));
    assert_eq!(turns(&all), [0, 1, 2, 4, 5]);
    assert_eq!(Rollout::of(&all).failed, [name(4)]);
}

#[test]
fn whoever_is_paused_takes_no_place() {
    let mut all = paced(&[Pending; 5]);
    all[0].pacing = Pacing::Paused;
    assert_eq!(turns(&all), [0, 1, 2, 3]);
    assert_eq!(Rollout::of(&all).paused, 1);
}

fn uptake() -> impl Strategy<Value = Uptake> {
    prop_oneof![
        Just(Updated),
        Just(Pending),
        (0..9_i64).prop_map(|since| Failed(at(since)))
    ]
}

fn pacing() -> impl Strategy<Value = Pacing> {
    prop_oneof![4 => Just(Pacing::Paced), 1 => Just(Pacing::Free), 1 => Just(Pacing::Paused)]
}

fn followers() -> impl Strategy<Value = Vec<Follower>> {
    proptest::collection::vec((uptake(), pacing()), 0..12).prop_map(|drawn| {
        let all = drawn.into_iter().enumerate();
        all.map(|(place, (uptake, pacing))| follower(place, uptake, pacing))
            .collect()
    })
}

proptest! {
    #[test]
    fn only_a_few_who_wait_for_others_have_their_turn_at_once(all in followers()) {
        let waiting = turns(&all).into_iter().filter(|place| all[*place].pacing == Pacing::Paced);
        prop_assert!(waiting.count() <= AT_ONCE);
    }

    #[test]
    fn everybody_is_counted_once(all in followers()) {
        let rollout = Rollout::of(&all);
        prop_assert_eq!(rollout.updated + rollout.waiting.len() + rollout.failed.len(), all.len());
    }

    #[test]
    fn the_order_in_which_groups_are_listed_makes_no_difference(all in followers()) {
        let mut reversed = all.clone();
        reversed.reverse();
        prop_assert_eq!(Rollout::of(&all), Rollout::of(&reversed));
    }

    #[test]
    fn where_nobody_fails_everybody_gets_the_change(mut all in followers()) {
        for one in &mut all {
            if one.uptake != Updated {
                one.uptake = Pending;
            }
            if one.pacing == Pacing::Paused {
                one.pacing = Pacing::Paced;
            }
        }
        for _ in 0..all.len() {
            for place in turns(&all).into_iter().take(1) {
                all[place].uptake = Updated;
            }
        }
        prop_assert_eq!(Rollout::of(&all).updated, all.len());
    }

    #[test]
    fn a_failure_lets_no_other_one_begin(all in followers()) {
        let rollout = Rollout::of(&all);
        let is_stopped = all.iter().any(|one| one.pacing == Pacing::Paced && matches!(one.uptake, Failed(_)));
        let mut beginning = all.iter().filter(|one| one.pacing == Pacing::Paced && one.uptake == Pending);
        prop_assert!(!is_stopped || beginning.all(|one| rollout.turn(&one.name) == RolloutTurn::Stopped));
    }
}
