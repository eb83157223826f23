//! How much of a lane may be under way.
//!
//! A window of operations starts small, doubles with each clean answer that used it and halves on a throttle. What was
//! throttled is remembered as a ceiling for some minutes. `Retry-After` closes the lane; without the header the wait
//! doubles from 1 s to 61 s, as in hashicorp/go-azure-sdk. A service's own report of its use
//! (`x-ms-throttle-limit-percentage`, sent from 80% on) slows the lane before it is refused; one that sends none is known
//! by its refusals only. What a lane starts with and may reach stands in the description of its service.

use std::time::Duration;

use tokio::time::Instant;

use super::rate::RateEstimate;
use crate::recorder::LaneState;
use crate::service::LaneProfile;

/// How long a throttled size is remembered.
const REMEMBER: Duration = Duration::from_mins(5);
/// A ceiling below this would make a slow lane of a busy one for one unlucky moment.
const LOWEST_CEILING: usize = 5;
/// The longest wait that we choose ourselves.
const LONGEST_BACKOFF: Duration = Duration::from_secs(61);
/// Below this share of the budget nothing is slowed.
const BUSY: f64 = 0.8;
/// The pause at 80% of the budget; it grows fiftyfold up to the whole of it.
const SHORTEST_PAUSE: f64 = 0.02;

/// What came of one HTTP request, as far as limits go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feedback {
    /// When it was sent.
    pub(super) sent: Instant,
    /// How many operations it carried.
    pub(super) operations: usize,
    /// How many of them were throttled.
    pub(super) throttled: usize,
    /// How many got any other answer.
    pub(super) answered: usize,
    /// The longest `Retry-After` of those.
    pub(super) retry_after: Option<Duration>,
    /// The highest reported use of the budget; 1.0 is all of it.
    pub(super) load: Option<f64>,
}

/// The limits of one lane.
pub(super) struct Limiter {
    profile: LaneProfile,
    /// The largest batch that the service takes.
    batch_limit: usize,
    window: usize,
    ceiling: Option<(usize, Instant)>,
    in_flight: usize,
    closed_until: Option<Instant>,
    last_throttle: Option<Instant>,
    /// Throttles without an admitted operation between them.
    in_a_row: u32,
    load: Option<f64>,
    rate: RateEstimate,
}

impl Limiter {
    pub(super) fn new(profile: LaneProfile, batch_limit: usize) -> Self {
        Self {
            profile,
            batch_limit,
            window: profile.start,
            ceiling: None,
            in_flight: 0,
            closed_until: None,
            last_throttle: None,
            in_a_row: 0,
            load: None,
            rate: RateEstimate::default(),
        }
    }

    /// The size of a full batch at present.
    pub(super) fn batch(&self) -> usize {
        self.window.min(self.batch_limit)
    }

    /// When the lane opens again, if it is closed.
    pub(super) fn closed_until(&self, now: Instant) -> Option<Instant> {
        self.closed_until.filter(|until| *until > now)
    }

    /// How many operations may be sent now.
    pub(super) fn room(&self, now: Instant) -> usize {
        if self.closed_until(now).is_some() {
            return 0;
        }
        let window = self.window.saturating_sub(self.in_flight);
        self.rate
            .bucket()
            .map_or(window, |bucket| bucket.room(now).min(window))
    }

    /// When `wanted` operations may be sent, as far as waiting alone brings that about.
    pub(super) fn ready_at(&self, wanted: usize, now: Instant) -> Instant {
        let open = self.closed_until(now).unwrap_or(now);
        self.rate
            .bucket()
            .map_or(open, |bucket| bucket.ready_at(wanted).max(open))
    }

    /// When so many that wait will have left, as far as the lane knows its rate or is closed.
    pub(super) fn drained_at(&self, waiting: usize, now: Instant) -> Option<Instant> {
        let bucket = self.rate.bucket();
        let drained = bucket.map(|bucket| bucket.drained_at(waiting, now));
        drained.max(self.closed_until(now))
    }

