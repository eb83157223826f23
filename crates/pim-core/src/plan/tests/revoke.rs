//! Taking away.

use super::fixture::*;
use crate::desired::Lifecycle;
use crate::observed::{Management, Presence};
use crate::plan::StageKind;
use crate::rule::{UnknownRule, UnknownRuleState};
use crate::schedule::{Access, End, Expiration, Kind};
use crate::verdict::{State, SubjectState};

#[test]
fn a_subject_taken_out_of_a_manifest_is_the_first_write() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.take_out("team", "ann");
    world.assignment("team").subjects.push(person("cid"));
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [
            (
                StageKind::Revoke,
                vec!["end ann as eligible member of group".to_owned()]
            ),
            (
                StageKind::Grant,
                vec![format!(
                    "make cid as eligible member of group until {}",
                    at(180 * DAY)
                )]
            ),
        ]
    );
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Revoking);
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Eligible);
}

#[test]
fn moving_a_person_from_one_object_to_another_writes_nothing() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "old", &["ann"]);
    world.take_out("old", "ann");
    world.eligible("new", &["ann"]);
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    assert_eq!(row(&plan, "new", "ann").state, SubjectState::Eligible);
    assert_eq!(
        row(&plan, "new", "ann").first_granted,
        Some(at(-DAY)),
        "it goes on from when it was first granted"
    );
    assert!(assignment(&plan, "old").rows.is_empty());
}

#[test]
fn what_an_object_never_granted_is_not_revoked_with_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    let team = world.assignment("team");
    team.memory.clear();
    team.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "the eligibility is somebody else's: {:?}",
        writes(&plan)
    );
    assert_eq!(assignment(&plan, "team").state, State::Gone);
}

#[test]
fn what_stands_undeclared_is_left_alone() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.stands(key("eve", Kind::Eligible), End::Never);
    world.stands(key("eve", Kind::Active), End::Never);
    world.holds(8);
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_vanished_boundary_stops_grants_but_no_revoke() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.take_out("team", "ann");
    world.assignment("team").subjects.push(person("bob"));
    world.desired.boundary = None;
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Revoke,
            vec!["end ann as eligible member of group".to_owned()]
        )]
    );
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryViolated");
}

#[test]
fn what_the_boundary_does_not_admit_any_more_is_reported_and_stays() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.desired.boundary = None;
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryViolated");
    assert_eq!(
        row(&plan, "team", "ann").state,
        SubjectState::Eligible,
        "she is still eligible, and the status says so"
    );
}

#[test]
fn a_revoke_does_not_wait_for_the_guard() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.take_out("team", "ann");
    world.observed.policies = Read::Unread;
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
    world.obey();
    let rule = UnknownRule {
        id: crate::ids::RuleId::new("New_Rule"),
        state: UnknownRuleState::OnOrSilent,
    };
    world.policy(Access::Member).unknown.push(rule);
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn a_key_that_a_living_object_declares_is_kept_even_if_that_object_is_not_admitted_any_more() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "old", &["ann"]);
    world.take_out("old", "ann");
    remember(world.eligible("new", &["ann"]), -DAY);
    world.desired.boundary = None;
    assert!(world.plan().stages.is_empty());
    world.assignment("new").memory.clear();
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"],
        "one that never granted it keeps nothing"
    );
}

#[test]
fn a_young_active_assignment_waits_for_its_fifth_minute() {
    let mut world = World::new();
    world.settled(Kind::Active, "team", &["ann"]);
    let schedule = &mut world.observed.active.known()[0];
    schedule.created = Some(at(-2 * MINUTE));
    schedule.window.start = Some(at(-2 * MINUTE));
    world.take_out("team", "ann");
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(reason(&assignment(&plan, "team").state), "TooYoung");
    assert_eq!(plan.wake_at, Some(at(3 * MINUTE)));
    world.observed.now = at(3 * MINUTE);
    assert_eq!(first(&world.plan()), ["end ann as active member of group"]);
}

#[test]
fn the_five_minutes_count_from_when_access_began() {
    let mut world = World::new();
    world.settled(Kind::Active, "team", &["ann"]);
    world.observed.active.known()[0].window.start = Some(at(-MINUTE));
    world.take_out("team", "ann");
    let plan = world.plan();
    assert_eq!(
        plan.wake_at,
        Some(at(4 * MINUTE)),
        "it was made a day ago and is in force for a minute"
    );
    world.observed.active.known()[0].window.start = Some(at(MINUTE));
    world.observed.active.known()[0].created = Some(at(-MINUTE));
    assert_eq!(
        first(&world.plan()),
        ["end ann as active member of group"],
        "what has not begun is nobody's yet"
    );
}

