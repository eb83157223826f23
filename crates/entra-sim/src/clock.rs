//! The clock of the tenant.
//!
//! Every date, expiry, delay and throttling window of the simulator is judged by this clock and by nothing else, so a
//! test can let a year pass in an instant. A clock is its source of time plus an offset that [`Clock::advance`] moves.

use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// Tells the time of the tenant. Clones share the offset.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    offset: Arc<Mutex<SignedDuration>>,
}

#[derive(Clone)]
enum Source {
    Wall,
    Fixed(Timestamp),
    Function(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl Clock {
    /// The time of the machine.
    pub fn wall() -> Self {
        Self::with(Source::Wall)
    }

    /// A clock that stands still until it is advanced.
    pub fn manual(start: Timestamp) -> Self {
        Self::with(Source::Fixed(start))
    }

    /// A clock that asks a function, for instance one that follows a paused runtime.
    pub fn from_fn(source: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self::with(Source::Function(source))
    }

    fn with(source: Source) -> Self {
        Self {
            source,
            offset: Arc::new(Mutex::new(SignedDuration::ZERO)),
        }
    }

    /// The current time of the tenant, which may run apart from real time.
    pub fn now(&self) -> Timestamp {
        let base = match &self.source {
            Source::Wall => Timestamp::now(),
            Source::Fixed(at) => *at,
            Source::Function(source) => source(),
        };
        base.saturating_add(self.offset()).unwrap_or(base)
    }

    /// Moves the clock forward (or, with a negative duration, back).
    pub fn advance(&self, by: SignedDuration) {
        let mut offset = self.offset.lock();
        *offset = offset.saturating_add(by);
    }

    fn offset(&self) -> SignedDuration {
        *self.offset.lock()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::wall()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told_and_for_all_its_clones() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let other = clock.clone();
        assert_eq!(other.now(), start);
        clock.advance(SignedDuration::from_hours(5));
        assert_eq!(other.now().to_string(), "2026-11-21T13:00:00Z");
    }

    #[test]
    fn a_clock_from_a_function_follows_it_and_keeps_its_offset() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let clock = Clock::from_fn(Arc::new(move || start));
        clock.advance(SignedDuration::from_mins(1));
        assert_eq!(clock.now().to_string(), "2026-11-21T08:01:00Z");
    }
}
