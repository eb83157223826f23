//! Operations a second, learned from two throttles.
//!
//! A budget of the service is a bucket: full at first, refilled at a steady rate. Between two throttles it went from
//! empty to empty, so what was admitted in that time is what flowed in: the rate. From then on the lane keeps a little
//! under it, instead of running into the wall again and again. After a clean minute it tries more; if that hits the
//! wall, the rate that had held before is kept.

use std::time::Duration;

use tokio::time::Instant;

/// How much slower than the measured rate.
const MARGIN: f64 = 1.05;
/// How long a rate must hold before a higher one is tried.
const HOLD: Duration = Duration::from_mins(1);
/// How often the rate is raised after that.
const STEP: Duration = Duration::from_secs(5);
/// By how much the interval shrinks with each step.
const FASTER: f64 = 1.0 / 1.5;
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// The burst that a learned rate allows: one batch.
const LARGEST_BURST: u32 = 20;
/// Fewer admitted operations than this tell no rate.
const EVIDENCE: u32 = 5;

/// A steady rate with room for a burst (a generic cell rate algorithm).
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    interval: Duration,
    burst: u32,
    /// When the operations sent so far will have been paid for.
    paid: Instant,
}

impl Bucket {
    pub(super) fn new(interval: Duration, burst: u32, now: Instant) -> Self {
        Self {
            interval: interval.max(Duration::from_nanos(1)),
            burst: burst.max(1),
            paid: now,
        }
    }

    fn credit(&self) -> Duration {
        self.interval * self.burst
    }

    /// How many operations may be sent now.
    pub(super) fn room(&self, now: Instant) -> usize {
        let debt = self.paid.saturating_duration_since(now);
        let free = self.credit().saturating_sub(debt).as_nanos() / self.interval.as_nanos();
        usize::try_from(free).unwrap_or(usize::MAX)
    }

    /// When this many may be sent.
    pub(super) fn ready_at(&self, operations: usize) -> Instant {
        let operations = u32::try_from(operations)
            .unwrap_or(u32::MAX)
            .min(self.burst);
        let wait = self.interval * operations;
        (self.paid + wait)
            .checked_sub(self.credit())
            .unwrap_or(self.paid)
    }

    pub(super) fn spend(&mut self, operations: usize, now: Instant) {
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.paid = self.paid.max(now) + self.interval * operations;
    }

    /// How many come free in half a second, at least 1.
    pub(super) fn half_a_second(&self) -> usize {
        let free = HALF_A_SECOND.as_nanos() / self.interval.as_nanos();
        let burst = usize::try_from(self.burst).unwrap_or(usize::MAX);
        usize::try_from(free).unwrap_or(usize::MAX).clamp(1, burst)
    }
}

/// What a lane has learned about its rate.
#[derive(Debug, Default)]
pub(super) struct RateEstimate {
    learned: Option<Learned>,
    last_throttle: Option<Instant>,
    /// Operations since then.
    admitted: u32,
}

#[derive(Debug)]
struct Learned {
    bucket: Bucket,
    /// The last interval that held for a while.
    proven: Duration,
    /// Since when the present interval is kept to,
    since: Instant,
    /// and what was admitted in that time.
    used: u32,
}

impl Learned {
    /// Raises the rate if the present one was made use of for long enough.
    fn observe(&mut self, operations: u32, now: Instant) {
        self.used = self.used.saturating_add(operations);
        let held = now.saturating_duration_since(self.since);
        let raised = self.proven != self.bucket.interval;
        if held < if raised { STEP } else { HOLD } {
            return;
        }
        let needed = self
            .bucket
            .interval
            .saturating_mul(self.used)
            .saturating_mul(2)
            >= held;
        if needed {
            self.proven = self.bucket.interval;
            self.bucket.interval = self
                .bucket
                .interval
                .mul_f64(FASTER)
                .max(Duration::from_nanos(1));
        }
        self.since = now;
        self.used = 0;
    }
}

impl RateEstimate {
    pub(super) fn bucket(&self) -> Option<&Bucket> {
        self.learned.as_ref().map(|learned| &learned.bucket)
    }

    pub(super) fn spend(&mut self, operations: usize, now: Instant) {
        if let Some(learned) = &mut self.learned {
            learned.bucket.spend(operations, now);
        }
    }

