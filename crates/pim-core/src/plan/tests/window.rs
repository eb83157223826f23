//! From when until when.

use super::fixture::*;
use crate::action::{GrantVerb, Write};
use crate::plan::{Plan, StageKind};
use crate::rule::{UnknownRule, UnknownRuleState};
use crate::schedule::{Access, End, Kind, ScheduleExpiration};
use crate::settings::Permanent;
use crate::verdict::{State, SubjectState};

fn update(plan: &Plan) -> (StageKind, End) {
    match &plan.stages[0].actions[0].write {
        Write::Grant {
            verb: GrantVerb::Update,
            window,
            ..
        } => (plan.stages[0].kind, window.end),
        write => panic!("{write:?}"),
    }
}

fn unguarded(world: &mut World) {
    let rule = UnknownRule {
        id: crate::ids::RuleId::new("New_Rule"),
        state: UnknownRuleState::OnOrSilent,
        extension: None,
    };
    world.policy(Access::Member).unknown.push(rule);
}

#[test]
fn a_longer_window_waits_for_the_guard() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::AfterDuration(days("P300D"));
    assert_eq!(
        update(&world.plan()),
        (StageKind::Grant, End::At(at(299 * DAY)))
    );
    unguarded(&mut world);
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_shorter_window_waits_neither_for_the_guard_nor_for_the_boundary() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(DAY));
    let shorter = (StageKind::Revoke, End::At(at(DAY)));
    assert_eq!(update(&world.plan()), shorter);
    unguarded(&mut world);
    assert_eq!(update(&world.plan()), shorter);
    world.forget_policies();
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "the service may refuse what another policy allows"
    );
    assert_eq!(plan.needs, [Part::Policies].into());
    world.obey();
    unguarded(&mut world);
    world.observed.eligible = world.observed.eligible.clone().demoted();
    assert_eq!(world.plan().needs, [Part::Eligible].into());
    let rows = world.observed.eligible.rows().to_vec();
    world.observed.eligible = Read::now(rows, at(0));
    world.desired.boundary = None;
    assert_eq!(update(&world.plan()), shorter);
    world.assignment("team").memory.clear();
    assert!(
        world.plan().stages.is_empty(),
        "but somebody who never held it does not shorten it"
    );
}

#[test]
fn only_the_holder_shortens() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.eligible("other", &["ann"]).schedule.expiration = ScheduleExpiration::EndTime(at(DAY));
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_later_start_of_what_stands_is_a_reduction_and_an_earlier_one_is_not() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(179 * DAY));
    world.assignment("team").schedule.start = Some(at(DAY));
    assert_eq!(world.plan().stages[0].kind, StageKind::Revoke);
    world.observed.eligible.known()[0].window.start = Some(at(2 * DAY));
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn what_ends_in_less_than_five_minutes_is_taken_away_when_its_time_has_come() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(2 * MINUTE));
    let plan = world.plan();
    assert!(plan.stages.is_empty(), "the service makes no such window");
    assert_eq!(plan.wake_at, Some(at(2 * MINUTE)));
    assert!(matches!(
        assignment(&plan, "team").state,
        State::Waiting { .. }
    ));
    world.observed.now = at(2 * MINUTE);
    assert_eq!(
        first(&world.plan()),
        ["end ann as eligible member of group"]
    );
}

#[test]
fn a_window_too_short_to_be_made_is_not_made() {
    let mut world = World::new();
    world.eligible("team", &["ann"]).schedule.expiration =
        ScheduleExpiration::EndTime(at(2 * MINUTE));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "team").state, State::Expired);
}

#[test]
fn an_expired_assignment_is_not_granted_again_until_its_schedule_changes() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), -200 * DAY);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "team").state, State::Expired);
    assert_eq!(
        row(&plan, "team", "ann").first_granted,
        Some(at(-200 * DAY))
    );
    world.assignment("team").schedule.expiration = ScheduleExpiration::AfterDuration(days("P300D"));
    assert_eq!(
        first(&world.plan()),
        [format!(
            "make ann as eligible member of group until {}",
            at(100 * DAY)
        )]
    );
}

#[test]
fn without_its_note_a_duration_that_has_ended_begins_anew_and_a_fixed_end_does_not() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), -200 * DAY);
    assert!(world.plan().stages.is_empty());
    world.assignment("team").memory.clear();
    assert_eq!(
        first(&world.plan()),
        [format!(
            "make ann as eligible member of group until {}",
            at(180 * DAY)
        )]
    );
    world.assignment("team").schedule.expiration = ScheduleExpiration::EndTime(at(-20 * DAY));
    assert!(world.plan().stages.is_empty());
}

