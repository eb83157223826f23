//! Random manifests that nothing speaks against: everything that they declare can stand at once, and does in the end.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use super::model::Model;
use super::strategy;
use crate::action::WriteKey;
use crate::desired::{Assignment, LastReport};
use crate::observed::Presence;
use crate::plan::Plan;
use crate::schedule::{Access, Key, Kind, Schedule, ScheduleExpiration};
use crate::settings::{
    ActivationRequirement, ActivationRequirements, Demand, Permanent, PolicySettings,
};
use crate::verdict::State;

/// Those who can be eligible and can approve.
pub const USERS: [&str; 5] = ["ann", "bob", "cid", "dan", "eve"];

/// The object of the owners who last.
pub const OWNERS: &str = "lasting";

fn end() -> impl Strategy<Value = ScheduleExpiration> {
    prop_oneof![
        Just(ScheduleExpiration::Never),
        select(&["P60D", "P180D", "P365D"][..])
            .prop_map(|text| ScheduleExpiration::AfterDuration(days(text))),
        (60..300_i64).prop_map(|end| ScheduleExpiration::EndTime(at(end * DAY))),
    ]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let start = option::weighted(0.2, (2..20_i64).prop_map(|start| at(start * DAY)));
    (start, end()).prop_map(|(start, expiration)| Schedule { start, expiration })
}

/// Settings that let every window of these worlds be made.
fn settings() -> impl Strategy<Value = PolicySettings> {
    use ActivationRequirement::{Justification, MultiFactorAuthentication, Ticketing};
    let asked = proptest::sample::subsequence(
        vec![MultiFactorAuthentication, Justification, Ticketing],
        0..=3,
    );
    let approver = option::weighted(0.3, select(&USERS[..]));
    (strategy::settings(), option::of(asked), approver).prop_map(
        |(mut settings, asked, approver)| {
            let activation = settings.activation.get_or_insert_default();
            activation.require = asked.map(ActivationRequirements);
            activation.approval = approver.map(|name| crate::settings::ApprovalSetting {
                required: Some(Demand::Always),
                approvers: Some(vec![person(name)]),
                approver_justification: None,
            });
            settings.eligible.get_or_insert_default().permanent = Some(Permanent::Allowed);
            settings.active.get_or_insert_default().permanent = Some(Permanent::Allowed);
            settings
        },
    )
}

fn claim() -> impl Strategy<Value = (Access, Kind, &'static str)> {
    (strategy::access(), strategy::kind(), select(&USERS[..]))
}

prop_compose! {
    /// A group, who owns it, who has access to it and which roles it holds; every access is declared once.
    pub fn legal()(
        owners in btree_set(select(&USERS[..]), 1..3),
        claims in btree_map(claim(), any::<bool>(), 0..8),
        schedules in vec(schedule(), 8),
        roles in btree_map(0..4_u128, (strategy::kind(), end()), 0..3),
        policies in (settings(), settings()),
        stood in (strategy::tenant_policy(), strategy::tenant_policy()),
        is_new in any::<bool>(),
    ) -> World {
        let mut world = World::new();
        let owners: Vec<&str> = owners.into_iter().collect();
        world.owners(OWNERS, &owners);
        for (place, (access, kind, first)) in Access::ALL.into_iter().flat_map(|access| {
            [Kind::Eligible, Kind::Active].into_iter().flat_map(move |kind| [true, false].map(|first| (access, kind, first)))
        }).enumerate() {
            let is_owner = |name: &str| access == Access::Owner && kind == Kind::Active && owners.contains(&name);
            let of_object = claims.iter().filter(|((of, as_kind, name), is_first)| {
                (*of, *as_kind, **is_first) == (access, kind, first) && !is_owner(name)
            });
            let people: Vec<&str> = of_object.map(|((.., name), _)| *name).collect();
            if people.is_empty() {
                continue;
            }
            let assignment = world.assign(kind, &format!("a{place}"), &people);
            (assignment.access, assignment.schedule) = (access, schedules[place]);
        }
        for (role, (kind, expiration)) in roles {
            let binding = world.bind(&format!("b{role}"), role);
            (binding.kind, binding.schedule.expiration) = (kind, expiration);
        }
        let settings = |access: Access| if access == Access::Member { policies.0.clone() } else { policies.1.clone() };
        for access in Access::ALL {
            *world.settings(access) = settings(access);
        }
        if is_new {
            world.desired.group.last_seen = None;
            world.observed.group = Presence::Absent { since: at(0) };
        } else {
            let mut stood = stood;
            for policy in [&mut stood.0, &mut stood.1] {
                policy.unknown.clear();
                let missing = crate::rule::Rules::defaults();
                for key in crate::rule::RuleKey::all() {
                    policy.rules.entry(key).or_insert_with(|| missing.rule(key));
                }
            }
            (*world.policy(Access::Member), *world.policy(Access::Owner)) = stood;
        }
        world
    }
}

