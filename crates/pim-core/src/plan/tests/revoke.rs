//! Taking away.

use super::fixture::*;
use crate::desired::{GrantRecord, Lifecycle, Readability};
use crate::ids::PrincipalId;
use crate::memory::Answer;
use crate::observed::{Management, Presence};
use crate::plan::StageKind;
use crate::principal::{Principal, PrincipalKind, Resolution};
use crate::reason::Reason;
use crate::rule::{UnknownRule, UnknownRuleState};
use crate::schedule::{Access, End, Key, Kind, ScheduleExpiration};
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
    assert!(assignment(&plan, "old").rows().is_empty());
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
        extension: None,
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
    world.bind("role", 1).bound = Some(role_target(1));
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
            Presence::Duplicates(vec![group_id(), group_id()]),
            "AdoptionConflict",
        ),
        (Presence::KeyMismatch(group_id()), "AdoptionConflict"),
        (deleted(), "WaitingForDependency"),
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
    world.bind("role", 1).bound = Some(role_target(1));
    world.binding("role").lifecycle = Lifecycle::Deleting;
    world.observed.eligible.known().clear();
    world.observed.group = Presence::Absent {
        since: at(-5 * MINUTE),
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
    assert_eq!(plan.wake_at, Some(at(5)), "the next look may show it");
}

#[test]
fn a_window_that_has_ended_takes_away_what_outlasts_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.assignment("team").schedule.expiration = ScheduleExpiration::EndTime(at(-MINUTE));
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
    world.eligible("team", &["ann"]).schedule.expiration = ScheduleExpiration::EndTime(at(-MINUTE));
    world.stands(key("ann", Kind::Eligible), End::Never);
    world.desired.boundary = None;
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_revoke_that_was_refused_is_told_and_waits_for_its_time() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann", "bob"]);
    world.take_out("team", "ann");
    world.eligible("more", &["cid"]);
    let plan = world.plan();
    let refusal = State::waiting(Reason::Throttled, "too many requests");
    world.all_tried(&plan, &Answer::Refused(refusal));
    let plan = world.plan_at(30);
    assert_eq!(
        plan.stages[0].kind,
        StageKind::Grant,
        "nobody else waits for it"
    );
    let verdict = assignment(&plan, "team");
    assert_eq!(message(&verdict.state), "User ann: too many requests");
    assert_eq!(problems(&plan, "team")[0].reason, Reason::Throttled);
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Revoking);
    assert_eq!(row(&plan, "team", "bob").state, SubjectState::Eligible);
    assert_eq!(
        first(&world.plan_at(60)),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn a_revoke_of_what_was_gone_is_not_sent_over_and_over_while_lists_show_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    let plan = world.plan();
    for answer in [Answer::WasGone, Answer::Taken] {
        let mut world = world.clone();
        world.all_tried(&plan, &answer);
        let plan = world.plan_at(59);
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert!(message(&assignment(&plan, "team").state).contains("does not show it yet"));
        assert_eq!(world.plan_at(60).stages.len(), 1);
    }
}

#[test]
fn an_object_that_cannot_be_read_keeps_its_memory_and_what_it_granted() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "broken", &["ann"]);
    world.settled(Kind::Eligible, "old", &["bob"]).lifecycle = Lifecycle::Deleting;
    let broken = world.assignment("broken");
    broken.subjects.clear();
    // Nothing of its manifest counts, and neither does its window.
    broken.schedule.expiration = ScheduleExpiration::EndTime(at(-MINUTE));
    broken.readability = Readability::Unreadable("no date".to_owned());
    let mut record = world.assignment("old").memory[0].clone();
    record.subject = person("ann");
    record.principal = id("ann");
    world.assignment("old").memory.push(record);
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        ["end bob as eligible member of group"],
        "what the broken object granted is kept"
    );
    let state = &assignment(&plan, "broken").state;
    assert_eq!(reason(state), "InvalidSpec");
    assert!(message(state).contains("no date"));
    assert!(row(&plan, "broken", "ann").record().is_some());
}

