//! Operations a second, learned from two throttles.
//!
//! A budget of the service is a bucket: full at first, refilled at a steady rate. Between two throttles it went from
//! empty to empty, so what was admitted in that time has flowed in, and maybe more, if there was not always something to
//! send: the rate is at least that. From then on the lane keeps a little under it, instead of running into the wall again
//! and again. It doubles the rate every few seconds as long as that is clean; once it has hit the wall, the rate that had
//! held before is kept, more is tried after a clean minute, and each try that fails puts the next one off for twice as
//! long. A wall that is met at a rate that had held is met by a burst, so bursts become smaller.

use std::time::Duration;

use tokio::time::Instant;

/// How much slower than the measured rate.
const MARGIN: f64 = 1.05;
/// How soon a rate is doubled that no try for more has met the limits of yet.
const DOUBLES: Duration = Duration::from_secs(2);
/// How long a rate must hold before a higher one is tried after that; it doubles with each try that failed,
const HOLD: Duration = Duration::from_mins(1);
/// up to this.
const LONGEST_HOLD: Duration = Duration::from_hours(1);
/// A lane that meets no throttle for longer than this after it has opened had so little to send that nothing follows.
const MEASURABLE: Duration = Duration::from_secs(10);
/// How often the rate is raised after that.
const STEP: Duration = Duration::from_secs(5);
/// By how much the interval shrinks with each step of a try,
const FASTER: f64 = 1.0 / 1.5;
/// and while no try has failed.
const TWICE: f64 = 1.0 / 2.0;
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

    /// When so many more will have been sent and paid for.
    pub(super) fn drained_at(&self, operations: usize, now: Instant) -> Instant {
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.paid.max(now) + self.interval.saturating_mul(operations)
    }

    pub(super) fn spend(&mut self, operations: usize, now: Instant) {
        let operations = u32::try_from(operations).unwrap_or(u32::MAX);
        self.paid = self.paid.max(now) + self.interval * operations;
    }

    /// The same rate with half the burst, but one that still lets half a second's worth travel together.
    fn with_smaller_burst(&self) -> u32 {
        let least = u32::try_from(self.half_a_second()).unwrap_or(u32::MAX);
        (self.burst / 2).max(least)
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
    last: Option<Throttle>,
    /// Operations since then.
    admitted: u32,
}

/// A throttle that was met.
#[derive(Debug, Clone, Copy)]
struct Throttle {
    at: Instant,
    /// When the lane opened again.
    open: Instant,
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
    /// How long a rate must hold before a higher one is tried; nothing while no try has failed.
    hold: Option<Duration>,
}

impl Learned {
    /// A rate that is kept to from `open` on. The service's bucket is empty then: there is no burst when it opens.
    fn new(interval: Duration, burst: u32, hold: Option<Duration>, open: Instant) -> Self {
        let mut bucket = Bucket::new(interval, burst, open);
        bucket.paid = open + bucket.credit();
        Self {
            bucket,
            proven: interval,
            since: open,
            used: 0,
            hold,
        }
    }

    fn is_raised(&self) -> bool {
        self.proven != self.bucket.interval
    }

    /// What is learned from a throttle on top of this; `measured` is what the time since the one before tells.
    fn corrected(&self, measured: Option<Duration>, open: Instant) -> Self {
        let interval = self.bucket.interval;
        if self.is_raised() {
            let hold = self.hold.map_or(HOLD, |hold| (hold * 2).min(LONGEST_HOLD));
            let proven = measured.map_or(self.proven, |measured| measured.min(self.proven));
            return Self::new(proven, self.bucket.burst, Some(hold), open);
        }
        let slower = interval.mul_f64(MARGIN);
        // Far slower than the lane was allowed to be it was for want of operations.
        let measured = measured.filter(|measured| *measured <= interval * 2);
        let slower = measured.map_or(slower, |measured| measured.max(slower));
        Self::new(slower, self.bucket.with_smaller_burst(), Some(HOLD), open)
    }

