//! Groups that an object names by their id: taken over where the boundary lists them, never made, never deleted, and not
//! touched where it does not.

use proptest::prelude::*;

use super::fixture::*;
use super::model::Model;
use super::strategy;
use crate::action::Write;
use crate::boundary::LeaveBehind;
use crate::desired::{
    self, Assignability, DeletionPolicy, GroupClaim, Lifecycle, Object, ObjectKind,
};
use crate::ids::{GroupId, ObjectName};
use crate::observed::{self, Management, Presence};
use crate::plan::Plan;
use crate::schedule::{Access, End, Kind};
use crate::verdict::State;

/// The group that a write changes.
fn written(write: &Write) -> Option<GroupId> {
    match write {
        Write::CreateGroup(_) => None,
        Write::RestoreGroup(group)
        | Write::DeleteGroup(group)
        | Write::UpdateGroup { group, .. }
        | Write::JoinUnit { group, .. }
        | Write::UpdatePolicy { group, .. }
        | Write::Grant { group, .. }
        | Write::Revoke { group, .. }
        | Write::BindRole { group, .. }
        | Write::UnbindRole { group, .. }
        | Write::DeletePlainRole { group, .. }
        | Write::RemoveDirect { group, .. } => Some(*group),
    }
}

/// What holds for every plan of a group that is named by its id.
pub fn judge(desired: &desired::Unit, made: &Plan) {
    let Some(id) = desired.group.adopt else {
        return;
    };
    for action in made.stages.iter().flat_map(|stage| &stage.actions) {
        assert!(!matches!(action.write, Write::DeleteGroup(_)), "{action:?}");
        assert_eq!(written(&action.write), Some(id), "{action:?}");
        let boundary = desired.boundary.as_ref().expect("a boundary lists it");
        boundary
            .judge_adoption(&desired.group)
            .expect("it is listed");
    }
}

/// A world whose group is named by its id, listed, and adopted before.
pub fn adopting() -> World {
    let mut world = World::new();
    world.desired.group.adopt = Some(group_id());
    world.desired.group.deletion_policy = DeletionPolicy::Retain;
    list(&mut world);
    world
}

fn list(world: &mut World) {
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.groups.adoptable = vec![group_id()];
}

fn delist(world: &mut World) {
    let boundary = world.desired.boundary.as_mut().unwrap();
    boundary.rules.groups.adoptable.clear();
}

#[test]
fn a_group_that_is_listed_is_adopted_without_a_write() {
    let mut world = adopting();
    world.desired.group.last_seen = None;
    world.eligible("team", &["ann"]);
    world.stands(key("ann", Kind::Eligible), End::At(at(90 * DAY)));
    world.bind("role", 1);
    world.holds(1);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(of_group(&plan).state, State::Ready);
    assert_eq!(group_record(&plan).id, Some(group_id()));
}

#[test]
fn a_group_that_is_not_listed_is_neither_given_anything_nor_relieved_of_anything() {
    let boundaries: [fn(&mut World); 3] = [
        delist,
        |world| world.desired.boundary = None,
        |world| {
            world
                .desired
                .boundary
                .as_mut()
                .unwrap()
                .rules
                .namespaces
                .clear();
        },
    ];
    for is_not_listed in boundaries {
        let mut world = adopting();
        world.settled(Kind::Eligible, "team", &["ann"]);
        world.take_out("team", "ann");
        world.assignment("team").subjects.push(person("bob"));
        assert_eq!(
            first(&world.plan()),
            ["end ann as eligible member of group"]
        );
        is_not_listed(&mut world);
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        world.assignment("team").lifecycle = Lifecycle::Deleting;
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&assignment(&plan, "team").state), "AdoptionRequired");
    }
    let mut world = adopting();
    delist(&mut world);
    assert_eq!(reason(&of_group(&world.plan()).state), "AdoptionRequired");
}

