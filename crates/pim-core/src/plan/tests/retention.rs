//! What stays in the tenant when an object goes, and what has to wait.

use super::fixture::*;
use crate::boundary::LeaveBehind;
use crate::desired::{DeletionPolicy, Lifecycle, Object, ObjectKind};
use crate::schedule::{End, Kind};
use crate::verdict::State;

fn allow(world: &mut World) {
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.groups.leave_behind = LeaveBehind::Allowed;
}

/// Somebody eligible and a role that stand, both to be retained, and both objects being deleted.
fn going() -> World {
    let mut world = World::new();
    let team = world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    team.lifecycle = Lifecycle::Deleting;
    team.deletion_policy = DeletionPolicy::Retain;
    world.holds(1);
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.lifecycle = Lifecycle::Deleting;
    role.deletion_policy = DeletionPolicy::Retain;
    world
}

#[test]
fn what_is_retained_stays_and_its_object_goes() {
    let mut world = going();
    allow(&mut world);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(binding(&plan, "role").state, State::Gone);
    let team = Object::new(ObjectKind::EligibleAssignment, object("team"));
    let told = world.desired.left_by(&team, &world.observed).unwrap();
    assert!(
        told.contains("eligible member ann") && told.contains("eligible member bob"),
        "{told}"
    );
}

#[test]
fn what_may_not_be_left_behind_is_kept_in_mind() {
    let world = going();
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    for verdict in [assignment(&plan, "team"), binding(&plan, "role")] {
        assert_eq!(reason(&verdict.state), "BoundaryDenied");
        assert!(message(&verdict.state).contains("spec.groups.leaveBehind"));
    }
    assert_eq!(
        assignment(&plan, "team").rows().len(),
        2,
        "it may have to go yet"
    );
    assert!(binding_record(&plan, "role").role.is_some());
    let team = Object::new(ObjectKind::EligibleAssignment, object("team"));
    assert_eq!(world.desired.left_by(&team, &world.observed), None);
}

#[test]
fn whoever_is_no_subject_any_more_goes_all_the_same() {
    for leaves in [false, true] {
        let mut world = going();
        if leaves {
            allow(&mut world);
        }
        world.take_out("team", "ann");
        let plan = world.plan();
        assert_eq!(first(&plan), ["end ann as eligible member of group"]);
        assert_ne!(assignment(&plan, "team").state, State::Gone);
    }
}

#[test]
fn whoever_is_gone_is_not_kept_in_mind_with_those_who_may_not_be_left_behind() {
    let mut world = going();
    world.take_out("team", "ann");
    world.ended(key("ann", Kind::Eligible));
    let plan = world.plan_at(MINUTE);
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let rows = assignment(&plan, "team").rows();
    let kept: Vec<&str> = rows.iter().map(|row| row.subject.name.as_str()).collect();
    assert_eq!(kept, ["bob"]);
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryDenied");
}

#[test]
fn nothing_stays_in_a_group_that_goes() {
    let mut world = going();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        [
            "end ann as eligible member of group",
            "end bob as eligible member of group"
        ]
    );
}

#[test]
fn a_group_that_is_retained_stays_with_everything_in_it() {
    let mut world = going();
    world.stands(key("cid", Kind::Active), End::Never);
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.desired.group.deletion_policy = DeletionPolicy::Retain;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "BoundaryDenied");
    allow(&mut world);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(of_group(&plan).state, State::Gone);
}

#[test]
fn a_boundary_of_others_admits_nothing_to_be_left() {
    let mut world = going();
    allow(&mut world);
    world.desired.boundary.as_mut().unwrap().rules.namespaces = vec!["others".to_owned()];
    assert_eq!(
        reason(&assignment(&world.plan(), "team").state),
        "BoundaryDenied"
    );
    world.desired.boundary = None;
    assert_eq!(
        reason(&assignment(&world.plan(), "team").state),
        "BoundaryDenied"
    );
}
