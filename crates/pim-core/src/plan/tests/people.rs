//! What holds for people in every legal world: one object holds each access, nobody loses by a move, who has to go goes
//! first, and the last owner stays.

use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use super::legal::{OWNERS, USERS, at_rest, keys, legal, written};
use super::model::Model;
use crate::action::WriteKey;
use crate::desired::{Assignment, Lifecycle};
use crate::observed::Nature;
use crate::plan::{Plan, StageKind};
use crate::schedule::{Access, Key, Kind};
use crate::verdict::State;

/// An object that declares the same again, and is younger.
fn copy_of(assignment: &Assignment, name: &str) -> Assignment {
    let mut copy = assignment.clone();
    copy.name = object(name);
    copy.created = at(-DAY);
    copy.memory.clear();
    copy
}

/// Which object names somebody beside the owners who last, if any.
fn place_of_other(model: &Model, place: usize) -> Option<usize> {
    let all = model.world.desired.assignments.iter().enumerate();
    let others: Vec<usize> = all
        .filter(|(_, one)| one.name != object(OWNERS))
        .map(|(place, _)| place)
        .collect();
    place.checked_rem(others.len()).map(|place| others[place])
}

fn first_stage(plan: &Plan) -> (Option<StageKind>, Vec<WriteKey>) {
    let stage = plan.stages.first();
    let keys = stage
        .into_iter()
        .flat_map(|stage| &stage.actions)
        .map(|action| action.write.key());
    (stage.map(|stage| stage.kind), keys.collect())
}

/// Everything that somebody has.
fn held(model: &Model, name: &str) -> Vec<Key> {
    let observed = &model.world.observed;
    let of = |kind| {
        observed
            .list(kind)
            .rows()
            .iter()
            .map(move |row| row.key(kind))
    };
    of(Kind::Eligible)
        .chain(of(Kind::Active))
        .filter(|key| key.principal == id(name))
        .collect()
}

/// Wishes that would come true if nothing graver came before.
fn wish_for_more(model: &mut Model) {
    model.world.desired.group.display_name.push_str("-new");
    model.world.bind("more", 7);
    let activation = model
        .world
        .settings(Access::Member)
        .activation
        .get_or_insert_default();
    activation.maximum_duration = serde_json::from_value("PT2H".into()).unwrap();
}

proptest! {
    #[test]
    fn moving_somebody_from_one_object_to_another_writes_nothing(world in legal(), place in 0..12_usize) {
        let mut model = at_rest(world);
        let Some(place) = place_of_other(&model, place) else { return Ok(()) };
        let mut to = copy_of(&model.world.desired.assignments[place], "new");
        let moved = model.world.desired.assignments[place].subjects.remove(0);
        to.subjects = vec![moved];
        model.world.desired.assignments.push(to);
        prop_assert_eq!(written(&mut model), Vec::new(), "{:#?}", model.trace);
        let rest = model.converge();
        prop_assert_eq!(&assignment(&rest, "new").state, &State::Ready);
    }

    #[test]
    fn of_objects_that_declare_the_same_one_holds_it_and_the_other_takes_over(
        world in legal(), place in 0..12_usize, older in any::<bool>(),
    ) {
        let mut model = at_rest(world);
        let Some(place) = place_of_other(&model, place) else { return Ok(()) };
        let mut copy = copy_of(&model.world.desired.assignments[place], "copy");
        if older {
            copy.created = at(-100 * DAY);
        }
        let name = model.world.desired.assignments[place].name.name.clone();
        model.world.desired.assignments.push(copy);
        prop_assert_eq!(written(&mut model), Vec::new());
        let rest = model.converge();
        // Whoever granted it keeps it, however old the other one is.
        prop_assert_eq!(&assignment(&rest, &name).state, &State::Ready);
        prop_assert_eq!(reason(&assignment(&rest, "copy").state), "Conflict");
        model.world.desired.assignments[place].lifecycle = Lifecycle::Deleting;
        prop_assert_eq!(written(&mut model), Vec::new(), "nobody loses what another object declares");
        let rest = model.converge();
        prop_assert_eq!(&assignment(&rest, "copy").state, &State::Ready);
    }

    #[test]
    fn whoever_is_taken_out_goes_before_anything_is_given(world in legal(), place in 0..12_usize) {
        let mut model = at_rest(world);
        let Some(place) = place_of_other(&model, place) else { return Ok(()) };
        let gone = keys(&model.world.desired.assignments[place]).next().unwrap();
        model.world.desired.assignments[place].subjects.remove(0);
        wish_for_more(&mut model);
        model.end_pass();
        let plan = model.round();
        prop_assert_eq!(first_stage(&plan), (Some(StageKind::Revoke), vec![WriteKey::Revoke(gone)]));
    }

    #[test]
    fn whoever_is_denied_loses_everything_before_anything_else_is_written(world in legal(), name in select(&USERS[..])) {
        let mut model = at_rest(world);
        let had = held(&model, name);
        let owners: Vec<_> = model.world.observed.owners().map(|row| row.principal).collect();
        model.world.desired.rules.denied.insert(id(name));
        wish_for_more(&mut model);
        model.end_pass();
        let plan = model.round();
        let is_last = |key: &Key| owners == [id(name)] && *key == Key::owner(id(name));
        let going: Vec<Key> = had.into_iter().filter(|key| !is_last(key)).collect();
        let (kind, mut keys) = first_stage(&plan);
        if !going.is_empty() {
            prop_assert_eq!(kind, Some(StageKind::EmergencyStop));
            let mut expected: Vec<WriteKey> = going.into_iter().map(WriteKey::Revoke).collect();
            keys.sort();
            expected.sort();
            prop_assert_eq!(keys, expected);
        }
        model.converge();
        prop_assert!(held(&model, name).iter().all(is_last));
    }

    #[test]
    fn the_last_owner_stays_while_the_group_stays(world in legal(), deny in any::<bool>()) {
        let mut model = at_rest(world);
        for assignment in &mut model.world.desired.assignments {
            if assignment.access == Access::Owner {
                assignment.lifecycle = Lifecycle::Deleting;
            }
        }
        if deny {
            model.world.desired.rules.denied.extend(USERS.map(id));
        }
        model.converge();
        let owners = model.world.observed.owners().filter(|row| row.nature == Nature::Assigned);
        prop_assert_eq!(owners.count(), 1, "{:#?}", model.journal);
    }

    #[test]
    fn whoever_is_protected_keeps_what_they_have(world in legal(), name in select(&USERS[..])) {
        let mut model = at_rest(world);
        let had = held(&model, name);
        model.world.desired.rules.protected.insert(id(name));
        for assignment in &mut model.world.desired.assignments {
            assignment.subjects.retain(|subject| *subject != person(name));
        }
        // Until their windows end by themselves.
        model.end_pass();
        for _ in 0..5 {
            model.round();
        }
        prop_assert_eq!(held(&model, name), had);
    }

    #[test]
    fn an_activation_is_never_planned_against(world in legal(), name in select(&USERS[..])) {
        let mut model = at_rest(world);
        let member = key(name, Kind::Eligible);
        let now = model.now();
        let is_eligible = model.world.observed.standing(member).is_some_and(|one| !one.window.is_future(now));
        if is_eligible {
            model.world.activated(name);
        }
        prop_assert_eq!(written(&mut model), Vec::new());
    }
}