#[test]
fn without_a_note_what_stands_is_taken_as_it_is() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.stands(key("ann", Kind::Eligible), End::At(at(10 * DAY)));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(
        row(&plan, "team", "ann").first_granted,
        Some(at(-170 * DAY))
    );
}

#[test]
fn without_a_note_what_stands_too_long_is_shortened_to_a_fresh_window() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.stands(key("ann", Kind::Eligible), End::At(at(300 * DAY)));
    assert_eq!(
        update(&world.plan()),
        (StageKind::Revoke, End::At(at(180 * DAY)))
    );
    world.observed.eligible.known()[0].window.end = End::Never;
    assert_eq!(
        update(&world.plan()),
        (StageKind::Revoke, End::At(at(180 * DAY)))
    );
}

#[test]
fn a_note_in_the_future_makes_no_longer_window() {
    let mut world = World::new();
    remember(world.eligible("team", &["ann"]), DAY);
    assert_eq!(
        first(&world.plan()),
        [format!(
            "make ann as eligible member of group until {}",
            at(180 * DAY)
        )]
    );
}

#[test]
fn servers_that_disagree_by_seconds_cause_no_write() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    world.assignment("team").memory[0].first_granted = at(3);
    world.observed.eligible.known()[0].window.end = End::At(at(180 * DAY + 3));
    assert!(world.plan().stages.is_empty());
}

#[test]
fn a_window_that_begins_later_is_scheduled_and_looked_at_when_it_begins() {
    let mut world = World::new();
    let team = world.active("team", &["ann"]);
    team.schedule.start = Some(at(DAY));
    let plan = world.plan();
    assert_eq!(
        first(&plan),
        [format!(
            "make ann as active member of group from {} until never",
            at(DAY)
        )]
    );
    let schedule = world.stands(key("ann", Kind::Active), End::Never);
    schedule.window.start = Some(at(DAY));
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Scheduled);
    assert_eq!(plan.wake_at, Some(at(DAY)));
    world.observed.now = at(DAY);
    assert_eq!(
        row(&world.plan(), "team", "ann").state,
        SubjectState::Active
    );
}

#[test]
fn the_end_of_a_window_and_of_an_activation_wake_the_group() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    assert_eq!(
        world.plan().wake_at,
        Some(at(165 * DAY)),
        "it is told before"
    );
    assert_eq!(world.plan_at(170 * DAY).wake_at, Some(at(179 * DAY)));
    world.pass(0);
    world.activated("ann");
    assert_eq!(world.plan().wake_at, Some(at(8 * 60 * MINUTE)));
}

#[test]
fn what_the_service_lists_beyond_its_end_is_granted_anew_when_the_end_moves() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "team", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(DAY));
    world.observed.eligible.known()[0].window.end = End::At(at(-30));
    assert_eq!(
        first(&world.plan()),
        [format!(
            "make ann as eligible member of group until {}",
            at(DAY)
        )]
    );
}

#[test]
fn an_end_in_thousands_of_years_is_no_end() {
    let mut world = World::new();
    let limits = &mut world.desired.boundary.as_mut().unwrap().rules.assignments;
    limits.eligible.as_mut().unwrap().permanent = Permanent::Forbidden;
    world.settings(Access::Member).eligible = Some(crate::settings::Eligible {
        permanent: Some(Permanent::Allowed),
        ..Default::default()
    });
    world.obey();
    let far = "9999-12-30T00:00:00Z".parse().unwrap();
    let windows = [
        ScheduleExpiration::EndTime(far),
        ScheduleExpiration::AfterDuration(days("P9999D")),
        ScheduleExpiration::Never,
    ];
    world.eligible("team", &["ann"]);
    for expiration in windows {
        world.assignment("team").schedule.expiration = expiration;
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(reason(&assignment(&plan, "team").state), "BoundaryViolated");
    }
    world.assignment("team").schedule.expiration = ScheduleExpiration::AfterDuration(days("P365D"));
    assert_eq!(world.plan().stages[0].kind, StageKind::Grant);
}

#[test]
fn before_it_is_granted_a_duration_has_no_end_that_moves_with_every_look() {
    let mut world = World::new();
    world.settings(Access::Member).active = None;
    world.eligible("team", &["ann"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    let plan = world.plan_at(0);
    assert_eq!(plan.stages[0].kind, StageKind::Policy);
    assert_eq!(row(&plan, "team", "ann").end, None);
    world.obey();
    let plan = world.plan_at(60);
    assert_eq!(plan.stages[0].kind, StageKind::Grant);
    assert_eq!(
        row(&world.begun(plan), "team", "ann").end,
        Some(End::At(at(60 + 30 * DAY)))
    );
}
