//! The end of a group.

use super::fixture::*;
use crate::desired::Lifecycle;
use crate::ids::GroupId;
use crate::memory::Answer;
use crate::observed::{Management, Presence};
use crate::plan::StageKind;
use crate::reason::Reason;
use crate::role::RoleSystem;
use crate::schedule::{Access, End, Kind};
use crate::verdict::State;

/// A group that goes with all its objects: an owner, an eligible and an active member, a role.
fn going() -> World {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]);
    world.settled(Kind::Eligible, "team", &["bob"]);
    world.settled(Kind::Active, "always", &["cid"]);
    world.holds(1);
    world.bind("role", 1).bound = Some(role_target(1));
    world.desired.group.lifecycle = Lifecycle::Deleting;
    for assignment in &mut world.desired.assignments {
        assignment.lifecycle = Lifecycle::Deleting;
    }
    world.binding("role").lifecycle = Lifecycle::Deleting;
    world
}

/// Who may take an assignment of Azure away may not ask PIM to do it.
#[test]
fn what_an_assignment_gives_goes_as_one_though_a_schedule_is_listed_of_it() {
    let mut world = World::new();
    world.holds(1).target.system = RoleSystem::AZURE;
    world.holds_plainly(1);
    for row in world.observed.plain_roles.known() {
        row.target.system = RoleSystem::AZURE;
    }
    world.desired.group.lifecycle = Lifecycle::Deleting;
    assert_eq!(
        writes(&world.plan()),
        [(
            StageKind::Unbind,
            vec!["delete the plain assignment of role 1 to group".to_owned()]
        )]
    );
}

#[test]
fn people_go_before_roles_and_roles_before_the_group() {
    let mut world = going();
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [
            (
                StageKind::Revoke,
                vec![
                    "end bob as eligible member of group".to_owned(),
                    "end cid as active member of group".to_owned()
                ]
            ),
            (
                StageKind::Unbind,
                vec!["unbind role 1 at / from group".to_owned()]
            ),
        ]
    );
    world.ended(key("bob", Kind::Eligible));
    world.ended(key("cid", Kind::Active));
    world.unbound(1);
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(StageKind::Delete, vec!["delete group".to_owned()])]
    );
    assert_eq!(
        reason(&assignment(&plan, "owners").state),
        "DeletionInProgress",
        "the last owner goes with the group"
    );
    assert_eq!(assignment(&plan, "team").state, State::Gone);
    world.observed.group = deleted();
    world.observed.active.known().clear();
    let plan = world.plan();
    assert_eq!(of_group(&plan).state, State::Gone);
    assert_eq!(assignment(&plan, "owners").state, State::Gone);
}

#[test]
fn what_nobody_declares_goes_too_because_a_restore_would_bring_it_back() {
    let mut world = going();
    world.stands(key("eve", Kind::Eligible), End::Never);
    world.activated("dan");
    world.holds(8);
    world.holds_plainly(7);
    let all: Vec<String> = writes(&world.plan())
        .into_iter()
        .flat_map(|(_, writes)| writes)
        .collect();
    for expected in [
        "end eve as eligible member of group",
        "end dan as active member of group",
        "unbind role 8 at / from group",
        "delete the plain assignment of role 7 to group",
    ] {
        assert!(
            all.iter().any(|write| write == expected),
            "{expected}: {all:?}"
        );
    }
    assert!(
        world
            .plan()
            .stages
            .iter()
            .all(|stage| stage.kind != StageKind::Delete)
    );
}

#[test]
fn a_group_waits_while_objects_refer_to_it() {
    let mut world = going();
    world.assignment("team").lifecycle = Lifecycle::Living;
    let plan = world.plan();
    assert_eq!(reason(&of_group(&plan).state), "DeletionBlocked");
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "Ready",
        "he stands as declared until his object goes"
    );
    let State::Waiting { message, .. } = &of_group(&plan).state else {
        panic!("{:?}", of_group(&plan).state)
    };
    assert!(
        message.contains("EligibleAssignment payments/team"),
        "{message}"
    );
    world.observed.eligible.known().clear();
    let plan = world.plan();
    assert!(
        plan.stages
            .iter()
            .all(|stage| stage.kind <= StageKind::Unbind),
        "nobody is granted to a group that goes"
    );
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForDependency"
    );
}