/// The keys of everybody whom an object names.
pub fn keys(assignment: &Assignment) -> impl Iterator<Item = Key> {
    let of = |name: &str| Key {
        access: assignment.access,
        principal: id(name),
        kind: assignment.kind,
    };
    assignment
        .subjects
        .iter()
        .map(move |subject| of(&subject.name))
}

/// Fails unless all that is declared stands, and nothing else does.
pub fn assert_stands(model: &Model, rest: &Plan) {
    for (object, verdict) in &rest.verdicts {
        assert_eq!(verdict.state, State::Ready, "{object}: {:#?}", model.trace);
    }
    let (desired, observed) = (&model.world.desired, &model.world.observed);
    for access in Access::ALL {
        let stands = crate::plan::facts::target::standing(observed.last_policy(access).unwrap());
        assert_eq!(stands, model.world.declared(access));
    }
    let declared: BTreeSet<Key> = desired.assignments.iter().flat_map(keys).collect();
    let lists = [Kind::Eligible, Kind::Active].into_iter();
    let stands: Vec<Key> = lists
        .flat_map(|kind| {
            observed
                .list(kind)
                .rows()
                .iter()
                .map(move |row| row.key(kind))
        })
        .collect();
    assert_eq!(stands.iter().copied().collect::<BTreeSet<Key>>(), declared);
    assert_eq!(stands.len(), declared.len(), "somebody has the same twice");
    let roles = observed.roles.rows().len() + observed.eligible_roles.rows().len();
    assert_eq!(roles, desired.bindings.len());
    for assignment in &desired.assignments {
        for key in keys(assignment) {
            let window = observed.standing(key).unwrap().window;
            let endless = assignment.schedule.expiration == ScheduleExpiration::Never;
            assert_eq!(window.end == crate::schedule::End::Never, endless, "{key}");
            if let ScheduleExpiration::EndTime(end) = assignment.schedule.expiration {
                assert_eq!(window.end, crate::schedule::End::At(end), "{key}");
            }
        }
    }
    for binding in &desired.bindings {
        assert!(observed.holds(&binding.key(binding.role.found().unwrap())));
    }
}

/// A world in which all that is declared stands since an hour, and nothing is left to do.
pub fn at_rest(world: World) -> Model {
    let mut model = Model::new(world);
    let rest = model.converge();
    assert_stands(&model, &rest);
    let hour = later(model.now(), 60 * MINUTE);
    model.advance(hour);
    let rest = model.converge();
    assert!(rest.stages.is_empty());
    for assignment in &mut model.world.desired.assignments {
        assignment.last_report = LastReport::Matched;
    }
    model.written.clear();
    model.journal.clear();
    model
}

/// The keys of everything that is written until all is at rest again, in order, one that is written twice twice.
pub fn written(model: &mut Model) -> Vec<WriteKey> {
    model.written.clear();
    model.converge();
    let mut keys: Vec<WriteKey> = model
        .written
        .iter()
        .map(crate::action::Write::key)
        .collect();
    keys.sort();
    keys
}
