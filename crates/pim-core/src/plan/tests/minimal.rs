//! For every legal manifest: one reconcile reaches what is declared, the next writes nothing, and a change of one field
//! costs just the writes that depend on it.

use proptest::prelude::*;

use super::fixture::*;
use super::legal::{OWNERS, USERS, assert_stands, at_rest, keys, legal, written};
use super::model::{Model, list};
use super::strategy;
use crate::action::{Write, WriteKey};
use crate::boundary::LeaveBehind;
use crate::desired::{
    Assignment, DeletionPolicy, Lifecycle, Mode, Pause, RemovedByOthers, RenewalMode, Ticket,
    Undeclared,
};
use crate::ids::PrincipalId;
use crate::rule::RuleKey;
use crate::schedule::{Access, Key, Kind, ScheduleExpiration};

/// The objects that name somebody beside the owners who last.
fn others(model: &mut Model) -> impl Iterator<Item = &mut Assignment> {
    let assignments = model.world.desired.assignments.iter_mut();
    assignments.filter(|one| one.name != object(OWNERS))
}

/// One of those objects.
fn other(model: &mut Model, place: usize) -> Option<&mut Assignment> {
    let count = others(model).count();
    others(model).nth(place.checked_rem(count)?)
}

/// Who has not yet the access that an object gives.
fn newcomer(model: &Model, assignment: &Assignment) -> Option<&'static str> {
    let taken: Vec<Key> = model
        .world
        .desired
        .assignments
        .iter()
        .flat_map(keys)
        .collect();
    let has = |name: &&&str| {
        let key = Key {
            access: assignment.access,
            principal: id(name),
            kind: assignment.kind,
        };
        !taken.contains(&key)
    };
    USERS.iter().find(has).copied()
}

/// Edits that change nothing in a tenant which matches.
const WORDS: usize = 13;

/// Changes words of manifests, or wishes for what is not there.
fn change_words(model: &mut Model, field: usize, place: usize) {
    let desired = &mut model.world.desired;
    match field {
        0 => desired.group.mode = Mode::Merge,
        1 => desired.rules.removed_by_others = RemovedByOthers::Hold,
        2 => {
            desired
                .rules
                .protected
                .insert(id(USERS[place % USERS.len()]));
        }
        3 => {
            desired
                .rules
                .denied
                .insert(PrincipalId(uuid::Uuid::from_u128(1)));
        }
        4 => desired.group.undeclared.roles = Undeclared::Remove,
        5 => {
            (
                desired.group.undeclared.eligible,
                desired.group.undeclared.active,
            ) = (Undeclared::Remove, Undeclared::Remove);
        }
        6 => {
            let groups = &mut desired.boundary.as_mut().unwrap().rules.groups;
            groups.leave_behind = LeaveBehind::Allowed;
            groups.name_patterns.push("PAG-*".to_owned());
        }
        7 => desired
            .bindings
            .iter_mut()
            .for_each(|one| one.justification = Some("another reason".to_owned())),
        _ => {
            let Some(assignment) = other(model, place) else {
                return;
            };
            match field {
                8 => assignment.justification = Some("another reason".to_owned()),
                9 => {
                    assignment.ticket = Some(Ticket {
                        number: "CHG1".to_owned(),
                        system: None,
                    });
                }
                10 => assignment.renewal.mode = RenewalMode::Auto,
                11 => (assignment.created, assignment.generation) = (at(-60 * DAY), 2),
                _ => assignment.pause = Pause::Paused,
            }
        }
    }
}

/// Edits that cost something.
const WISHES: usize = 9;