#[test]
fn an_eligibility_is_revoked_however_young() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.observed.eligible.known()[0].created = Some(at(0));
    world.take_out("team", "ann");
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn a_note_in_the_future_still_allows_the_revoke() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.assignment("team").memory[0].first_granted = at(DAY);
    world.take_out("team", "ann");
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn a_name_that_leads_elsewhere_revokes_whom_it_granted() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.resolve("ann", crate::principal::Resolution::Found(identity("eve")));
    world.take_out("team", "ann");
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn nothing_is_written_to_a_group_that_is_locked_or_not_certain() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.bind("role", 1).bound = Some(role_id(1));
    world.holds(1);
    world.binding("role").lifecycle = Lifecycle::Deleting;
    world.take_out("team", "ann");
    let locked = crate::observed::Group {
        management: Management::Restricted,
        ..living()
    };
    let presences = [
        (Presence::Living(locked), "ManagementRestricted"),
        (
            Presence::Twins(vec![group_id(), group_id()]),
            "AdoptionConflict",
        ),
        (Presence::Stranger(group_id()), "AdoptionConflict"),
        (Presence::Deleted(living()), "WaitingForDependency"),
        (Presence::Absent { since: at(-30) }, "WaitingForReplication"),
    ];
    for (presence, expected) in presences {
        world.observed.group = presence.clone();
        let plan = world.plan();
        assert!(
            plan.stages
                .iter()
                .all(|stage| stage.kind > StageKind::Delete),
            "{presence:?}: {:?}",
            writes(&plan)
        );
        assert_eq!(
            reason(&assignment(&plan, "team").state),
            expected,
            "{presence:?}"
        );
        assert_eq!(
            reason(&binding(&plan, "role").state),
            expected,
            "{presence:?}"
        );
    }
}

#[test]
fn objects_of_a_group_that_is_gone_are_gone() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.bind("role", 1).bound = Some(role_id(1));
    world.binding("role").lifecycle = Lifecycle::Deleting;
    world.observed.eligible.known().clear();
    world.observed.group = Presence::Absent {
        since: at(-2 * MINUTE),
    };
    let plan = world.plan();
    assert_eq!(assignment(&plan, "team").state, State::Gone);
    assert_eq!(binding(&plan, "role").state, State::Gone);
}

#[test]
fn one_look_that_does_not_show_the_group_proves_nothing() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.observed.eligible.known().clear();
    world.observed.group = Presence::Absent { since: at(-10) };
    let plan = world.plan();
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForReplication"
    );
    assert_eq!(plan.wake_at, Some(at(2)), "the next look may show it");
}

#[test]
fn a_window_that_has_ended_takes_away_what_outlasts_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.assignment("team").schedule.expiration = Expiration::EndTime(at(-MINUTE));
    let plan = world.plan();
    assert_eq!(first(&plan), ["end ann as eligible member of group"]);
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Revoking);
    world.observed.eligible.known().clear();
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "team").state, State::Expired);
}

#[test]
fn what_ends_as_declared_ends_by_itself() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.observed.now = at(179 * DAY);
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "the service takes it away, sooner or later"
    );
    assert_eq!(assignment(&plan, "team").state, State::Expired);
    assert_eq!(plan.wake_at, None, "an end that lies behind wakes nobody");
}

#[test]
fn an_object_that_was_never_admitted_takes_nothing_away() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).schedule.expiration = Expiration::EndTime(at(-MINUTE));
    world.stands(key("ann", Kind::Eligible), End::Never);
    world.desired.boundary = None;
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_grant_that_was_just_sent_may_be_hidden_when_it_is_taken_back() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), -20);
    let team = world.assignment("team");
    team.memory[0].sent = Some(sent(-20));
    team.lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    assert_eq!(
        reason(&assignment(&plan, "team").state),
        "WaitingForReplication"
    );
    assert_eq!(plan.wake_at, Some(at(40)));
    world.desired.group.lifecycle = Lifecycle::Deleting;
    assert!(
        world.plan().stages.is_empty(),
        "and the group does not go with it"
    );
    world.desired.group.lifecycle = Lifecycle::Living;
    world.stands(key("ann", Kind::Eligible), End::At(at(179 * DAY)));
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
    world.observed.eligible.known().clear();
    world.observed.now = at(40);
    assert_eq!(assignment(&world.plan(), "team").state, State::Gone);
}
