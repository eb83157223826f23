//! Several objects that declare the same.

use super::fixture::*;
use crate::desired::{Lifecycle, Pause};
use crate::plan::StageKind;
use crate::principal::Resolution;
use crate::schedule::{End, Kind, ScheduleExpiration};
use crate::verdict::{State, SubjectState};

#[test]
fn a_first_claim_goes_to_the_older_object() {
    let mut world = World::new();
    world.eligible("younger", &["ann"]).created = at(-DAY);
    world.eligible("older", &["ann"]).created = at(-2 * DAY);
    let plan = world.plan();
    assert_eq!(first(&plan).len(), 1);
    assert_eq!(plan.stages[0].actions[0].object.name, object("older"));
    assert_eq!(reason(&assignment(&plan, "younger").state), "Conflict");
}

#[test]
fn objects_of_the_same_age_go_by_name() {
    let mut world = World::new();
    world.eligible("b", &["ann"]);
    world.eligible("a", &["ann"]);
    let plan = world.plan();
    assert_eq!(plan.stages[0].actions[0].object.name, object("a"));
    assert_eq!(reason(&assignment(&plan, "b").state), "Conflict");
}

#[test]
fn whoever_granted_it_keeps_it() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "holder", &["ann"]).created = at(-DAY);
    world.eligible("older", &["ann"]).created = at(-9 * DAY);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "holder").state, State::Ready);
    assert_eq!(reason(&assignment(&plan, "older").state), "Conflict");
    assert_eq!(
        row(&plan, "older", "ann").first_granted,
        None,
        "it remembers nothing that it did not grant"
    );
}

#[test]
fn when_the_holder_goes_the_next_one_takes_over_without_a_gap() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "holder", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.eligible("other", &["ann"]);
    let plan = world.plan();
    assert!(plan.stages.is_empty());
    assert_eq!(assignment(&plan, "holder").state, State::Gone);
    assert_eq!(assignment(&plan, "other").state, State::Ready);
}

