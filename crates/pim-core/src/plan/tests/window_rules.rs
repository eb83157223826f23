//! What holds for every window: a duration counts once, what stands is taken as it is, and nothing is made longer by
//! comparing it.

use jiff::SignedDuration;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::*;
use super::strategy;
use crate::action::GrantVerb;
use crate::plan::facts::window::{Comparison, compare, of};
use crate::schedule::{End, Schedule, ScheduleExpiration, Window};

fn any_end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::Never),
        (-DAY..400 * DAY).prop_map(|end| End::At(at(end)))
    ]
}

fn any_window() -> impl Strategy<Value = Window> {
    (option::of(-DAY..40 * DAY), any_end()).prop_map(|(start, end)| Window {
        start: start.map(at),
        end,
    })
}

fn for_a_while() -> impl Strategy<Value = Schedule> {
    let length = select(&["P1D", "P30D", "P180D"][..]).prop_map(days);
    (option::weighted(0.3, -40 * DAY..40 * DAY), length).prop_map(|(start, length)| Schedule {
        start: start.map(at),
        expiration: ScheduleExpiration::AfterDuration(length),
    })
}

proptest! {
    #[test]
    fn a_duration_counts_once_from_the_note(
        schedule in for_a_while(), noted in -40 * DAY..0, stands in option::of(any_window()), now in 0..40 * DAY,
    ) {
        let first = of(&schedule, Some(at(noted)), None, at(0), SignedDuration::ZERO);
        let again = of(&schedule, Some(at(noted)), stands.as_ref(), at(now), SignedDuration::ZERO);
        prop_assert_eq!(first, again);
        prop_assert_eq!(again.first_granted, at(noted));
    }

    #[test]
    fn without_a_note_what_stands_is_taken_as_it_is(schedule in for_a_while(), end in 1..400 * DAY, since in 0..40 * DAY) {
        let ScheduleExpiration::AfterDuration(length) = schedule.expiration else { unreachable!() };
        let schedule = Schedule { start: None, ..schedule };
        let latest = later(at(0), length.length().to_signed().as_secs());
        let stands = Window { start: Some(at(-since)), end: End::At(at(end).min(latest)) };
        let wanted = of(&schedule, None, Some(&stands), at(0), SignedDuration::ZERO);
        prop_assert!(wanted.window.end.same_second(stands.end), "{:?}", wanted);
    }

    #[test]
    fn a_note_from_the_future_makes_nothing_longer(schedule in for_a_while(), noted in 10 * MINUTE..400 * DAY) {
        let without = of(&schedule, None, None, at(0), SignedDuration::ZERO);
        let with = of(&schedule, Some(at(noted)), None, at(0), SignedDuration::ZERO);
        prop_assert_eq!(with, without);
    }

    #[test]
    fn a_window_ends_just_when_its_schedule_says_that_it_ends(schedule in strategy::schedule(), granted in -400 * DAY..400 * DAY) {
        let window = schedule.window(at(granted));
        prop_assert_eq!(window.end == End::Never, schedule.expiration == ScheduleExpiration::Never);
        if let (ScheduleExpiration::AfterDuration(length), End::At(end)) = (schedule.expiration, window.end) {
            let begins = schedule.start.map_or(at(granted), |start| start.max(at(granted)));
            prop_assert_eq!(end.duration_since(begins), length.length().to_signed());
        }
    }

    #[test]
    fn a_window_lies_within_itself_and_within_whatever_holds_what_holds_it(
        one in any_window(), other in any_window(), third in any_window(), now in -DAY..DAY,
    ) {
        let now = at(now);
        prop_assert!(one.is_within(&one, now) && one.is_within(&Window::ALWAYS, now));
        if one.is_within(&other, now) && other.is_within(&third, now) {
            prop_assert!(one.is_within(&third, now));
        }
    }

    #[test]
    fn what_stands_as_wanted_is_never_written_and_what_is_over_is_never_made(
        stands in option::of(any_window()), wanted in any_window(), now in -DAY..DAY,
    ) {
        let now = at(now);
        prop_assert!(matches!(compare(Some(&wanted), &wanted, now), Comparison::Equal | Comparison::Over));
        let found = compare(stands.as_ref(), &wanted, now);
        if wanted.end.is_over(now) {
            prop_assert_eq!(found, Comparison::Over);
        }
        match found {
            Comparison::TooMuch => prop_assert!(wanted.is_within(&stands.unwrap(), now)),
            Comparison::Differs(GrantVerb::Assign) => prop_assert!(stands.is_none()),
            Comparison::Differs(GrantVerb::Update) => prop_assert!(stands.is_some_and(|one| !wanted.is_within(&one, now))),
            Comparison::Equal => prop_assert!(stands.is_some_and(|one| one.end.same_second(wanted.end))),
            Comparison::Over | Comparison::EndsSoon => {}
        }
    }
}
