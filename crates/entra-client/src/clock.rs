//! The service's clock, as far as its answers tell it.
//!
//! Ages and ends are judged by this clock: the five-minute rule and the end of a window are the service's own
//! decisions, and the clock of a node may be off by more than they are wide. No other clock is read here.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::time::Instant;

/// The latest `Date` of the service and when it was seen.
#[derive(Debug, Default)]
pub struct ServiceClock {
    seen: Mutex<Option<(Timestamp, Instant)>>,
}

impl ServiceClock {
    /// The time at the service: its latest `Date` and what has passed since. Nothing before the first answer.
    pub fn now(&self) -> Option<Timestamp> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (date, at) = seen?;
        date.checked_add(at.elapsed()).ok()
    }

    /// Notes the `Date` of an answer that has just arrived. Text that is no date is ignored.
    pub(crate) fn note(&self, date: Option<&http::HeaderValue>) {
        let parsed = date
            .and_then(|value| value.to_str().ok())
            .and_then(parse_http_date);
        if let Some(date) = parsed {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
                Some((date, Instant::now()));
        }
    }
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
