//! Random histories: manifests change, people change the tenant by hand, time passes, and a round of the operator
//! comes between. After each of them everything that must never happen is checked; in the end all comes to rest.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::fixture::*;
use super::model::{Activations, Model, list};
use super::replica::Spot;
use super::strategy;
use crate::boundary::Boundary;
use crate::desired::Lifecycle;
use crate::ids::PrincipalId;
use crate::observed::{Direct, DirectKind, Nature, Presence};
use crate::plan::Plan;
use crate::rule::{Rule, RuleKey, UnknownRule};
use crate::schedule::{Access, End, Key, Kind, Schedule, Window};
use crate::verdict::State;

#[derive(Debug, Clone)]
enum Event {
    /// A person is put into or taken out of a manifest.
    Toggle(usize, &'static str),
    /// A manifest gets another schedule.
    Schedule(usize, Schedule),
    Delete(usize),
    Declare(Kind, Access, &'static str, Schedule),
    Bind(u128),
    /// A role is not declared any more.
    Unbind(usize),
    Boundary(Box<Option<Boundary>>),
    /// Somebody takes access away by hand, or gives it.
    Hand(Key, Option<i64>, End),
    /// Somebody changes a rule by hand.
    Rule(Access, RuleKey, Rule),
    /// Rules appear or vanish that are not known.
    Unknown(Access, Vec<UnknownRule>),
    Activate(&'static str),
    /// Somebody is put on the tenant's list of denied people or taken off it.
    Deny(&'static str),
    /// The same for the list of protected people.
    Protect(&'static str),
    /// Somebody takes the group's roles away by hand.
    TakeRoles,
    DeleteGroup,
    /// Somebody deletes it for good.
    Purge,
    /// Somebody adds a plain member.
    Add(Access, &'static str),
    /// Somebody adds a person whom PIM leaves out.
    AddPastPim(Access, &'static str),
    /// Time passes, in seconds.
    Pass(i64),
    Nothing,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..5_usize, strategy::someone()).prop_map(|(place, name)| Event::Toggle(place, name)),
        2 => (0..5_usize, strategy::schedule()).prop_map(|(place, schedule)| Event::Schedule(place, schedule)),
        2 => (0..5_usize).prop_map(Event::Delete),
        3 => (strategy::kind(), strategy::access(), strategy::someone(), strategy::schedule())
            .prop_map(|(kind, access, name, schedule)| Event::Declare(kind, access, name, schedule)),
        1 => (0..3_u128).prop_map(Event::Bind),
        1 => (0..3_usize).prop_map(Event::Unbind),
        1 => strategy::some_boundary().prop_map(|boundary| Event::Boundary(Box::new(boundary))),
        3 => strategy::standing().prop_map(|(key, start, end)| Event::Hand(key, start, end)),
        2 => (strategy::access(), strategy::drift()).prop_map(|(access, (key, rule))| Event::Rule(access, key, rule)),
        1 => (strategy::access(), strategy::unknown_rule()).prop_map(|(access, rules)| Event::Unknown(access, rules)),
        2 => strategy::someone().prop_map(Event::Activate),
        1 => strategy::someone().prop_map(Event::Deny),
        1 => strategy::someone().prop_map(Event::Protect),
        1 => Just(Event::TakeRoles),
        1 => Just(Event::DeleteGroup),
        1 => Just(Event::Purge),
        1 => (strategy::access(), strategy::someone()).prop_map(|(access, name)| Event::Add(access, name)),
        1 => (strategy::access(), strategy::someone()).prop_map(|(access, name)| Event::AddPastPim(access, name)),
        3 => prop_oneof![1..600_i64, 1..100 * DAY].prop_map(Event::Pass),
        3 => Just(Event::Nothing),
    ]
}

fn happens(model: &mut Model, event: Event, serial: usize) {
    model.end_pass();
    model.tell(&format!("{event:?}"));
    let now = model.now();
    let assignments = model.world.desired.assignments.len();
    match event {
        Event::Toggle(place, name) if place < assignments => {
            let subjects = &mut model.world.desired.assignments[place].subjects;
            let before = subjects.len();
            subjects.retain(|subject| *subject != person(name));
            if subjects.len() == before {
                subjects.push(person(name));
            }
        }
        Event::Schedule(place, schedule) if place < assignments => {
            model.world.desired.assignments[place].schedule = schedule;
        }
        Event::Delete(place) if place < assignments => {
            model.world.desired.assignments[place].lifecycle = Lifecycle::Deleting;
        }
        Event::Declare(kind, access, name, schedule) => {
            let assignment = model.world.assign(kind, &format!("n{serial}"), &[name]);
            assignment.access = access;
            assignment.schedule = schedule;
            assignment.created = now;
        }
        Event::Bind(role) => model.world.bind(&format!("n{serial}"), role).created = now,
        Event::Unbind(place) if place < model.world.desired.bindings.len() => {
            model.world.desired.bindings[place].lifecycle = Lifecycle::Deleting;
        }
        Event::Deny(name) => toggle(&mut model.world.desired.rules.denied, id(name)),
        Event::Protect(name) => toggle(&mut model.world.desired.rules.protected, id(name)),
        Event::Boundary(boundary) => model.world.desired.boundary = *boundary,
        Event::Pass(seconds) => model.advance(later(now, seconds)),
        Event::Hand(key, start, end) => by_hand(model, key, start, end),
        Event::TakeRoles => {
            model.bound.clear();
            model
                .hidden
                .retain(|one| matches!(one.before, Spot::Access(..)));
            model.world.observed.roles.known().clear();
        }
        Event::DeleteGroup => delete_group(model),
        Event::Purge => {
            if let Presence::Deleted { .. } = model.world.observed.group {
                model.world.observed.group = Presence::Absent { since: now };
                model.group_shown = None;
            }
        }
        event => tampering(model, event),
    }
}

fn toggle(list: &mut BTreeSet<PrincipalId>, principal: PrincipalId) {
    if !list.remove(&principal) {
        list.insert(principal);
    }
}

/// What somebody does to a group that stands.
fn tampering(model: &mut Model, event: Event) {
    if !matches!(model.world.observed.group, Presence::Living(_)) {
        return;
    }
    let now = model.now();
    match event {
        Event::Rule(access, key, rule) => {
            model.world.policy(access).rules.insert(key, rule);
        }
        Event::Add(access, name) => {
            let kind = DirectKind::ServicePrincipal;
            let direct = Direct {
                access,
                principal: id(name),
                kind,
            };
            let is_active = model
                .world
                .observed
                .active
                .rows()
                .iter()
                .any(|row| row.principal == direct.principal && row.access == access);
            let applications = model.world.observed.applications.known();
            if !is_active && !applications.contains(&direct) {
                applications.push(direct);
            }
        }
        Event::AddPastPim(access, name) => {
            let key = Key {
                access,
                ..key(name, Kind::Active)
            };
            if model.world.observed.standing(key).is_none() {
                model.world.is_only_in_directory(access, name);
            }
        }
        Event::Unknown(access, rules) => model.world.policy(access).unknown = rules,
        Event::Activate(name) => {
            let eligible = model.world.observed.standing(key(name, Kind::Eligible));
            let runs = model
                .world
                .observed
                .activation(Access::Member, id(name))
                .is_some();
            if eligible.is_some_and(|schedule| !schedule.window.is_future(now)) && !runs {
                let activation = model.world.activated(name);
                activation.window = Window {
                    start: Some(now),
                    end: End::At(later(now, 8 * 60 * MINUTE)),
                };
                activation.created = Some(now);
            }
        }
        _ => {}
    }
}

fn by_hand(model: &mut Model, key: Key, start: Option<i64>, end: End) {
    let now = model.now();
    model
        .hidden
        .retain(|one| !matches!(&one.before, Spot::Access(of, _) if *of == key));
    let list = list(&mut model.world.observed, key.kind);
    let before = list.len();
    list.retain(|schedule| schedule.nature == Nature::Activated || schedule.key(key.kind) != key);
    if list.len() == before
        && !end.is_over(now)
        && matches!(model.world.observed.group, Presence::Living(_))
    {
        model.granted.remove(&key);
        let schedule = model.world.stands(key, end);
        schedule.window.start = start.map(at);
        schedule.created = Some(now);
    }
}

fn delete_group(model: &mut Model) {
    if let Presence::Living(group) = model.world.observed.group.clone() {
        model.world.observed.group = Presence::Deleted {
            group,
            since: model.now(),
        };
        model.group_shown = None;
        model.forget_requests();
    }
}

/// The last words of a history: the plan at rest, and again after half a year.
fn rests(model: &mut Model) -> Plan {
    let rest = model.converge();
    super::judge::judge_rest(model, &rest);
    let much_later = later(model.now(), 180 * DAY);
    model.advance(much_later);
    model.converge()
}

proptest! {
    #[test]
    fn lists_that_lag_make_nobody_keep_anything(
        beginning in strategy::beginning(),
        events in vec((event(), 0..3_u8), 0..25),
        seed in any::<u64>(),
    ) {
        let mut model = Model::from_nothing(beginning).lagging(seed);
        for (serial, (event, rounds)) in events.into_iter().enumerate() {
            happens(&mut model, event, serial);
            for _ in 0..rounds {
                model.round();
            }
        }
        let rest = rests(&mut model);
        super::judge::judge_rest(&model, &rest);
    }
}

proptest! {
    #[test]
    fn what_lists_that_lag_hide_goes_with_its_objects(
        beginning in strategy::beginning(),
        rounds in 0..30_u8,
        seconds in 1..600_i64,
        seed in any::<u64>(),
    ) {
        let mut model = Model::from_nothing(beginning).lagging(seed);
        for _ in 0..rounds {
            model.round();
            let soon = later(model.now(), 5);
            model.advance(soon);
        }
        let then = later(model.now(), seconds);
        model.advance(then);
        super::properties::delete_everything(&mut model);
        let rest = model.converge();
        prop_assert_eq!(&of_group(&rest).state, &State::Gone);
        let left = &model.world.observed;
        let is_living = matches!(left.group, Presence::Living(_));
        prop_assert!(!is_living, "{:#?}", model.journal);
        prop_assert!(left.eligible.rows().is_empty() && left.roles.rows().is_empty() && left.active.rows().len() <= 1);
    }

    #[test]
    fn no_history_ends_badly(
        beginning in strategy::beginning(),
        events in vec((event(), 0..3_u8), 0..25),
        ends in prop::bool::ANY,
    ) {
        let mut model = Model::from_nothing(beginning);
        model.activations = if ends { Activations::EndWithTheirEligibility } else { Activations::Remain };
        for (serial, (event, rounds)) in events.into_iter().enumerate() {
            happens(&mut model, event, serial);
            for _ in 0..rounds {
                model.round();
            }
        }
        let rest = rests(&mut model);
        super::judge::judge_rest(&model, &rest);
        prop_assert!(model.round().stages.is_empty());
    }
}
