//! Whoever the tenant denies loses everything first, and gets nothing.

use jiff::SignedDuration;

use super::fixture::*;
use crate::action::{Cause, Write};
use crate::desired::{Lifecycle, Pause, Readability};
use crate::knowledge::{Part, Progress, Read};
use crate::memory::Answer;
use crate::observed::{Direct, DirectKind, Management, Presence};
use crate::plan::{Plan, StageKind};
use crate::schedule::{Access, End, Kind};
use crate::verdict::SubjectState;

fn denying(people: &[&str]) -> World {
    let mut world = World::new();
    world.settled_owners("owner", &["eve"]);
    world.desired.rules.denied = people.iter().map(|name| id(name)).collect();
    world
}

/// What the emergency stop writes, if it is the first stage.
fn stopped(plan: &Plan) -> Vec<String> {
    let stage = plan.stages.first();
    assert_eq!(
        stage.map(|stage| stage.kind),
        Some(StageKind::EmergencyStop),
        "{:?}",
        writes(plan)
    );
    let mut writes = first(plan);
    writes.sort();
    writes
}

#[test]
fn everything_of_theirs_goes_before_anything_else_and_nothing_comes() {
    let mut world = denying(&["ann"]);
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.stands(key("ann", Kind::Active), End::Never);
    world.take_out("team", "bob");
    world.eligible("new", &["ann", "cid"]);
    world.desired.group.display_name = "PAG-payments-new".to_owned();
    let plan = world.plan();
    let expected = [
        "end ann as active member of group",
        "end ann as eligible member of group",
    ];
    assert_eq!(stopped(&plan), expected);
    let action = &plan.stages[0].actions[0];
    assert_eq!(action.cause, Cause::EmergencyStop);
    let later: Vec<StageKind> = plan.stages.iter().skip(1).map(|one| one.kind).collect();
    assert_eq!(
        later,
        [StageKind::Revoke, StageKind::Grant, StageKind::Rename]
    );
    for name in ["team", "new"] {
        let state = &assignment(&plan, name).state;
        assert_eq!(reason(state), "PrincipalDenied", "{name}");
    }
    assert_eq!(row(&plan, "new", "ann").state, SubjectState::Refused);
}

#[test]
fn neither_a_pause_nor_a_missing_boundary_nor_an_unreadable_object_keeps_anybody_in() {
    let mut world = denying(&["ann", "bob"]);
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.stands(key("bob", Kind::Eligible), End::Never);
    world.desired.group.pause = Pause::Paused;
    let team = world.assignment("team");
    team.pause = Pause::WithItsGroup;
    team.readability = Readability::Unreadable("odd".to_owned());
    world.desired.boundary = None;
    let expected = [
        "end ann as eligible member of group",
        "end bob as eligible member of group",
    ];
    let plan = world.plan();
    assert_eq!(stopped(&plan), expected);
    assert!(plan.suspended.is_empty());
}

#[test]
fn what_is_too_young_for_pim_goes_by_reference() {
    let mut world = denying(&["ann", "bob"]);
    world.settled(Kind::Active, "team", &["ann"]);
    for row in world.observed.active.known() {
        if row.principal == id("ann") {
            row.created = Some(at(-MINUTE));
            row.window.start = Some(at(-MINUTE));
        }
    }
    let activation = world.activated("bob");
    activation.created = Some(at(-2 * MINUTE));
    activation.window.start = Some(at(-2 * MINUTE));
    let plan = world.plan();
    let expected = [
        "remove ann as plain member of group",
        "remove bob as plain member of group",
    ];
    assert_eq!(stopped(&plan), expected);
    assert_eq!(plan.wake_at, Some(at(3 * MINUTE)), "then PIM ends it");
    world.all_tried(&plan, &Answer::Taken);
    let plan = world.plan_at(6 * MINUTE);
    let expected = [
        "end ann as active member of group",
        "end bob as active member of group",
    ];
    assert_eq!(stopped(&plan), expected, "where the directory did not");
}

#[test]
fn what_pim_took_and_still_lists_goes_by_reference_as_well() {
    let mut world = denying(&["ann"]);
    world.stands(key("ann", Kind::Active), End::Never);
    let plan = world.plan();
    assert_eq!(stopped(&plan), ["end ann as active member of group"]);
    world.all_tried(&plan, &Answer::Taken);
    let plan = world.plan_at(1);
    assert_eq!(stopped(&plan), ["remove ann as plain member of group"]);
    world.all_tried(&plan, &Answer::Taken);
    assert!(world.plan_at(2).stages.is_empty(), "both were asked");
}

