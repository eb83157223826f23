//! How long something that others write has stood unchanged, by this process's own clock, and what a candidate for a Lease
//! concludes from it. Pure: reads no clock and no cluster.

use std::time::Duration;

use tokio::time::Instant;

use super::beat::SHORTEST_LEASE;
use crate::adapters::lease::LeaseRecord;

/// What was read last, and since when nothing else was read.
#[derive(Debug)]
pub(super) struct Observed<T>(Option<(Option<T>, Instant)>);

impl<T> Default for Observed<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone + PartialEq> Observed<T> {
    /// Takes in what was read, and returns for how long nothing else was read.
    pub(super) fn unchanged_for(&mut self, read: Option<&T>, now: Instant) -> Duration {
        match &self.0 {
            Some((last, since)) if last.as_ref() == read => now.saturating_duration_since(*since),
            _ => {
                self.0 = Some((read.cloned(), now));
                Duration::ZERO
            }
        }
    }

    /// What was read last.
    pub(super) fn last(&self) -> Option<&T> {
        self.0.as_ref()?.0.as_ref()
    }

    fn has_read_nothing(&self) -> bool {
        self.0.is_none()
    }
}

/// Whether a Lease may be taken, given what is read of it now. One that nobody holds is free at once, and so is one that was
/// never there. Any other is given up after it stood unchanged for as long as its holder asked for: one that vanished, too,
/// because its holder may not know it yet.
pub(super) fn may_take(
    observed: &mut Observed<LeaseRecord>,
    read: Option<&LeaseRecord>,
    usual: Duration,
    now: Instant,
) -> bool {
    if read.is_some_and(|record| record.holder.is_none()) {
        return true;
    }
    if read.is_none() && observed.has_read_nothing() {
        return true;
    }
    let asked = read.map_or(usual, |record| record.duration);
    // No process of ours asks for less than the shortest.
    let asked = if asked < SHORTEST_LEASE { usual } else { asked };
    observed.unchanged_for(read, now) >= asked
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const USUAL: Duration = Duration::from_secs(15);

    fn record(holder: &str, renewed: i64) -> LeaseRecord {
        LeaseRecord {
            holder: (!holder.is_empty()).then(|| holder.to_owned()),
            duration: USUAL,
            acquired: None,
            renewed: Timestamp::from_second(renewed).ok(),
            transitions: 3,
        }
    }

    /// Whether each of these may be taken, read one after the other at so many seconds.
    fn taken(reads: &[(u64, Option<LeaseRecord>)]) -> Vec<bool> {
        let (mut observed, begin) = (Observed::default(), Instant::now());
        let read = |(second, record): &(u64, Option<LeaseRecord>)| {
            let now = begin + Duration::from_secs(*second);
            may_take(&mut observed, record.as_ref(), USUAL, now)
        };
        reads.iter().map(read).collect()
    }

    #[test]
    fn a_holder_that_renews_is_never_given_up_whatever_its_clock_says() {
        // A clock that runs backwards by an hour each time changes as well as any.
        let reads: Vec<_> = (0..100_i32)
            .map(|turn| {
                let told = 1_000_000 - 3600 * i64::from(turn);
                (10 * u64::from(turn.unsigned_abs()), Some(record("a", told)))
            })
            .collect();
        assert!(taken(&reads).iter().all(|taken| !taken));
    }

    #[test]
    fn a_holder_that_is_silent_is_given_up_after_what_it_asked_for_and_not_before() {
        let read = || Some(record("a", 0));
        let reads = [(0, read()), (14, read()), (15, read())];
        assert_eq!(taken(&reads), [false, false, true]);
        let patient = || {
            let duration = Duration::from_mins(1);
            read().map(|record| LeaseRecord { duration, ..record })
        };
        let reads = [(0, patient()), (59, patient()), (60, patient())];
        assert_eq!(taken(&reads), [false, false, true]);
    }

    #[test]
    fn what_was_released_or_never_there_is_free_at_once_and_what_vanished_is_not() {
        assert_eq!(taken(&[(0, None)]), [true]);
        assert_eq!(taken(&[(0, Some(record("", 0)))]), [true]);
        let reads = [
            (0, Some(record("a", 0))),
            (20, None),
            (34, None),
            (35, None),
        ];
        assert_eq!(taken(&reads), [false, false, false, true]);
    }
}
