//! The service's clock, as far as its answers tell it.
//!
//! Ages and ends are judged by this clock: the five-minute rule and the end of a window are the service's own
//! decisions, and the clock of a node may be off by more than they are wide. No other clock is read here.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::time::Instant;

/// How far apart two answers of one clock may seem.
const ROUNDING: SignedDuration = SignedDuration::from_secs(2);

/// How far a date may be from what is expected and be believed at once: less than that is the drift of a clock or the
/// age of a cached answer. A single answer further off would make absences and ends of windows come too early.
const PLAUSIBLE: SignedDuration = SignedDuration::from_mins(5);

/// The latest `Date` of the service and when it was seen.
#[derive(Debug, Default)]
pub struct ServiceClock {
    state: Mutex<ClockState>,
}

#[derive(Debug, Default)]
struct ClockState {
    seen: Option<Sight>,
    /// A date far from what was expected; it counts once a later answer agrees with it.
    doubtful: Option<Sight>,
}

/// A date, and when it was seen.
#[derive(Debug, Clone, Copy)]
struct Sight {
    date: Timestamp,
    at: Instant,
}

impl Sight {
    fn now(&self) -> Option<Timestamp> {
        self.date.checked_add(self.at.elapsed()).ok()
    }
}

impl ClockState {
    fn note(&mut self, date: Timestamp) {
        let known = self.seen.as_ref().and_then(Sight::now);
        let doubtful = self.doubtful.take().as_ref().and_then(Sight::now);
        let fits = |expected: Timestamp| expected.duration_since(date).abs() <= PLAUSIBLE;
        let sight = |date| {
            let at = Instant::now();
            Some(Sight { date, at })
        };
        if known.is_some_and(|known| !fits(known)) && !doubtful.is_some_and(fits) {
            self.doubtful = sight(date);
            return;
        }
        let latest = known.filter(|known| is_ahead_by_rounding(*known, date));
        self.seen = sight(latest.unwrap_or(date));
    }
}

impl ServiceClock {
    /// The time at the service: its latest `Date` and what has passed since. Nothing before the first answer.
    pub fn now(&self) -> Option<Timestamp> {
        let state = self.state.lock();
        state.seen.as_ref()?.now()
    }

    /// Notes the `Date` of an answer that has just arrived. Text that is no date is ignored.
    pub(crate) fn note(&self, date: Option<&http::HeaderValue>) {
        let parsed = date
            .and_then(|value| value.to_str().ok())
            .and_then(parse_http_date);
        if let Some(date) = parsed {
            let mut state = self.state.lock();
            state.note(date);
        }
    }
}

/// A date is cut to the second and its answer may have been overtaken by a later one, so a date that lies a little
/// behind what is known says nothing new. One that lies far behind is another clock.
fn is_ahead_by_rounding(known: Timestamp, date: Timestamp) -> bool {
    (SignedDuration::ZERO..ROUNDING).contains(&known.duration_since(date))
}

/// Reads a date of HTTP (`Tue, 15 Nov 1994 08:12:31 GMT`).
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_does_not_go_back_by_a_date_that_is_cut_to_the_second() {
        let clock = ServiceClock::default();
        let date = |text| http::HeaderValue::from_str(text).unwrap();
        clock.note(Some(&date("Fri, 09 Jan 2026 02:02:12 GMT")));
        tokio::time::advance(Duration::from_millis(700)).await;
        clock.note(Some(&date("Fri, 09 Jan 2026 02:02:12 GMT")));
        assert_eq!(clock.now(), Some("2026-01-09T02:02:12.7Z".parse().unwrap()));
        clock.note(Some(&date("Fri, 09 Jan 2026 02:02:02 GMT")));
        assert_eq!(clock.now(), Some("2026-01-09T02:02:02Z".parse().unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_date_that_is_far_off_counts_once_a_second_answer_agrees() {
        let clock = ServiceClock::default();
        let note = |text| clock.note(Some(&http::HeaderValue::from_str(text).unwrap()));
        note("Fri, 09 Jan 2026 02:02:12 GMT");
        note("Sat, 10 Jan 2026 02:02:12 GMT");
        assert_eq!(clock.now(), Some("2026-01-09T02:02:12Z".parse().unwrap()));
        note("Fri, 09 Jan 2026 02:02:13 GMT");
        note("Sat, 10 Jan 2026 02:02:13 GMT");
        assert_eq!(clock.now(), Some("2026-01-09T02:02:13Z".parse().unwrap()));
        note("Sat, 10 Jan 2026 02:02:14 GMT");
        assert_eq!(clock.now(), Some("2026-01-10T02:02:14Z".parse().unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn service_time_is_its_date_and_what_passed_since() {
        let clock = ServiceClock::default();
        assert_eq!(clock.now(), None);
        clock.note(Some(&http::HeaderValue::from_static(
            "Fri, 09 Jan 2026 02:02:12 GMT",
        )));
        tokio::time::advance(Duration::from_secs(8)).await;
        assert_eq!(clock.now(), Some("2026-01-09T02:02:20Z".parse().unwrap()));
        clock.note(Some(&http::HeaderValue::from_static("yesterday")));
        assert_eq!(clock.now(), Some("2026-01-09T02:02:20Z".parse().unwrap()));
    }
}