#[test]
fn the_five_minutes_of_one_do_not_keep_the_others() {
    let mut world = going();
    let young = world
        .observed
        .active
        .known()
        .iter_mut()
        .find(|schedule| schedule.principal == id("cid"))
        .unwrap();
    young.created = Some(at(-MINUTE));
    let plan = world.plan();
    assert_eq!(first(&plan), ["end bob as eligible member of group"]);
    assert_eq!(plan.stages[1].kind, StageKind::Unbind);
    assert_eq!(plan.wake_at, Some(at(4 * MINUTE)));
    assert_eq!(reason(&assignment(&plan, "always").state), "TooYoung");
}

#[test]
fn of_declared_and_undeclared_owners_one_stays() {
    let mut world = going();
    world.stands(owner_key("eve"), End::Never);
    world.stands(owner_key("robot"), End::Never);
    let plan = world.plan();
    let revokes = first(&plan);
    let owners: Vec<&String> = revokes
        .iter()
        .filter(|write| write.contains("owner"))
        .collect();
    assert_eq!(
        owners,
        [
            "end eve as active owner of group",
            "end robot as active owner of group"
        ]
    );
    world.assignment("owners").lifecycle = Lifecycle::Living;
    let plan = world.plan();
    assert!(
        first(&plan).iter().all(|write| !write.contains("owner")),
        "the owners are not to go yet: {:?}",
        first(&plan)
    );
}

#[test]
fn an_activation_of_the_last_owner_is_not_ended_in_his_stead() {
    let mut world = going();
    let activation = world.activated("ann");
    activation.access = crate::schedule::Access::Owner;
    assert!(
        first(&world.plan())
            .iter()
            .all(|write| !write.contains("ann"))
    );
}

#[test]
fn plain_roles_are_looked_at_before_the_group_goes() {
    let mut world = World::new();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.observed.plain_roles = Read::Unread;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert!(plan.needs.contains(&Part::PlainRoles));
}

#[test]
fn a_plain_row_that_a_schedule_shows_goes_with_the_schedule() {
    let mut world = going();
    world.holds_plainly(1);
    let plan = world.plan();
    assert_eq!(writes(&plan)[1].1, ["unbind role 1 at / from group"]);
}

#[test]
fn a_deletion_needs_no_boundary_and_no_policy() {
    let mut world = going();
    world.desired.boundary = None;
    world.observed.policies = Read::Unread;
    assert_eq!(world.plan().stages[0].kind, StageKind::Revoke);
}

#[test]
fn an_absence_is_believed_after_five_minutes() {
    let mut world = going();
    world.observed.group = Presence::Absent { since: at(-20) };
    let plan = world.plan();
    assert!(matches!(of_group(&plan).state, State::Waiting { .. }));
    assert_eq!(plan.wake_at, Some(at(280)));
    world.observed.now = at(280);
    assert_eq!(of_group(&world.plan()).state, State::Gone);
}

#[test]
fn a_group_that_was_never_made_is_gone_at_once() {
    let mut world = World::new();
    world.desired.group.last_seen = None;
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.observed.group = Presence::Absent { since: at(0) };
    assert_eq!(of_group(&world.plan()).state, State::Gone);
}

#[test]
fn a_locked_or_uncertain_group_is_not_deleted() {
    let locked = crate::observed::Group {
        management: Management::Restricted,
        ..living()
    };
    for presence in [
        Presence::Living(locked),
        Presence::Duplicates(vec![group_id()]),
        Presence::KeyMismatch(group_id()),
    ] {
        let mut world = going();
        world.observed.group = presence;
        let plan = world.plan();
        assert!(plan.stages.is_empty());
        assert!(matches!(of_group(&plan).state, State::Stuck { .. }));
    }
}

#[test]
fn everything_is_read_before_the_group_goes() {
    for part in crate::plan::teardown::LAST_LOOK {
        let mut world = World::new();
        world.desired.group.lifecycle = Lifecycle::Deleting;
        let observed = &mut world.observed;
        match part {
            Part::Eligible => observed.eligible = observed.eligible.clone().demoted(),
            Part::Active => observed.active = observed.active.clone().demoted(),
            Part::Roles => observed.roles = observed.roles.clone().demoted(),
            Part::EligibleRoles => observed.eligible_roles = Read::Unread,
            Part::PlainRoles => observed.plain_roles = Read::Unread,
            Part::Applications => observed.applications = observed.applications.clone().demoted(),
            Part::Names | Part::Policies | Part::People | Part::Units => {}
        }
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{part:?}: {:?}", writes(&plan));
        assert_eq!(plan.needs, [part].into());
    }
    let mut world = World::new();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    assert_eq!(first(&world.plan()), ["delete group"]);
}

