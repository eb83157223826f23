//! What ends by itself is extended before it does, where that is asked for, and told before it does elsewhere.

use jiff::Timestamp;
use proptest::prelude::*;

use super::fixture::*;
use super::model::Model;
use crate::action::Write;
use crate::boundary::{AutoRenewal, DurationLimit};
use crate::desired::{Assignment, RenewalMode};
use crate::memory::Answer;
use crate::plan::Plan;
use crate::schedule::{End, Kind, ScheduleExpiration, Window};
use crate::settings::Permanent;
use crate::verdict::{Record, State};

const BOB: &str = "bob";

/// Bob is eligible for half a year since yesterday, and that is renewed two weeks before it ends.
fn world() -> World {
    let mut world = World::new();
    let limit = || {
        Some(DurationLimit {
            permanent: Permanent::Allowed,
            maximum_duration: None,
            auto_renewal: AutoRenewal::Allowed,
        })
    };
    let assignments = &mut world.desired.boundary.as_mut().unwrap().rules.assignments;
    (assignments.eligible, assignments.active) = (limit(), limit());
    world.settled(Kind::Eligible, "team", &[BOB]);
    team(&mut world).renewal.mode = RenewalMode::Auto;
    world
}

fn team(world: &mut World) -> &mut Assignment {
    world.assignment("team")
}

/// The day on which what Bob has ends.
const END: i64 = 179;

/// What Bob has ends on this day.
fn lasts_until(world: &mut World, day: i64) {
    for row in world.observed.eligible.known() {
        row.window.end = End::At(at(day * DAY));
    }
}

/// The day to which Bob is to be extended, in the first stage.
fn extended_to(plan: &Plan) -> Timestamp {
    match plan.stages.first().map(|stage| &stage.actions[0].write) {
        Some(Write::Grant {
            window: Window {
                end: End::At(end), ..
            },
            ..
        }) => *end,
        other => panic!("{other:?}"),
    }
}

fn expiring(plan: &Plan) -> usize {
    match &assignment(plan, "team").record {
        Record::Assignment(record) => record.expiring.len(),
        other => panic!("{other:?}"),
    }
}

fn state(plan: &Plan) -> &State {
    &assignment(plan, "team").state
}

/// The write of the first stage, in words; none without one.
fn written(plan: &Plan) -> Vec<String> {
    plan.stages.first().map_or_else(Vec::new, |_| first(plan))
}

#[test]
fn nothing_is_extended_before_its_end_is_near_and_the_operator_wakes_when_it_is() {
    let mut world = world();
    let plan = world.plan_at((END - 15) * DAY);
    assert_eq!(written(&plan), Vec::<String>::new());
    assert_eq!(plan.wake_at, Some(at((END - 14) * DAY)));
    assert_eq!(expiring(&plan), 0);
}

#[test]
fn what_ends_soon_is_extended_by_its_duration_counted_from_its_end() {
    let mut world = world();
    let plan = world.plan_at((END - 14) * DAY);
    let expected = format!("change {BOB} as eligible member of group");
    assert!(
        matches!(written(&plan).as_slice(), [only] if only.starts_with(&expected)),
        "{:?}",
        written(&plan)
    );
    let pending = row(&plan, "team", BOB);
    assert_eq!(
        pending.end,
        Some(End::At(at(END * DAY))),
        "as long as it does not show"
    );
    assert_eq!(
        (pending.first_granted, expiring(&plan)),
        (Some(at(-DAY)), 0)
    );
    lasts_until(&mut world, END + 180);
    let plan = world.plan_at((END - 14) * DAY + 60);
    assert_eq!(written(&plan), Vec::<String>::new());
    let row = row(&plan, "team", BOB);
    assert_eq!(row.end, Some(End::At(at((END + 180) * DAY))));
    assert_eq!(row.first_granted, Some(at(END * DAY)));
}

#[test]
fn what_was_extended_counts_from_a_moment_that_lies_ahead_and_no_pass_changes_it_again() {
    let mut world = world();
    for record in &mut team(&mut world).memory {
        record.first_granted = at(END * DAY);
    }
    lasts_until(&mut world, END + 180);
    for day in [END - 14, END - 7, END, END + 100] {
        let plan = world.plan_at(day * DAY);
        assert_eq!(written(&plan), Vec::<String>::new(), "day {day}");
        let row = row(&plan, "team", BOB);
        assert_eq!(row.first_granted, Some(at(END * DAY)));
        assert_eq!(state(&plan), &State::Ready);
    }
}

#[test]
fn a_note_that_lies_ahead_and_that_nothing_in_the_tenant_agrees_with_gives_nobody_more() {
    let mut world = world();
    team(&mut world).renewal.mode = RenewalMode::Manual;
    for record in &mut team(&mut world).memory {
        record.first_granted = at(END * DAY);
    }
    let plan = world.plan_at(100 * DAY);
    assert_eq!(written(&plan), Vec::<String>::new());
    let row = row(&plan, "team", BOB);
    assert_eq!(row.end, Some(End::At(at(END * DAY))));
}