/// Changes one field of one object, and says what that costs.
fn change(model: &mut Model, field: usize, place: usize) -> Vec<WriteKey> {
    let access = if place.is_multiple_of(2) {
        Access::Member
    } else {
        Access::Owner
    };
    let desired = &mut model.world.desired;
    match field {
        0 => {
            desired.group.display_name.push_str("-new");
            return vec![WriteKey::Update];
        }
        1 => {
            desired.group.description = Some("what it is for".to_owned());
            return vec![WriteKey::Update];
        }
        2 => {
            let activation = model
                .world
                .settings(access)
                .activation
                .get_or_insert_default();
            activation.maximum_duration = serde_json::from_value("PT2H".into()).unwrap();
            return vec![WriteKey::Policy(access)];
        }
        3 => {
            let binding = model.world.bind("another", 7);
            return vec![WriteKey::Bind(binding.key(&role_target(7)))];
        }
        4 => {
            let Some(binding) = desired.bindings.first_mut() else {
                return Vec::new();
            };
            binding.lifecycle = Lifecycle::Deleting;
            return vec![WriteKey::Unbind(binding.key(binding.role.found().unwrap()))];
        }
        _ => {}
    }
    let Some(mut assignment) = other(model, place).map(|one| one.clone()) else {
        return Vec::new();
    };
    let costs: Vec<WriteKey> = match field {
        5 => {
            let Some(name) = newcomer(model, &assignment) else {
                return Vec::new();
            };
            assignment.subjects.push(person(name));
            keys(&assignment)
                .last()
                .map(WriteKey::Grant)
                .into_iter()
                .collect()
        }
        6 => {
            let gone = keys(&assignment).next();
            assignment.subjects.remove(0);
            gone.map(WriteKey::Revoke).into_iter().collect()
        }
        7 => {
            assignment.schedule.expiration = ScheduleExpiration::EndTime(at(310 * DAY));
            keys(&assignment).map(WriteKey::Grant).collect()
        }
        _ => {
            assignment.lifecycle = Lifecycle::Deleting;
            keys(&assignment).map(WriteKey::Revoke).collect()
        }
    };
    let changed = assignment.object();
    let mut others = others(model);
    *others.find(|one| one.object() == changed).unwrap() = assignment;
    costs
}

/// What somebody can change by hand.
const DEEDS: usize = 4;

/// Somebody changes one thing by hand, and that much it costs to put it right.
fn tamper(model: &mut Model, deed: usize, place: usize) -> Vec<WriteKey> {
    let (schedules, bindings) = (
        model.world.desired.assignments.clone(),
        model.world.desired.bindings.clone(),
    );
    match deed {
        0 => {
            let access = if place.is_multiple_of(2) {
                Access::Member
            } else {
                Access::Owner
            };
            let target = model.world.declared(access);
            let (key, altered) = strategy::altered(&target).swap_remove(place % 17);
            model
                .world
                .policy(access)
                .rules
                .insert(key, altered.rule(key));
            if altered.rule(key) == target.rule(key) {
                Vec::new()
            } else {
                vec![WriteKey::Policy(access)]
            }
        }
        1 | 2 => {
            let of_others = schedules
                .iter()
                .filter(|one| one.name != object(OWNERS))
                .flat_map(keys);
            let all: Vec<Key> = of_others.collect();
            let Some(key) = place.checked_rem(all.len()).map(|place| all[place]) else {
                return Vec::new();
            };
            let rows = list(&mut model.world.observed, key.kind);
            if deed == 1 {
                rows.retain(|row| row.key(key.kind) != key);
            } else {
                let row = rows
                    .iter_mut()
                    .find(|row| row.key(key.kind) == key)
                    .unwrap();
                row.window.end = crate::schedule::End::At(at(33 * DAY));
            }
            vec![WriteKey::Grant(key)]
        }
        _ => {
            let Some(binding) = bindings.first() else {
                return Vec::new();
            };
            let role = binding.key(binding.role.found().unwrap());
            super::model::role_list(&mut model.world.observed, role.kind).clear();
            let of_kind = bindings.iter().filter(|one| one.kind == role.kind);
            let mut lost: Vec<WriteKey> = of_kind
                .map(|one| WriteKey::Bind(one.key(one.role.found().unwrap())))
                .collect();
            lost.sort();
            lost
        }
    }
}

