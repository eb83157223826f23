//! Groups of objects as subjects of another group.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::fixture::*;
use crate::action::Write;
use crate::boundary::OrdinaryGroups;
use crate::desired::{Assignability, Lifecycle, NestedGroup, Object, ObjectKind};
use crate::ids::{GroupId, PrincipalId};
use crate::observed::{self, Presence};
use crate::plan::nesting::{Edges, before_reading, circle, resolution};
use crate::principal::{Principal, PrincipalKind, Resolution};
use crate::reason::Reason;
use crate::schedule::{Access, End, Key, Kind};
use crate::verdict::State;

fn oncall() -> Principal {
    Principal {
        kind: PrincipalKind::PrivilegedGroup,
        name: "oncall".to_owned(),
    }
}

fn inner_id(place: u128) -> GroupId {
    GroupId(Uuid::from_u128(0xd000 + place))
}

fn inner_key(place: u128) -> Key {
    Key {
        access: Access::Member,
        principal: inner_id(place).into(),
        kind: Kind::Eligible,
    }
}

/// The group of the object as the tenant shows it.
fn found(place: u128) -> Resolution {
    let mut inner = group();
    inner.name = object("oncall");
    inner.last_seen = Some(inner_id(place));
    resolution(&inner, &Presence::Living(shown(place)), &[])
}

fn shown(place: u128) -> observed::Group {
    observed::Group {
        id: inner_id(place),
        display_name: "PAG-payments-oncall".to_owned(),
        ..living()
    }
}

/// A world in which a group of another object is to be eligible.
fn nested(resolution: Resolution) -> World {
    let mut world = World::new();
    let kinds = &mut world
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .subjects
        .kinds;
    kinds.push(PrincipalKind::PrivilegedGroup);
    world.eligible("groups", &[]).subjects = vec![oncall()];
    let names = world.desired.names.clone().and([(oncall(), resolution)]);
    world.desired.meet(names);
    let nested = NestedGroup::default();
    world.desired.nesting.subjects.insert(oncall(), nested);
    world
}

fn withheld(reason: Reason, hint: Option<PrincipalId>) -> Resolution {
    Resolution::Withheld {
        reason,
        message: "not yet".to_owned(),
        hint,
    }
}

#[test]
fn a_group_whose_guard_stands_is_made_eligible() {
    let plan = nested(found(0)).plan();
    let writes = first(&plan);
    assert!(
        writes.len() == 1 && writes[0].contains(&inner_id(0).to_string()),
        "{writes:?}"
    );
}

#[test]
fn nothing_is_granted_to_a_group_whose_guard_does_not_stand_and_nothing_is_taken_from_it() {
    let mut world = nested(found(0));
    let nested = world.desired.nesting.subjects.get_mut(&oncall()).unwrap();
    nested.unguarded = Some("its policy".to_owned());
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        reason(&assignment(&plan, "groups").state),
        "WaitingForDependency"
    );
    // What stands as declared stays, and is no trouble.
    world.stands(inner_key(0), End::At(at(180 * DAY)));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
}

#[test]
fn a_name_that_is_withheld_waits_or_is_refused_by_its_reason() {
    for (why, waits) in [
        (Reason::WaitingForDependency, true),
        (Reason::WaitingForReplication, true),
        (Reason::ReferenceNotFound, false),
        (Reason::InvalidSpec, false),
    ] {
        let plan = nested(withheld(why, None)).plan();
        assert!(plan.stages.is_empty());
        let state = &assignment(&plan, "groups").state;
        assert_eq!(reason(state), why.as_str());
        assert_eq!(matches!(state, State::Waiting { .. }), waits, "{why}");
        assert_eq!(plan.wake_at.is_some(), why == Reason::WaitingForReplication);
    }
}

#[test]
fn groups_that_would_be_in_each_other_are_refused_with_the_way() {
    let mut world = nested(found(0));
    let nested = world.desired.nesting.subjects.get_mut(&oncall()).unwrap();
    nested.circle = Some(["pag", "oncall", "pag"].map(str::to_owned).to_vec());
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let told = &problems(&plan, "groups")[0];
    assert_eq!(told.reason, Reason::InvalidSpec);
    assert!(
        told.message.contains("pag has oncall has pag"),
        "{}",
        told.message
    );
}

#[test]
fn a_group_is_no_active_member_of_a_role_assignable_one() {
    let mut world = nested(found(0));
    world.assignment("groups").kind = Kind::Active;
    assert!(world.plan().stages.is_empty());
    assert_eq!(
        problems(&world.plan(), "groups")[0].reason,
        Reason::InvalidSpec
    );
    world.desired.group.assignability = Assignability::Ordinary;
    world.observed.group = Presence::Living(observed::Group {
        assignability: Assignability::Ordinary,
        ..living()
    });
    assert!(problems(&world.plan(), "groups").is_empty());
}