#[test]
fn nothing_is_extended_beyond_what_manifest_boundary_and_policy_say() {
    let day = END - 10;
    // Until a moment, and then told that it ends.
    let mut by_manifest = world();
    team(&mut by_manifest).renewal.until = Some(at((END + 5) * DAY));
    let plan = by_manifest.plan_at(day * DAY);
    assert_eq!(extended_to(&plan), at((END + 5) * DAY));
    team(&mut by_manifest).renewal.until = Some(at(END * DAY));
    let plan = by_manifest.plan_at(day * DAY);
    assert_eq!((written(&plan).len(), expiring(&plan)), (0, 1));
    // The boundary counts from the day of the request, and so does the policy.
    let longest = at((day + 180) * DAY);
    let mut by_boundary = world();
    let limits = &mut by_boundary
        .desired
        .boundary
        .as_mut()
        .unwrap()
        .rules
        .assignments;
    limits.eligible.as_mut().unwrap().maximum_duration = Some(days("P180D"));
    let plan = by_boundary.plan_at(day * DAY);
    assert_eq!(extended_to(&plan), longest);
}

#[test]
fn a_boundary_that_does_not_let_access_renew_itself_refuses_the_object() {
    let mut world = world();
    let limits = &mut world.desired.boundary.as_mut().unwrap().rules.assignments;
    limits.eligible.as_mut().unwrap().auto_renewal = AutoRenewal::Forbidden;
    let plan = world.plan_at((END - 10) * DAY);
    assert_eq!(written(&plan), Vec::<String>::new());
    assert_eq!(reason(state(&plan)), "BoundaryViolated");
}

#[test]
fn what_nobody_extends_is_told_before_it_ends_and_stays_ended() {
    let mut world = world();
    team(&mut world).renewal.mode = RenewalMode::Manual;
    let plan = world.plan_at((END - 14) * DAY);
    assert_eq!((written(&plan).len(), expiring(&plan)), (0, 1));
    assert_eq!(state(&plan), &State::Ready);
    team(&mut world).renewal.before = Some(days("P30D"));
    assert_eq!(expiring(&world.plan_at((END - 20) * DAY)), 1);
    // Nobody noticed in time, neither a person nor the operator.
    team(&mut world).renewal.mode = RenewalMode::Auto;
    let plan = world.plan_at(END * DAY);
    assert_eq!((written(&plan).len(), expiring(&plan)), (0, 0));
    assert_eq!(state(&plan), &State::Expired);
}

#[test]
fn whoever_cannot_sign_in_is_not_extended() {
    let mut world = world();
    world.disable(BOB);
    let plan = world.plan_at((END - 10) * DAY);
    assert_eq!((written(&plan).len(), expiring(&plan)), (0, 1));
}

#[test]
fn a_paused_object_extends_nothing_and_remembers_nothing_of_it() {
    let mut world = world();
    team(&mut world).pause = crate::desired::Pause::Paused;
    let plan = world.plan_at((END - 10) * DAY);
    assert_eq!(written(&plan), Vec::<String>::new());
    let row = row(&plan, "team", BOB);
    assert_eq!(row.end, Some(End::At(at(END * DAY))));
    assert_eq!(row.first_granted, Some(at(-DAY)));
}

#[test]
fn half_of_a_short_duration_is_soon_enough() {
    let mut world = World::new();
    let week = world.eligible("week", &[BOB]);
    week.schedule.expiration = ScheduleExpiration::AfterDuration(days("P6D"));
    assert_eq!(week.lead().as_hours(), 3 * 24);
    week.renewal.before = Some(days("P1D"));
    assert_eq!(week.lead().as_hours(), 24);
}

proptest! {
    /// Over ten terms, by an operator that wakes when it said it would: nobody is ever without, ever has more than is declared, or
    /// costs more than one request for each term.
    #[test]
    fn years_of_renewals_leave_no_gap_and_no_surplus(length in 2..=365_i64, before in 1..200_i64) {
        let before = before.min(length / 2).max(1);
        let mut world = world();
        world.observed.eligible.known().clear();
        let assignment = team(&mut world);
        assignment.memory.clear();
        assignment.schedule.expiration = ScheduleExpiration::AfterDuration(days(&format!("P{length}D")));
        assignment.renewal.before = Some(days(&format!("P{before}D")));
        let mut model = Model::new(world);
        let mut rest = model.converge();
        for term in 1..=10 {
            let woken = rest.wake_at.unwrap().as_second() - at(0).as_second();
            model.world.pass(woken);
            rest = model.converge();
            let standing = model.world.observed.standing(key(BOB, Kind::Eligible));
            let Some(End::At(end)) = standing.map(|schedule| schedule.window.end) else {
                panic!("a gap in term {term}: {:?}", model.journal);
            };
            prop_assert!(end <= at(woken + (before + length) * DAY), "term {}: until {}", term, end);
            prop_assert!(model.journal.len() <= term + 1, "{:#?}", model.journal);
        }
    }
}

#[test]
fn an_extension_that_was_sent_is_not_sent_again_while_it_does_not_show() {
    let mut world = world();
    let plan = world.plan_at((END - 14) * DAY);
    let [stage] = plan.stages.as_slice() else {
        panic!("{:?}", writes(&plan));
    };
    let write = &stage.actions[0].write;
    let second = jiff::SignedDuration::from_secs(30);
    world
        .memory
        .tried(write, at((END - 14) * DAY), second, Answer::Taken);
    let plan = world.plan_at((END - 14) * DAY + 10);
    assert_eq!(written(&plan), Vec::<String>::new());
    // Whatever was answered, what shows in the end is not taken back; what nobody asked for is.
    lasts_until(&mut world, END + 180);
    assert_eq!(
        written(&world.plan_at((END - 13) * DAY)),
        Vec::<String>::new()
    );
    lasts_until(&mut world, END + 181);
    assert_eq!(written(&world.plan_at((END - 13) * DAY)).len(), 1);
}