proptest! {
    #[test]
    fn one_reconcile_reaches_what_is_declared_and_the_next_writes_nothing(world in legal()) {
        let mut model = Model::new(world);
        let rest = model.converge();
        assert_stands(&model, &rest);
        let mut keys: Vec<WriteKey> = model.written.iter().map(Write::key).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), count, "something was written twice: {:#?}", model.journal);
        prop_assert_eq!(written(&mut model), Vec::new());
        let day = later(model.now(), DAY);
        model.advance(day);
        prop_assert_eq!(written(&mut model), Vec::new(), "a day later");
    }

    #[test]
    fn what_stands_already_is_never_written(world in legal(), is_rebuilt in any::<bool>()) {
        let mut model = at_rest(world);
        if is_rebuilt {
            // The cluster is built anew: no status remembers anything.
            model.restart();
            for assignment in &mut model.world.desired.assignments {
                assignment.memory.clear();
            }
            for binding in &mut model.world.desired.bindings {
                (binding.bound, binding.first_bound, binding.sent) = (None, None, None);
            }
            model.world.desired.group.last_seen = None;
        }
        prop_assert_eq!(written(&mut model), Vec::new());
    }

    #[test]
    fn a_change_of_one_field_costs_just_the_writes_that_depend_on_it(
        world in legal(), field in 0..WISHES, place in 0..12_usize,
    ) {
        let mut model = at_rest(world);
        let mut expected = change(&mut model, field, place);
        expected.sort();
        prop_assert_eq!(written(&mut model), expected, "{:#?}", model.trace);
        prop_assert_eq!(written(&mut model), Vec::new());
    }

    #[test]
    fn a_change_of_words_costs_nothing(world in legal(), field in 0..WORDS, place in 0..12_usize) {
        let mut model = at_rest(world);
        change_words(&mut model, field, place);
        prop_assert_eq!(written(&mut model), Vec::new(), "{:#?}", model.trace);
    }

    #[test]
    fn what_somebody_changes_by_hand_costs_one_write_that_puts_it_right(
        world in legal(), deed in 0..DEEDS, place in 0..34_usize,
    ) {
        let mut model = at_rest(world);
        let expected = tamper(&mut model, deed, place);
        // Everything is read again, as once an hour.
        model.seen = None;
        prop_assert_eq!(written(&mut model), expected, "{:#?}", model.trace);
        let rest = model.converge();
        assert_stands(&model, &rest);
    }

    #[test]
    fn a_changed_setting_is_written_alone(world in legal(), place in 0..2_usize) {
        let mut model = at_rest(world);
        change(&mut model, 2, place);
        written(&mut model);
        for write in &model.written {
            let Write::UpdatePolicy { rules, .. } = write else { panic!("{write:?}") };
            let keys: Vec<RuleKey> = rules.iter().map(|(key, _)| *key).collect();
            prop_assert_eq!(keys, vec![RuleKey::Expiration(crate::rule::RuleTarget::Activation)]);
        }
    }

    #[test]
    fn an_object_that_leaves_its_access_behind_writes_nothing_when_it_goes(world in legal(), place in 0..12_usize) {
        let mut model = at_rest(world);
        model.world.desired.boundary.as_mut().unwrap().rules.groups.leave_behind = LeaveBehind::Allowed;
        if let Some(assignment) = other(&mut model, place) {
            (assignment.deletion_policy, assignment.lifecycle) = (DeletionPolicy::Retain, Lifecycle::Deleting);
        }
        prop_assert_eq!(written(&mut model), Vec::new());
    }

    #[test]
    fn in_a_tenant_that_lags_everybody_has_what_is_declared_for_them_once(world in legal(), seed in any::<u64>()) {
        let mut model = Model::new(world).lagging(seed);
        model.converge();
        let observed = &model.world.observed;
        let of = |kind: Kind| observed.list(kind).rows().iter().map(move |row| row.key(kind));
        let mut stands: Vec<Key> = of(Kind::Eligible).chain(of(Kind::Active)).collect();
        let mut declared: Vec<Key> = model.world.desired.assignments.iter().flat_map(keys).collect();
        stands.sort();
        declared.sort();
        prop_assert_eq!(stands, declared, "{:#?}", model.trace);
    }
}

#[test]
fn every_field_of_the_list_costs_something_in_some_world() {
    let mut world = World::new();
    world.owners(OWNERS, &["ann"]);
    world.eligible("team", &["bob"]);
    world.bind("role", 1);
    for field in 0..WISHES {
        let mut model = at_rest(world.clone());
        let expected = change(&mut model, field, 0);
        assert!(!expected.is_empty(), "field {field}");
        assert_eq!(written(&mut model), expected, "field {field}");
    }
    let mut model = at_rest(world);
    assert_eq!(
        tamper(&mut model, 1, 0),
        [WriteKey::Grant(key("bob", Kind::Eligible))]
    );
}