#[test]
fn an_object_that_is_not_admitted_claims_nothing() {
    let mut world = World::new();
    let older = world.active("older", &["ann"]);
    older.created = at(-9 * DAY);
    world.active("younger", &["ann"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    world
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .assignments
        .active
        .as_mut()
        .unwrap()
        .permanent = crate::settings::Permanent::Forbidden;
    let plan = world.plan();
    assert_eq!(plan.stages[0].actions[0].object.name, object("younger"));
}

#[test]
fn whoever_is_admitted_comes_before_whoever_was() {
    let mut world = World::new();
    world.settled(Kind::Active, "before", &["ann"]);
    world.active("now", &["ann"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    world
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .assignments
        .active
        .as_mut()
        .unwrap()
        .permanent = crate::settings::Permanent::Forbidden;
    let plan = world.plan();
    assert_eq!(plan.stages[0].actions[0].object.name, object("now"));
    assert_eq!(
        plan.stages[0].kind,
        StageKind::Revoke,
        "ann keeps less than stands"
    );
}

#[test]
fn a_window_that_has_ended_claims_nothing() {
    let mut world = World::new();
    world
        .settled(Kind::Eligible, "spring", &["ann"])
        .schedule
        .expiration = ScheduleExpiration::EndTime(at(-DAY));
    world.eligible("summer", &["ann"]);
    world.observed.eligible.known().clear();
    let plan = world.plan();
    assert_eq!(plan.stages[0].actions[0].object.name, object("summer"));
    assert_eq!(assignment(&plan, "spring").state, State::Expired);
}

#[test]
fn two_names_of_one_person_are_granted_once() {
    let mut world = World::new();
    world.eligible("team", &["ann", "bob"]);
    world.resolve("bob", Resolution::Found(identity("ann")));
    let plan = world.plan();
    assert_eq!(first(&plan).len(), 1);
    assert_eq!(row(&plan, "team", "ann").state, SubjectState::Pending);
    assert_eq!(problems(&plan, "team")[0].reason.as_str(), "Conflict");
}

#[test]
fn eligible_and_active_do_not_conflict() {
    let mut world = World::new();
    world.eligible("team", &["ann"]);
    world.active("always", &["ann"]);
    assert_eq!(first(&world.plan()).len(), 2);
}

#[test]
fn whoever_takes_over_what_stands_takes_it_away_in_the_end() {
    let mut world = World::new();
    world.settled_owners("old", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.owners("new", &["ann"]).schedule.expiration =
        ScheduleExpiration::AfterDuration(days("P30D"));
    let plan = world.plan();
    assert!(
        plan.stages.is_empty(),
        "the only permanent owner is not made time-bound"
    );
    assert_eq!(assignment(&plan, "old").state, State::Gone);
    assert_eq!(
        row(&plan, "new", "ann").first_granted,
        Some(at(0)),
        "so that somebody remembers her"
    );
}

#[test]
fn a_memory_is_not_handed_over_while_nobody_can_see_what_stands() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "old", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.eligible("new", &["ann"]);
    world.observed.eligible.known().clear();
    world.observed.group = deleted();
    let plan = world.plan();
    assert_eq!(row(&plan, "old", "ann").first_granted, Some(at(-DAY)));
    assert_eq!(
        reason(&assignment(&plan, "old").state),
        "WaitingForDependency"
    );
}

#[test]
fn a_memory_of_a_grant_that_cannot_be_read_yet_is_not_handed_over() {
    let mut world = World::new();
    remember(world.eligible("old", &["ann"]), -20);
    let old = world.assignment("old");
    old.memory[0].sent = Some(sent(-20));
    old.lifecycle = Lifecycle::Deleting;
    world.eligible("new", &["ann"]);
    let plan = world.plan();
    assert_eq!(row(&plan, "old", "ann").first_granted, Some(at(-20)));
    world.stands(key("ann", Kind::Eligible), End::At(at(180 * DAY - 20)));
    assert_eq!(assignment(&world.plan(), "old").state, State::Gone);
}

#[test]
fn what_one_list_hides_is_not_forgotten_by_whoever_goes() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "holder", &["ann"]).lifecycle = Lifecycle::Deleting;
    world.eligible("other", &["ann"]).pause = Pause::Paused;
    let shown = std::mem::take(world.observed.eligible.known());
    let plan = world.plan_at(0);
    assert_ne!(assignment(&plan, "holder").state, State::Gone);
    assert_eq!(row(&plan, "other", "ann").first_granted, None);
    let mut hidden = world.clone();
    assert_eq!(
        assignment(&hidden.plan_at(60), "holder").state,
        State::Gone,
        "two looks a minute apart do not show it"
    );
    *world.observed.eligible.known() = shown;
    let plan = world.plan_at(60);
    assert_eq!(assignment(&plan, "holder").state, State::Gone);
    assert_ne!(
        row(&plan, "other", "ann").first_granted,
        None,
        "it took over"
    );
}

#[test]
fn a_second_name_for_somebody_in_one_object_begins_no_second_window() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["ann"]);
    let mut second = person("ann");
    second.name = id("ann").to_string();
    let team = world.assignment("team");
    team.schedule.expiration = ScheduleExpiration::AfterDuration(days("P30D"));
    team.subjects.push(second.clone());
    let same = Resolution::Found(identity("ann"));
    let names = [(person("ann"), same.clone()), (second, same)];
    world.desired.names = names.into_iter().collect();
    for day in [0, 20, 31, 62] {
        world.observed.now = at(day * DAY);
        let now = world.observed.now;
        let eligible = world.observed.eligible.known();
        eligible.retain(|one| !one.window.end.is_over(now));
        let plan = world.plan_at(day * DAY);
        let grants = plan
            .stages
            .iter()
            .filter(|one| one.kind == StageKind::Grant);
        assert_eq!(grants.count(), 0, "{day}: {:?}", writes(&plan));
        world.remember_rows(&plan, "team");
    }
}

#[test]
fn a_name_that_was_given_to_somebody_new_grants_them_nothing_beside_another_name_of_the_old_one() {
    let mut world = World::new();
    world.settled(Kind::Eligible, "team", &["cid", "dan"]);
    world.ended(key("dan", Kind::Eligible));
    // Dan was the name of Cid before.
    let record = &mut world.assignment("team").memory[1];
    record.principal = id("cid");
    for _ in 0..3 {
        let plan = world.plan();
        assert!(plan.stages.is_empty(), "{:?}", writes(&plan));
        assert_eq!(row(&plan, "team", "dan").principal, Some(id("cid")));
        world.remember_rows(&plan, "team");
    }
}

#[test]
fn what_somebody_sent_and_nobody_sees_is_remembered_in_a_conflict() {
    let mut world = World::new();
    let before = world.active("before", &["ann"]);
    remember(before, -2);
    before.memory[0].sent = Some(sent(-2));
    let now = world.active("now", &["ann"]);
    now.schedule.expiration = ScheduleExpiration::AfterDuration(days("P30D"));
    now.pause = Pause::Paused;
    let limits = &mut world.desired.boundary.as_mut().unwrap().rules.assignments;
    limits.active.as_mut().unwrap().permanent = crate::settings::Permanent::Forbidden;
    let plan = world.plan();
    assert_eq!(reason(&assignment(&plan, "now").state), "Paused");
    assert_eq!(row(&plan, "before", "ann").sent, Some(sent(-2)));
    world.stands(key("ann", Kind::Active), End::Never);
    let plan = world.plan();
    assert_eq!(row(&plan, "before", "ann").record(), None);
    assert!(row(&plan, "now", "ann").record().is_some(), "it took over");
}