#[test]
fn eligible_roles_go_before_the_group() {
    let mut world = going();
    world.may_hold(5);
    let plan = world.plan();
    assert!(
        writes(&plan)[1]
            .1
            .contains(&"unbind eligible role 5 at / from group".to_owned())
    );
    let mut world = World::new();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.may_hold(5);
    let plan = world.plan();
    assert_eq!(first(&plan), ["unbind eligible role 5 at / from group"]);
    world.all_tried(&plan, &Answer::Taken);
    world.observed.eligible_roles = world.observed.eligible_roles.clone().demoted();
    assert_eq!(
        world.plan().needs,
        [Part::EligibleRoles].into(),
        "whether it is gone is looked up and not waited for"
    );
}

#[test]
fn whoever_stands_in_no_schedule_goes_before_the_group() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.desired.group.lifecycle = Lifecycle::Deleting;
    world.is_plainly(Access::Owner, "robot");
    assert_eq!(
        first(&world.plan()),
        ["remove robot as plain owner of group"]
    );
    world.observed.active = world.observed.active.clone().demoted();
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "who stands in no schedule shows in a fresh list only"
    );
    assert_eq!(plan.needs, [Part::Active].into());
}

#[test]
fn beside_others_with_its_key_a_group_is_emptied_and_not_deleted() {
    let mut world = going();
    world.observed.duplicates = vec![GroupId(uuid::Uuid::from_u128(77))];
    assert_eq!(world.plan().stages[0].kind, StageKind::Revoke);
    world.ended(key("bob", Kind::Eligible));
    world.ended(key("cid", Kind::Active));
    world.unbound(1);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&of_group(&plan).state), "AdoptionConflict");
}

#[test]
fn a_group_does_not_go_while_a_role_that_was_just_bound_is_hidden() {
    let mut world = World::new();
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let role = world.bind("role", 1);
    role.bound = Some(role_target(1));
    role.sent = Some(sent(-2));
    role.lifecycle = Lifecycle::Deleting;
    for seconds in [0, 90, 290] {
        let plan = world.plan_at(seconds);
        assert!(plan.stages.is_empty(), "{seconds}: {:?}", writes(&plan));
        assert_eq!(reason(&of_group(&plan).state), "DeletionInProgress");
    }
    let plan = world.plan_at(298);
    assert_eq!(first(&plan), ["unbind role 1 at / from group"]);
    world.all_tried(&plan, &Answer::Taken);
    assert_eq!(first(&world.plan_at(300)), ["delete group"]);
}

#[test]
fn a_plain_member_whom_pim_lists_and_does_not_know_is_taken_out_of_the_directory() {
    let not_found = State::waiting(Reason::WaitingForReplication, "no such schedule");
    for answer in [Answer::WasGone, Answer::Refused(not_found)] {
        let mut world = World::new();
        world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
        world.desired.group.lifecycle = Lifecycle::Deleting;
        world.is_plainly(Access::Member, "bob");
        let plan = world.plan();
        assert_eq!(first(&plan), ["end bob as active member of group"]);
        world.all_tried(&plan, &answer);
        let plan = world.plan();
        assert_eq!(first(&plan), ["remove bob as plain member of group"]);
        world.all_tried(&plan, &Answer::Taken);
        assert!(world.plan().stages.is_empty(), "neither is sent again");
    }
}

#[test]
fn a_group_that_somebody_else_deletes_is_gone_after_two_looks_that_are_a_minute_apart() {
    let mut world = going();
    world.observed.group = Presence::Deleted {
        group: living(),
        since: at(0),
    };
    let plan = world.plan_at(0);
    assert_eq!(reason(&of_group(&plan).state), "DeletionInProgress");
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "DeletionInProgress"
    );
    assert_eq!(plan.wake_at, Some(at(60)));
    assert_ne!(of_group(&world.plan_at(59)).state, State::Gone);
    assert_eq!(of_group(&world.plan_at(60)).state, State::Gone);
    let mut ours = World::new();
    ours.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = ours.plan();
    assert_eq!(first(&plan), ["delete group"]);
    ours.all_tried(&plan, &Answer::Taken);
    ours.observed.group = Presence::Deleted {
        group: living(),
        since: at(0),
    };
    assert_eq!(of_group(&ours.plan()).state, State::Gone, "we deleted it");
}