#[test]
fn whom_only_the_directory_lists_is_looked_for_and_taken_out() {
    let mut world = denying(&["ann", "robot"]);
    world.observed.people = Read::Unread;
    assert!(world.plan().needs.contains(&Part::People));
    let direct = |name, kind| Direct {
        access: Access::Member,
        principal: id(name),
        kind,
    };
    let people = vec![direct("ann", DirectKind::User)];
    world.observed.people = Read::now(people, at(0));
    let robot = direct("robot", DirectKind::ServicePrincipal);
    world.observed.applications.known().push(robot);
    let expected = [
        "remove ann as plain member of group",
        "remove robot as plain member of group",
    ];
    assert_eq!(stopped(&world.plan()), expected);
    // What PIM ended a moment ago shows in a list that was read before.
    let group = group_id();
    world.tried(
        &Write::Revoke {
            group,
            key: key("ann", Kind::Active),
        },
        Answer::Taken,
    );
    assert_eq!(
        stopped(&world.plan()),
        ["remove robot as plain member of group"]
    );
}

#[test]
fn what_was_sent_and_is_not_seen_is_taken_away_unseen() {
    let mut world = denying(&["ann", "bob"]);
    world.eligible("team", &["ann", "bob"]);
    let team = world.assignment("team");
    remember(team, -MINUTE);
    team.memory[0].sent = Some(sent(-MINUTE));
    team.memory[1].sent = Some(requested(-MINUTE, Progress::Underway));
    let plan = world.plan();
    assert_eq!(
        stopped(&plan),
        ["end ann as eligible member of group"],
        "what the service is still at comes first"
    );
    for name in ["ann", "bob"] {
        assert_eq!(row(&plan, "team", name).state, SubjectState::Revoking);
    }
    assert!(plan.wake_at.is_some());
}

#[test]
fn the_last_owner_stays_until_there_is_another() {
    let mut world = World::new();
    world.settled_owners("owner", &["ann"]);
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.desired.rules.denied = [id("ann")].into();
    let plan = world.plan();
    assert_eq!(stopped(&plan), ["end ann as eligible member of group"]);
    assert_eq!(reason(&assignment(&plan, "owner").state), "LastOwner");
    assert_eq!(reason(&of_group(&plan).state), "LastOwner");
    world.settled_owners("other", &["bob"]);
    let expected = [
        "end ann as active owner of group",
        "end ann as eligible member of group",
    ];
    assert_eq!(stopped(&world.plan()), expected);
}

#[test]
fn a_denied_owner_is_none_on_whom_others_can_wait() {
    let mut world = World::new();
    world.settled_owners("owner", &["ann"]);
    let owners = world.eligible("more", &["bob"]);
    owners.access = Access::Owner;
    world.desired.rules.denied = [id("ann")].into();
    let plan = world.plan();
    assert_eq!(reason(&assignment(&plan, "more").state), "LastOwner");
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
}

#[test]
fn a_group_that_goes_or_cannot_be_touched_is_told_apart() {
    let mut world = denying(&["ann"]);
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.desired.group.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(
        stopped(&plan),
        ["end ann as eligible member of group"],
        "although an object still refers to it"
    );
    world.observed.group = Presence::Living(crate::observed::Group {
        management: Management::Restricted,
        ..living()
    });
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    let state = &assignment(&plan, "team").state;
    assert_eq!(reason(state), "ManagementRestricted");
}

#[test]
fn a_group_that_was_never_taken_up_is_not_touched() {
    let mut world = denying(&["ann"]);
    world.stands(key("ann", Kind::Eligible), End::Never);
    world.desired.group.last_seen = None;
    world.desired.boundary = None;
    assert!(world.plan().stages.is_empty());
}

#[test]
fn whoever_comes_off_the_list_gets_no_longer_window_than_before() {
    let mut world = denying(&["ann"]);
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.ended(key("ann", Kind::Eligible));
    let plan = world.plan_at(2 * MINUTE);
    let kept = row(&plan, "team", "ann");
    assert_eq!(
        (kept.state, kept.first_granted),
        (SubjectState::Refused, Some(at(-DAY)))
    );
    world.remember_rows(&plan, "team");
    world.desired.rules.denied.clear();
    let plan = world.plan_at(3 * MINUTE);
    let Write::Grant { window, .. } = &plan.stages[0].actions[0].write else {
        panic!("{:?}", writes(&plan));
    };
    let end = at(-DAY)
        .checked_add(SignedDuration::from_hours(24 * 180))
        .unwrap();
    assert_eq!(window.end, End::At(end));
}