#[test]
fn an_ordinary_group_comes_into_a_role_assignable_one_only_where_the_boundary_says_so() {
    let mut inner = group();
    inner.last_seen = Some(inner_id(0));
    let ordinary = observed::Group {
        assignability: Assignability::Ordinary,
        ..shown(0)
    };
    let mut world = nested(resolution(&inner, &Presence::Living(ordinary), &[]));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        problems(&plan, "groups")[0].reason,
        Reason::BoundaryViolated
    );
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.subjects.ordinary_groups = OrdinaryGroups::Allowed;
    assert_eq!(first(&world.plan()).len(), 1);
}

#[test]
fn a_group_that_was_made_anew_is_granted_after_what_the_old_one_had_is_taken_away() {
    let mut world = nested(found(0));
    world.stands(inner_key(0), End::At(at(90 * DAY)));
    let plan = world.plan();
    world.remember_rows(&plan, "groups");
    let names = world.desired.names.clone().and([(oncall(), found(1))]);
    world.desired.meet(names);
    let plan = world.plan();
    let kinds: Vec<bool> = plan.stages[0]
        .actions
        .iter()
        .map(|action| matches!(&action.write, Write::Revoke { key, .. } if *key == inner_key(0)))
        .collect();
    assert_eq!(kinds, [true]);
    let granted = plan.stages.iter().flat_map(|stage| &stage.actions);
    let mut granted = granted.filter(|one| matches!(one.write, Write::Grant { .. }));
    assert!(
        granted.all(|one| matches!(&one.write, Write::Grant { key, .. } if *key == inner_key(1)))
    );
}

#[test]
fn what_stands_of_a_group_that_is_not_proved_now_is_not_undeclared() {
    let mut world = nested(withheld(
        Reason::WaitingForDependency,
        Some(inner_id(0).into()),
    ));
    world.desired.group.undeclared.eligible = crate::desired::Undeclared::Remove;
    for place in [0, 1] {
        world.stands(inner_key(place), End::At(at(90 * DAY)));
    }
    let told = match &group_record(&world.plan()).undeclared {
        crate::verdict::UndeclaredFinding::Found { told, .. } => told.join(", "),
        other => panic!("{other:?}"),
    };
    assert!(!told.contains(&inner_id(0).to_string()), "{told}");
    assert!(told.contains(&inner_id(1).to_string()), "{told}");
}

#[test]
fn a_group_waits_for_the_objects_of_other_groups_that_name_it() {
    let mut world = World::new();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let other = Object::new(ObjectKind::EligibleAssignment, object("other"));
    world.desired.nesting.named_by.insert(other);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&of_group(&plan).state), "DeletionBlocked");
    assert!(message(&of_group(&plan).state).contains("other"));
}

fn edges() -> impl Strategy<Value = Edges> {
    let edge = (0..6_usize, 0..6_usize);
    proptest::collection::vec(edge, 0..14).prop_map(|pairs| {
        let mut edges = Edges::new();
        for (from, to) in pairs {
            edges
                .entry(from.to_string())
                .or_default()
                .insert(to.to_string());
        }
        edges
    })
}

/// Everything that can be reached, by the slowest way there is.
fn reached(edges: &Edges, from: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([from.to_owned()]);
    loop {
        let next: BTreeSet<String> = all
            .iter()
            .flat_map(|one| edges.get(one).into_iter().flatten().cloned())
            .chain(all.iter().cloned())
            .collect();
        if next == all {
            return all;
        }
        all = next;
    }
}

proptest! {
    #[test]
    fn a_circle_is_found_if_and_only_if_there_is_one(edges in edges(), outer in 0..6_usize, inner in 0..6_usize) {
        let (outer, inner) = (outer.to_string(), inner.to_string());
        let way = circle(&edges, &outer, &inner);
        prop_assert_eq!(way.is_some(), reached(&edges, &inner).contains(&outer));
        if let Some(way) = way {
            prop_assert_eq!((&way[0], &way[1], way.last()), (&outer, &inner, Some(&outer)));
            // The first step is the one that is asked about; the others are declared.
            for step in way.windows(2).skip(1) {
                prop_assert!(edges[&step[0]].contains(&step[1]));
            }
        }
    }

    #[test]
    fn a_name_leads_to_the_one_living_group_that_its_status_names_and_to_no_other(
        known in proptest::option::of(0..3_u128), shows in 0..3_u128, sort in 0..5, twins in 0..2_usize, deleting: bool,
    ) {
        let mut inner = group();
        inner.last_seen = known.map(inner_id);
        inner.lifecycle = if deleting { Lifecycle::Deleting } else { Lifecycle::Living };
        let presence = match sort {
            0 => Presence::Absent { since: at(0) },
            1 => Presence::Deleted { group: shown(shows), since: at(0) },
            2 => Presence::Duplicates(vec![inner_id(shows)]),
            3 => Presence::KeyMismatch(inner_id(shows)),
            _ => Presence::Living(shown(shows)),
        };
        let others = vec![inner_id(7); twins];
        let outer = group();
        let resolved = before_reading(&outer, &inner)
            .unwrap_or_else(|| resolution(&inner, &presence, &others));
        let leads = match &resolved {
            Resolution::Found(identity) => Some(identity.id),
            _ => None,
        };
        let is_proved = !deleting && sort == 4 && twins == 0 && known == Some(shows);
        prop_assert_eq!(leads, is_proved.then(|| inner_id(shows).into()));
    }
}
