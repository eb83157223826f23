//! The administrative unit of a group.

use uuid::Uuid;

use super::fixture::*;
use crate::action::{Cause, Write};
use crate::desired::{AdministrativeUnit, FoundUnit, LastReport};
use crate::ids::AdministrativeUnitId;
use crate::observed::Presence;
use crate::plan::StageKind;
use crate::reason::Reason;
use crate::schedule::Access;
use crate::verdict::State;

fn unit() -> AdministrativeUnitId {
    AdministrativeUnitId(Uuid::from_u128(0xe000))
}

/// A world whose group is to be in a unit.
fn in_unit(found: FoundUnit) -> World {
    let mut world = World::new();
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.groups.administrative_units = vec![unit()];
    world.desired.group.administrative_unit = Some(AdministrativeUnit { id: unit(), found });
    world
}

#[test]
fn a_group_comes_into_its_unit_before_its_policies_are_written() {
    let mut world = in_unit(FoundUnit::Open);
    world.loosen(Access::Member);
    let plan = world.plan();
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::Unit, StageKind::Policy]);
    world.observed.units.known().push(unit());
    assert_eq!(world.plan().stages[0].kind, StageKind::Policy);
}

#[test]
fn who_took_the_group_out_of_its_unit_is_told_of() {
    let mut world = in_unit(FoundUnit::Open);
    world.desired.group.last_report = LastReport::Matched;
    let plan = world.plan();
    let action = &plan.stages[0].actions[0];
    assert!(matches!(action.write, Write::JoinUnit { .. }));
    let Cause::Drift(differences) = &action.cause else {
        panic!("{:?}", action.cause);
    };
    assert_eq!(differences[0].field, "spec.administrativeUnitId");
}

#[test]
fn a_unit_that_cannot_be_used_holds_everything_up_and_takes_nothing_away() {
    for (found, reason_is) in [
        (FoundUnit::Restricted, Reason::InvalidSpec),
        (FoundUnit::Missing, Reason::ReferenceNotFound),
        (
            FoundUnit::Unread(Reason::PermissionDenied, "no".to_owned()),
            Reason::PermissionDenied,
        ),
    ] {
        let mut world = in_unit(found);
        world.eligible("new", &["ann"]);
        world.observed.group = Presence::Absent { since: at(-DAY) };
        world.desired.group.last_seen = None;
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), reason_is.as_str());
    }
}

#[test]
fn a_unit_that_the_boundary_does_not_list_is_refused() {
    let mut world = in_unit(FoundUnit::Open);
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.groups.administrative_units.clear();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let State::Stuck { message, .. } = &of_group(&plan).state else {
        panic!("{:?}", of_group(&plan).state);
    };
    assert!(
        message.contains("spec.groups.administrativeUnits"),
        "{message}"
    );
}