    /// Raises the rate if the present one was made use of for long enough.
    fn observe(&mut self, operations: u32, now: Instant) {
        self.used = self.used.saturating_add(operations);
        let lasted = now.saturating_duration_since(self.since);
        let (wait, faster) = match self.hold {
            None => (DOUBLES, TWICE),
            Some(_) if self.is_raised() => (STEP, FASTER),
            Some(hold) => (hold, FASTER),
        };
        if lasted < wait {
            return;
        }
        let needed = self
            .bucket
            .interval
            .saturating_mul(self.used)
            .saturating_mul(2)
            >= lasted;
        if needed {
            self.proven = self.bucket.interval;
            self.bucket.interval = self
                .bucket
                .interval
                .mul_f64(faster)
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
        // How large it is shows only where it meets the limits.
        let burst = self.admitted.clamp(1, LARGEST_BURST);
        self.learned = match &self.learned {
            None => measured.map(|interval| Learned::new(interval, burst, None, open)),
            Some(learned) => Some(learned.corrected(measured, open)),
        };
        self.count_from(now, open);
    }

    /// The next measure counts from this throttle; from the one before, if a narrow budget has let too few through since to tell
    /// anything: from empty to empty it went in both.
    fn count_from(&mut self, now: Instant, open: Instant) {
        let goes_on = self
            .last
            .filter(|last| self.admitted < EVIDENCE && now <= last.open + MEASURABLE);
        if goes_on.is_none() {
            self.admitted = 0;
        }
        let at = goes_on.map_or(now, |last| last.at);
        self.last = Some(Throttle { at, open });
    }

    /// Whether anything was admitted since the last throttle.
    pub(super) fn has_admitted(&self) -> bool {
        self.admitted > 0
    }

    /// Everything was refused: an outage, which tells nothing about the rate.
    pub(super) fn all_refused(&mut self, now: Instant, open: Instant) {
        self.last = Some(Throttle { at: now, open });
        self.admitted = 0;
    }

    fn measured(&self, now: Instant) -> Option<Duration> {
        let last = self.last?;
        let elapsed = now.saturating_duration_since(last.at);
        let used_all = now <= last.open + MEASURABLE;
        if !used_all || self.admitted < EVIDENCE || elapsed.is_zero() {
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
    async fn throttles_that_let_too_few_through_tell_the_rate_together() {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        for second in 0..6 {
            let now = start + second * SECOND;
            estimate.throttled(1, now, now + SECOND);
        }
        let learned = rate(&estimate);
        assert!((0.9..1.0).contains(&learned), "{learned}");
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
    async fn each_try_for_more_that_fails_puts_the_next_one_off_for_longer() {
        let mut now = Instant::now();
        let mut estimate = RateEstimate::default();
        estimate.throttled(0, now, now);
        now += SECOND;
        estimate.throttled(10, now, now);
        let held = rate(&estimate);
        let mut waits = Vec::new();
        for _ in 0..9 {
            let since = now;
            while rate(&estimate) < held * 1.1 {
                now += SECOND;
                estimate.admitted(10, now);
            }
            waits.push((now - since).as_secs() / 60);
            estimate.throttled(0, now, now);
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_that_is_refused_after_a_quiet_time_makes_bursts_smaller_and_the_rate_hardly_slower()
     {
        let start = Instant::now();
        let mut estimate = RateEstimate::default();
        estimate.throttled(0, start, start);
        estimate.throttled(20, start + 2 * SECOND, start + 2 * SECOND);
        let (held, burst) = (rate(&estimate), estimate.bucket().unwrap().burst);
        let later = start + 3600 * SECOND;
        estimate.throttled(10, later, later + SECOND);
        let bucket = estimate.bucket().unwrap();
        assert!(rate(&estimate) > held * 0.9, "{} {held}", rate(&estimate));
        assert_eq!(bucket.burst, burst / 2);
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
            let now = start + second * SECOND;
            estimate.all_refused(now, now);
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