    /// Operations were admitted, and none was throttled.
    pub(super) fn admitted(&mut self, operations: usize, now: Instant) {
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.admitted = self.admitted.saturating_add(operations);
        if let Some(learned) = &mut self.learned {
            learned.observe(operations, now);
        }
    }

    /// A throttle was met beside so many admitted operations, and nothing may be sent before `open`.
    pub(super) fn throttled(&mut self, admitted: usize, now: Instant, open: Instant) {
        let admitted = u32::try_from(admitted).unwrap_or(u32::MAX);
        self.admitted = self.admitted.saturating_add(admitted);
        let measured = self.measured(now);
        let interval = match &self.learned {
            None => measured,
            // The try for more failed: back to what had held.
            Some(learned) if learned.proven != learned.bucket.interval => Some(learned.proven),
            // What was learned does not hold: slower.
            Some(learned) => {
                let slower = learned.bucket.interval.mul_f64(MARGIN);
                Some(measured.map_or(slower, |measured| measured.max(slower)))
            }
        };
        if let Some(interval) = interval {
            let mut bucket = Bucket::new(interval, self.admitted.clamp(1, LARGEST_BURST), open);
            // The service's bucket is empty: no burst when it opens.
            bucket.paid = open + bucket.credit();
            self.learned = Some(Learned {
                bucket,
                proven: interval,
                since: open,
                used: 0,
            });
        }
        self.last_throttle = Some(now);
        self.admitted = 0;
    }

    /// Everything was refused: an outage, which tells nothing about the rate.
    pub(super) fn all_refused(&mut self, now: Instant) {
        self.last_throttle = Some(now);
        self.admitted = 0;
    }

    fn measured(&self, now: Instant) -> Option<Duration> {
        let elapsed = now.saturating_duration_since(self.last_throttle?);
        if self.admitted < EVIDENCE || elapsed.is_zero() {
            return None;
        }
        Some((elapsed / self.admitted).mul_f64(MARGIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Operations a second that an estimate has learned.
    fn rate(estimate: &RateEstimate) -> f64 {
        1.0 / estimate.bucket().unwrap().interval.as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn two_throttles_tell_the_rate() {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        estimate.throttled(30, start, start + SECOND);
        assert!(
            estimate.bucket().is_none(),
            "the first only empties the bucket"
        );
        estimate.throttled(10, start + SECOND, start + 2 * SECOND);
        let learned = rate(&estimate);
        assert!((9.0..10.0).contains(&learned), "{learned}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_try_for_more_returns_to_the_rate_that_held() {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        estimate.throttled(0, start, start);
        estimate.throttled(10, start + SECOND, start + SECOND);
        let held = rate(&estimate);
        estimate.admitted(600, start + 62 * SECOND);
        assert!(rate(&estimate) > held * 1.4);
        estimate.throttled(20, start + 64 * SECOND, start + 65 * SECOND);
        let after = rate(&estimate);
        assert!((after - held).abs() < 0.01, "{after} {held}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_that_is_not_made_use_of_is_not_raised() {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        estimate.throttled(0, start, start);
        estimate.throttled(10, start + SECOND, start + SECOND);
        let held = rate(&estimate);
        for minute in 1..30 {
            estimate.admitted(20, start + minute * 60 * SECOND);
        }
        assert!((rate(&estimate) - held).abs() < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_tells_no_rate_and_a_slow_rate_wears_off_in_two_minutes() {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        for second in 0..60 {
            estimate.all_refused(start + second * SECOND);
        }
        assert!(estimate.bucket().is_none());
        estimate.throttled(10, start + 62 * SECOND, start + 62 * SECOND);
        assert!(rate(&estimate) < 4.0);
        for second in 62..182 {
            estimate.admitted(100, start + second * SECOND);
        }
        assert!(rate(&estimate) > 200.0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(Duration::from_millis(100), 5, start);
        assert_eq!(bucket.room(start), 5);
        bucket.spend(5, start);
        assert_eq!(bucket.room(start), 0);
        assert_eq!(bucket.ready_at(2), start + Duration::from_millis(200));
        assert_eq!(bucket.room(start + Duration::from_millis(200)), 2);
        assert_eq!(bucket.room(start + 60 * SECOND), 5);
    }
}