#[test]
fn nobody_new_is_granted_while_those_who_leave_fill_the_status() {
    let mut world = World::new();
    let team = world.active("team", &["ann"]);
    let records = (0..350_u32).map(|place| GrantRecord {
        subject: Principal {
            kind: PrincipalKind::User,
            name: format!("p{place}"),
        },
        principal: PrincipalId(uuid::Uuid::from_u128(0xdddd_0000 + u128::from(place))),
        state: SubjectState::Active,
        first_granted: at(-MINUTE),
        sent: None,
        activated_until: None,
        removed: None,
    });
    team.memory = records.collect();
    let leaving = team.memory.clone();
    for record in leaving {
        let key = Key {
            principal: record.principal,
            ..key("ann", Kind::Active)
        };
        world.stands(key, End::Never).created = Some(at(-MINUTE));
    }
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
    let rows = &assignment(&plan, "team").rows();
    assert!(rows.len() <= 300, "{}", rows.len());
    assert!(
        rows.iter().all(|row| row.first_granted.is_some()),
        "who remembers nothing gives way"
    );
}

#[test]
fn an_owner_who_left_the_tenant_frees_the_group() {
    let mut world = World::new();
    world.settled_owners("owners", &["bob"]);
    world.assignment("owners").subjects = vec![person("cid")];
    world.eligible("team", &["ann"]);
    world.resolve("bob", Resolution::NotFound);
    world.desired.names = world.desired.names.clone().without([id("bob")]);
    world.loosen(Access::Owner);
    let plan = world.plan();
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::Policy, StageKind::Grant]);
    world.obey();
    // The new owner is in; the one who left is still listed.
    world.stands(owner_key("cid"), End::Never);
    let plan = world.plan();
    assert_eq!(first(&plan), ["end bob as active owner of group"]);
    let refusal = State::waiting(Reason::WaitingForReplication, "SubjectNotFound");
    world.all_tried(&plan, &Answer::Refused(refusal));
    world.loosen(Access::Owner);
    let plan = world.plan();
    assert_eq!(
        plan.stages[0].kind,
        StageKind::Policy,
        "{:?}",
        writes(&plan)
    );
    assert!(
        assignment(&plan, "owners")
            .rows()
            .iter()
            .all(|row| row.principal != Some(id("bob"))),
        "nothing is left of them that could be taken away"
    );
    assert_eq!(assignment(&plan, "owners").state, State::Ready);
}

#[test]
fn a_revoke_does_not_wait_for_anything_to_be_read() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.take_out("team", "ann");
    world.assignment("team").subjects.push(person("bob"));
    world.forget_policies();
    world.observed.active = Read::Unread;
    world.observed.eligible = world.observed.eligible.clone().demoted();
    let plan = world.plan();
    assert_eq!(
        writes(&plan),
        [(
            StageKind::Revoke,
            vec!["end ann as eligible member of group".to_owned()]
        )]
    );
    world.observed.eligible.known().clear();
    assert!(!world.plan().needs.is_empty());
}

#[test]
fn a_refusal_for_another_reason_does_not_say_that_somebody_left_the_tenant() {
    let mut world = World::new();
    world.settled(Kind::Active, "team", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.desired.names = world.desired.names.clone().without([id("ann")]);
    let plan = world.plan();
    for reason in [Reason::TooYoung, Reason::PermissionDenied] {
        world.all_tried(&plan, &Answer::Refused(State::waiting(reason, "no")));
        assert_ne!(assignment(&world.plan(), "team").state, State::Gone);
    }
    let refusal = State::waiting(Reason::WaitingForReplication, "SubjectNotFound");
    world.all_tried(&plan, &Answer::Refused(refusal));
    assert_eq!(assignment(&world.plan(), "team").state, State::Gone);
}
