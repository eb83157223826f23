//! Owners.

use super::fixture::*;
use crate::boundary::LeaveBehind;
use crate::desired::{DeletionPolicy, Lifecycle};
use crate::plan::StageKind;
use crate::principal::{Account, Identity, Resolution};
use crate::schedule::{Access, End, Kind, ScheduleExpiration};
use crate::verdict::SubjectState;

#[test]
fn a_new_owner_is_added_before_the_last_one_goes() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]);
    world.take_out("owners", "ann");
    world.assignment("owners").subjects.push(person("bob"));
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Grant,
            vec!["make bob as active owner of group until never".to_owned()]
        )]
    );
    assert_eq!(row(&plan, "owners", "ann").state, SubjectState::Revoking);
    world.stands(owner_key("bob"), End::Never);
    assert_eq!(first(&world.plan()), ["end ann as active owner of group"]);
}

#[test]
fn the_last_owner_stays_and_it_is_said_what_to_do() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann", "bob"]).lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        ["end bob as active owner of group"],
        "all but one can go"
    );
    assert_eq!(reason(&assignment(&plan, "owners").state), "LastOwner");
}

#[test]
fn of_a_group_that_goes_the_last_owner_goes_with_it_and_of_one_that_is_left_they_stay() {
    for (policy, said) in [
        (DeletionPolicy::Delete, "goes together with the group"),
        (DeletionPolicy::Retain, "stays in the tenant"),
    ] {
        let mut world = World::new();
        world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
        world.desired.group.lifecycle = Lifecycle::Deleting;
        world.desired.group.deletion_policy = policy;
        let boundary = world.desired.boundary.as_mut().unwrap();
        boundary.rules.groups.leave_behind = LeaveBehind::Allowed;
        let plan = world.plan();
        let state = &assignment(&plan, "owners").state;
        assert!(message(state).contains(said), "{policy:?}: {state:?}");
    }
}

#[test]
fn an_owner_who_cannot_be_granted_is_no_successor() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]);
    world.take_out("owners", "ann");
    world.assignment("owners").subjects.push(person("bob"));
    world.disable("bob");
    assert_eq!(
        reason(&assignment(&world.plan(), "owners").state),
        "LastOwner"
    );
}

#[test]
fn an_owner_whom_nobody_declares_lets_the_declared_one_go() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.stands(owner_key("eve"), End::Never);
    assert_eq!(first(&world.plan()), ["end ann as active owner of group"]);
}

#[test]
fn an_application_does_not_replace_the_last_person() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann", "robot"]);
    world.take_out("owners", "ann");
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "owners").state), "LastOwner");
}

#[test]
fn an_owner_whose_window_has_ended_does_not_replace_the_last_one() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.stands(owner_key("eve"), End::At(at(-30)));
    assert!(world.plan().stages.is_empty());
}

#[test]
fn no_time_bound_or_eligible_owner_comes_before_a_permanent_one_stands() {
    let mut world = World::new();
    world.owners("some", &["bob"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    world.eligible("may", &["cid"]).access = Access::Owner;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "some").state), "LastOwner");
    assert_eq!(reason(&assignment(&plan, "may").state), "LastOwner");
    world.owners("owners", &["ann"]);
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        ["make ann as active owner of group until never"]
    );
    assert_eq!(
        reason(&assignment(&plan, "some").state),
        "WaitingForDependency"
    );
    world.stands(owner_key("ann"), End::Never);
    assert_eq!(first(&world.plan()).len(), 2);
}

#[test]
fn a_permanent_owner_whom_nobody_declares_does_not_count() {
    let mut world = World::new();
    world.stands(owner_key("eve"), End::Never);
    world.owners("some", &["bob"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    assert_eq!(
        reason(&assignment(&world.plan(), "some").state),
        "LastOwner"
    );
}

#[test]
fn neither_a_disabled_owner_nor_an_application_counts() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann", "robot"]);
    world.owners("some", &["bob"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
    world.disable("ann");
    assert_eq!(
        reason(&assignment(&world.plan(), "some").state),
        "LastOwner"
    );
}

#[test]
fn the_only_permanent_owner_is_not_made_time_bound() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(reason(&assignment(&plan, "owners").state), "LastOwner");
}

#[test]
fn a_time_bound_owner_can_be_shortened_without_a_permanent_one() {
    let mut world = World::new();
    remember(world.owners("owners", &["ann"]), -DAY);
    world.assignment("owners").schedule.expiration = ScheduleExpiration::EndTime(at(DAY));
    world.stands(owner_key("ann"), End::At(at(9 * DAY)));
    assert_eq!(world.plan().stages[0].kind, StageKind::Revoke);
}

#[test]
fn an_owner_whom_the_service_keeps_beyond_his_end_is_not_called_expired() {
    let mut world = World::new();
    remember(world.owners("owners", &["ann"]), -DAY);
    world.assignment("owners").schedule.expiration = ScheduleExpiration::EndTime(at(-DAY));
    world.stands(owner_key("ann"), End::At(at(-DAY)));
    let plan = world.plan();
    assert_eq!(reason(&assignment(&plan, "owners").state), "LastOwner");
    assert_eq!(row(&plan, "owners", "ann").state, SubjectState::Active);
    world.stands(owner_key("eve"), End::Never);
    assert_eq!(
        reason(&assignment(&world.plan(), "owners").state),
        "Expired"
    );
}

#[test]
fn an_owner_who_begins_later_does_not_let_the_last_one_go_yet() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]).lifecycle = Lifecycle::Deleting;
    remember(world.owners("next", &["bob"]), -DAY);
    world.assignment("next").schedule.start = Some(at(DAY));
    world.stands(owner_key("bob"), End::Never).window.start = Some(at(DAY));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        reason(&assignment(&plan, "owners").state),
        "WaitingForDependency"
    );
    assert_eq!(plan.wake_at, Some(at(DAY)));
    world.observed.now = at(DAY + 5 * MINUTE);
    assert_eq!(first(&world.plan()), ["end ann as active owner of group"]);
}

#[test]
fn ownership_and_membership_of_one_person_are_two_things() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]);
    world.settled(Kind::Active, "members", &["ann"]);
    world.take_out("members", "ann");
    assert_eq!(first(&world.plan()), ["end ann as active member of group"]);
}

#[test]
fn an_owner_of_an_earlier_look_or_of_an_unknown_account_counts_for_nobody() {
    let mut world = World::new();
    world.settled_owners("owners", &["ann"]);
    world.eligible("may", &["bob"]).access = Access::Owner;
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
    let mut earlier = world.clone();
    earlier.observed.active = earlier.observed.active.clone().demoted();
    let plan = earlier.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(plan.needs, [Part::Active].into());
    let unknown = Identity {
        account: Account::Unknown,
        ..identity("ann")
    };
    world.resolve("ann", Resolution::Found(unknown));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(plan.needs, [Part::Names].into());
}