    /// How many operations are worth a request of their own. Sending each as soon as there is room for one would make
    /// many requests of few operations; waiting for a whole batch would waste the rate.
    pub(super) fn min_batch(&self, waiting: usize) -> usize {
        let half = waiting.min(self.batch()).div_ceil(2).max(1);
        self.rate
            .bucket()
            .map_or(half, |bucket| bucket.half_a_second().min(half))
    }

    pub(super) fn sent(&mut self, operations: usize, now: Instant) {
        self.in_flight += operations;
        self.rate.spend(operations, now);
    }

    /// A request ended without telling anything.
    pub(super) fn lost(&mut self, operations: usize) {
        self.in_flight = self.in_flight.saturating_sub(operations);
    }

    pub(super) fn completed(&mut self, feedback: Feedback, now: Instant) {
        let used = self.in_flight;
        self.in_flight = self.in_flight.saturating_sub(feedback.operations);
        self.load = feedback
            .load
            .or(self.load.filter(|_| feedback.answered == 0));
        if feedback.throttled > 0 {
            self.throttled(feedback, used, now);
        } else if feedback.answered > 0 {
            self.in_a_row = 0;
            // What was sent before the last throttle was known was not paid for by what has flowed in since.
            if !self.is_of_last_throttle(feedback) {
                self.rate.admitted(feedback.answered, now);
            }
            self.widen(used, now);
        }
        if let Some(load) = feedback.load
            && load >= BUSY
        {
            let pause = SHORTEST_PAUSE * 50_f64.powf((load.min(1.0) - BUSY) / (1.0 - BUSY));
            self.close(now + Duration::from_secs_f64(pause));
        }
    }

    /// Twice as much as was under way, if that was at least half of what may be: an idle lane proves nothing, and what was
    /// never tried may be far beyond the limits.
    fn widen(&mut self, used: usize, now: Instant) {
        if used * 2 < self.window {
            return;
        }
        if self.ceiling.is_some_and(|(_, until)| until <= now) {
            self.ceiling = None;
        }
        let ceiling = self.ceiling.map_or(self.profile.maximum, |(size, _)| size);
        let wider = (used * 2).max(self.window);
        self.window = wider.min(ceiling).max(1);
    }

    fn throttled(&mut self, feedback: Feedback, used: usize, now: Instant) {
        let same = self.is_of_last_throttle(feedback);
        if feedback.answered > 0 {
            self.in_a_row = 0;
        }
        if !same {
            self.in_a_row += 1;
        }
        self.close(now + self.wait(feedback.retry_after));
        let open = self.closed_until.unwrap_or(now);
        if same {
            return;
        }
        self.window = (self.window.min(used) / 2).max(1);
        // A request of few operations may be refused as a whole by a narrow budget; an outage admits nothing at all.
        if feedback.answered > 0 || self.rate.has_admitted() {
            self.ceiling = Some((self.window.max(LOWEST_CEILING), now + REMEMBER));
            self.rate.throttled(feedback.answered, now, open);
        } else {
            self.rate.all_refused(now, open);
        }
        self.last_throttle = Some(now);
    }

    /// Whether a request was sent before the last throttle was known: then it belongs to that.
    fn is_of_last_throttle(&self, feedback: Feedback) -> bool {
        self.last_throttle.is_some_and(|at| feedback.sent <= at)
    }

    /// What the service asks, and more when obeying that did not help.
    fn wait(&self, asked: Option<Duration>) -> Duration {
        let doubled = |steps: u32| {
            Duration::from_secs(2_u64.saturating_pow(steps.min(6))).min(LONGEST_BACKOFF)
        };
        match asked {
            None => doubled(self.in_a_row.saturating_sub(1)),
            Some(asked) if self.in_a_row < 2 => asked,
            Some(asked) => asked.max(doubled(self.in_a_row - 2)),
        }
    }

    fn close(&mut self, until: Instant) {
        self.closed_until = Some(self.closed_until.map_or(until, |known| known.max(until)));
    }

    pub(super) fn state(&self, now: Instant) -> LaneState {
        LaneState {
            lane: self.profile.lane,
            blocked: self.closed_until(now).map(|until| until - now),
            budget_remaining: self.load.map(|load| (1.0 - load).clamp(0.0, 1.0)),
        }
    }
}

#[cfg(test)]
mod tests;