#[test]
fn only_a_group_that_pim_manages_and_of_the_declared_kind_is_adopted() {
    let odd = [
        (Management::Restricted, "ManagementRestricted"),
        (Management::Dynamic, "AdoptionConflict"),
        (Management::Synced, "AdoptionConflict"),
        (Management::Distribution, "AdoptionConflict"),
    ];
    for known in [None, Some(group_id())] {
        for (management, why) in odd {
            let mut world = adopting();
            world.desired.group.last_seen = known;
            world.eligible("team", &["ann"]);
            world.observed.group = Presence::Living(observed::Group {
                management,
                ..living()
            });
            let plan = world.plan();
            assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
            assert_eq!(reason(&of_group(&plan).state), why);
            assert_eq!(group_record(&plan).id, known);
        }
        let mut world = adopting();
        world.desired.group.last_seen = known;
        world.desired.group.assignability = Assignability::Ordinary;
        assert_eq!(reason(&of_group(&world.plan()).state), "AdoptionConflict");
    }
}

#[test]
fn what_it_holds_is_judged_again_and_again() {
    for known in [None, Some(group_id())] {
        for kind in [Kind::Active, Kind::Eligible] {
            let mut world = adopting();
            world.desired.group.last_seen = known;
            world.eligible("team", &["ann"]);
            match kind {
                Kind::Active => world.holds_plainly(9),
                Kind::Eligible => drop(world.may_hold(9)),
            }
            let plan = world.plan();
            assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
            assert_eq!(reason(&of_group(&plan).state), "AdoptionRequired");
            assert_eq!(group_record(&plan).id, known);
        }
    }
}

#[test]
fn nothing_is_believed_of_roles_that_were_not_read() {
    for known in [None, Some(group_id())] {
        let mut world = adopting();
        world.desired.group.last_seen = known;
        world.eligible("team", &["ann"]);
        world.observed.plain_roles = Read::Unread;
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert!(plan.needs.contains(&Part::PlainRoles), "{known:?}");
    }
}

#[test]
fn whoever_is_taken_out_goes_although_the_boundary_does_not_cover_a_role() {
    let mut world = adopting();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.take_out("team", "ann");
    world.holds(9);
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
    world.observed.plain_roles = Read::Unread;
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn one_that_is_not_there_is_told_and_not_made() {
    let mut world = adopting();
    world.desired.group.last_seen = None;
    world.observed = observed::Unit::unread(at(0), Presence::Absent { since: at(0) });
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "ReferenceNotFound");
    world.desired.group.last_seen = Some(group_id());
    assert_eq!(
        reason(&of_group(&world.plan()).state),
        "WaitingForReplication"
    );
    world.observed.group = Presence::Absent { since: at(-DAY) };
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "ReferenceNotFound");
}

#[test]
fn only_one_that_was_adopted_is_brought_back() {
    let mut world = adopting();
    world.observed = observed::Unit::unread(at(0), deleted());
    assert_eq!(first(&world.plan()), ["restore group"]);
    delist(&mut world);
    assert!(world.plan().stages.is_empty());
    list(&mut world);
    world.desired.group.last_seen = None;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "ReferenceNotFound");
}

fn claim(name: &str, namespace: &str, created: i64) -> GroupClaim {
    GroupClaim {
        object: ObjectName::new(namespace, name),
        created: at(created),
        group: group_id(),
    }
}

#[test]
fn of_two_objects_the_older_has_it_and_the_younger_says_so() {
    let mut world = adopting();
    world.eligible("team", &["ann"]);
    world.desired.group.rivals = vec![claim("younger", "payments", -DAY)];
    assert_ne!(reason(&of_group(&world.plan()).state), "Conflict");
    for (rival, named) in [
        (
            claim("older", "payments", -400 * DAY),
            "PrivilegedGroup older",
        ),
        (
            claim("older", "elsewhere", -400 * DAY),
            "an object in another namespace",
        ),
    ] {
        world.desired.group.rivals = vec![rival];
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "Conflict");
        let said = message(&of_group(&plan).state);
        assert!(
            said.contains(named) && !said.contains("elsewhere"),
            "{said}"
        );
    }
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.assignment("team").lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty() && of_group(&plan).state == State::Gone);
}

#[test]
fn whoever_comes_by_the_key_finds_it_taken() {
    let mut world = World::new();
    world.desired.group.rivals = vec![claim("younger", "payments", -DAY)];
    assert_eq!(of_group(&world.plan()).state, State::Ready);
    world.desired.group.last_seen = None;
    assert_eq!(reason(&of_group(&world.plan()).state), "Conflict");
}

#[test]
fn the_last_owner_of_a_group_that_stays_keeps_nobody_waiting() {
    let mut world = adopting();
    world.owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
    remember(world.assignment("owners"), -DAY);
    world.stands(owner_key("ann"), End::Never);
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(of_group(&plan).state, State::Gone);
    world.stands(owner_key("bob"), End::Never);
    let plan = world.plan();
    assert_eq!(first(&plan), ["end ann as active owner of group"]);
    assert_eq!(reason(&of_group(&plan).state), "DeletionInProgress");
}

#[test]
fn an_object_of_an_adopted_group_leaves_what_it_retains_only_with_the_group() {
    let mut world = adopting();
    let team = world.settled(Kind::Eligible, "team", &["ann"]);
    team.lifecycle = Lifecycle::Deleting;
    team.deletion_policy = DeletionPolicy::Retain;
    assert_eq!(
        reason(&assignment(&world.plan(), "team").state),
        "BoundaryDenied"
    );
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(of_group(&plan).state, State::Gone);
    let about = Object::new(ObjectKind::PrivilegedGroup, object("pag"));
    assert!(world.desired.left_by(&about, &world.observed).is_some());
}

proptest! {
    #[test]
    fn an_adopted_group_is_never_deleted_and_never_made(
        world in strategy::world(),
        (is_listed, is_known, leaves) in (prop::bool::weighted(0.8), prop::bool::weighted(0.7), any::<bool>()),
        policies in prop::collection::vec(any::<bool>(), 12),
        lag in prop_oneof![Just(None), any::<u64>().prop_map(Some)],
    ) {
        let mut world = world;
        world.desired.group.adopt = Some(group_id());
        world.desired.group.deletion_policy = DeletionPolicy::Retain;
        world.desired.group.last_seen = is_known.then(group_id);
        world.observed.duplicates.clear();
        if matches!(world.observed.group, Presence::Duplicates(_) | Presence::KeyMismatch(_)) {
            world.observed.group = Presence::Living(living());
        }
        if let Some(boundary) = &mut world.desired.boundary {
            boundary.rules.groups.leave_behind = if leaves { LeaveBehind::Allowed } else { LeaveBehind::Forbidden };
            boundary.rules.groups.adoptable = if is_listed { vec![group_id()] } else { Vec::new() };
        }
        let policy = |place: usize| if policies[place] { DeletionPolicy::Retain } else { DeletionPolicy::Delete };
        for (place, one) in world.desired.assignments.iter_mut().enumerate() {
            one.deletion_policy = policy(place);
        }
        for (place, one) in world.desired.bindings.iter_mut().enumerate() {
            one.deletion_policy = policy(place + 6);
        }
        let is_listed = is_listed && world.desired.boundary.is_some();
        let mut model = Model::new(world);
        if let Some(seed) = lag {
            model = model.lagging(seed);
        }
        model.converge();
        let made = model.journal.iter().any(|write| write.starts_with("create group") || write.starts_with("delete group"));
        prop_assert!(!made, "{:#?}", model.journal);
        prop_assert!(is_listed || model.journal.is_empty(), "{:#?}", model.journal);
        // Everything goes, and the group stays.
        let held = |model: &Model| model.world.observed.owners().filter(|row| row.access == Access::Owner).count();
        let owners = held(&model);
        super::properties::delete_everything(&mut model);
        model.converge();
        let deleted = model.journal.iter().any(|write| write.starts_with("delete group"));
        prop_assert!(!deleted, "{:#?}", model.journal);
        prop_assert!(owners == 0 || held(&model) > 0, "the last owner stays");
    }
}
