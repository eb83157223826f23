//! The loop of one lane: gathers, sends when allowed, repeats reads, answers.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::job::{Job, Queue};
use super::limiter::Limiter;
use super::send::{AnsweredJob, Completed, send};
use super::shared::Shared;
use crate::error::{CallOutcome, Class, Error};
use crate::operation::OperationEffect;
use crate::service::LaneProfile;

/// How often a read is tried in all when there is no usable answer. Throttled reads are limited by their deadline only.
const ATTEMPTS: u32 = 5;
/// The wait before the second attempt; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// How often writes that wait are asked whether somebody still wants them: what is decided anew meanwhile, such as who is to
/// be taken out, waits for no turn of what it replaces.
const STILL_WANTED: Duration = Duration::from_secs(1);

/// The state of one lane.
pub(super) struct LaneLoop {
    shared: Arc<Shared>,
    profile: LaneProfile,
    reads: Queue,
    writes: Queue,
    /// Reads that wait for their next attempt.
    delayed: Vec<(Instant, Job)>,
    requests: JoinSet<Completed>,
    /// How many operations each request carries.
    sizes: HashMap<Id, usize>,
    limiter: Limiter,
    /// What was sent last.
    last: OperationEffect,
    /// When the writes that wait were asked last whether they are wanted.
    asked: Instant,
}

impl LaneLoop {
    /// Starts the loop; it ends when the sender is dropped. Should it panic, another one takes its place: who waited is
    /// told that the client has stopped, and who comes next is served.
    pub(super) fn start(shared: Arc<Shared>, profile: LaneProfile) -> mpsc::UnboundedSender<Job> {
        let (outbox, mut inbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let state = Self::new(Arc::clone(&shared), profile);
                if AssertUnwindSafe(state.run(&mut inbox))
                    .catch_unwind()
                    .await
                    .is_ok()
                {
                    return;
                }
                tracing::error!(
                    lane = profile.lane.as_str(),
                    "a lane ended abnormally and is started anew"
                );
                shared.recorder.lane_restarted(profile.lane);
            }
        });
        outbox
    }

    fn new(shared: Arc<Shared>, profile: LaneProfile) -> Self {
        Self {
            limiter: Limiter::new(profile, shared.service.batch),
            shared,
            profile,
            reads: Queue::default(),
            writes: Queue::default(),
            delayed: Vec::new(),
            requests: JoinSet::new(),
            sizes: HashMap::new(),
            last: OperationEffect::Read,
            asked: Instant::now(),
        }
    }

    async fn run(mut self, inbox: &mut mpsc::UnboundedReceiver<Job>) {
        loop {
            while let Ok(job) = inbox.try_recv() {
                self.admit(job);
            }
            let now = Instant::now();
            self.wake_delayed(now);
            self.refuse_late(now);
            self.send_due(now);
            self.refuse_withdrawn(now);
            let wake = self.next_wake(now);
            tokio::select! {
                biased;
                Some(completed) = self.requests.join_next_with_id(), if !self.requests.is_empty() => self.complete(completed),
                job = inbox.recv() => match job {
                    Some(job) => self.admit(job),
                    None => return,
                },
                () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
            }
        }
    }

    fn admit(&mut self, job: Job) {
        self.queue(job.operation.effect()).push(job);
    }

    fn queue(&mut self, effect: OperationEffect) -> &mut Queue {
        match effect {
            OperationEffect::Read => &mut self.reads,
            OperationEffect::Write => &mut self.writes,
        }
    }

    fn waiting(&self, effect: OperationEffect) -> &Queue {
        match effect {
            OperationEffect::Read => &self.reads,
            OperationEffect::Write => &self.writes,
        }
    }

    fn wake_delayed(&mut self, now: Instant) {
        let (due, later) = std::mem::take(&mut self.delayed)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.delayed = later;
        for (_, job) in due {
            self.queue(job.operation.effect()).push_front(job);
        }
    }

    /// Answers what cannot be sent in time any more, so that nobody waits for what is known already.
    fn refuse_late(&mut self, now: Instant) {
        let closed = self.limiter.closed_until(now);
        let horizon = closed.unwrap_or(now);
        for effect in [OperationEffect::Write, OperationEffect::Read] {
            let over = self.queue(effect).overdue(horizon);
            if over.is_empty() {
                continue;
            }
            let ahead = self.waiting(effect).len();
            let wait = self.limiter.drained_at(ahead, now).map(|at| at - now);
            for job in over {
                let error = job.late(wait);
                job.answer(Err(error));
            }
        }
    }

    /// Answers writes that wait and that nobody wants any more.
    fn refuse_withdrawn(&mut self, now: Instant) {
        if now < self.asked + STILL_WANTED {
            return;
        }
        self.asked = now;
        for job in self.writes.withdrawn() {
            let error = job.operation.failure(Class::Withdrawn);
            job.answer(Err(error));
        }
    }

    fn send_due(&mut self, now: Instant) {
        while let Some(effect) = self.next_turn(now) {
            let size = self.limiter.room(now).min(self.limiter.batch());
            let jobs = self.queue(effect).take(size);
            if jobs.is_empty() {
                // Nobody waits for any of them.
                continue;
            }
            self.last = effect;
            self.limiter.sent(jobs.len(), now);
            let count = jobs.len();
            let handle = self.requests.spawn(send(Arc::clone(&self.shared), jobs));
            self.sizes.insert(handle.id(), count);
        }
    }

    /// Whose turn it is. What only takes away goes first, then what is read for that; else reads and writes take turns, so that
    /// neither keeps the other from a narrow lane until it is too late.
    fn next_turn(&self, now: Instant) -> Option<OperationEffect> {
        let is_turn_of_reads = self.reads.reducing() > 0 || self.last == OperationEffect::Write;
        let order = if self.writes.reducing() == 0 && is_turn_of_reads {
            [OperationEffect::Read, OperationEffect::Write]
        } else {
            [OperationEffect::Write, OperationEffect::Read]
        };
        order.into_iter().find(|effect| self.may_send(*effect, now))
    }

    fn may_send(&self, effect: OperationEffect, now: Instant) -> bool {
        let waiting = self.waiting(effect).len();
        self.flush_at(effect).is_some_and(|at| at <= now)
            && self.limiter.room(now) >= self.limiter.min_batch(waiting)
    }

    fn flush_at(&self, effect: OperationEffect) -> Option<Instant> {
        let batch = self.limiter.batch();
        self.waiting(effect).flush_at(batch, &self.shared.settings)
    }

    /// When something can happen without an answer or an arrival.
    fn next_wake(&self, now: Instant) -> Option<Instant> {
        let mut wake: Option<Instant> = self.delayed.iter().map(|(at, _)| *at).min();
        for effect in [OperationEffect::Write, OperationEffect::Read] {
            let Some(flush) = self.flush_at(effect) else {
                continue;
            };
            let waiting = self.waiting(effect).len();
            let ready = self.limiter.ready_at(self.limiter.min_batch(waiting), now);
            // When the window is full, only an answer makes room, and that wakes the loop by itself.
            let launch = Some(flush.max(ready)).filter(|at| *at > now);
            let late = self.waiting(effect).latest_start();
            wake = [wake, launch, late].into_iter().flatten().min();
        }
        let ask = (self.writes.len() > 0).then_some(self.asked + STILL_WANTED);
        [wake, ask].into_iter().flatten().min()
    }

    fn complete(&mut self, completed: Result<(Id, Completed), JoinError>) {
        let now = Instant::now();
        let completed = match completed {
            Ok((id, completed)) => {
                self.sizes.remove(&id);
                completed
            }
            Err(broken) => {
                // Its jobs are gone with it; who waits is told that the client has stopped.
                let lost = self.sizes.remove(&broken.id()).unwrap_or_default();
                tracing::error!(lane = self.profile.lane.as_str(), error = %broken, "a request ended abnormally");
                self.limiter.lost(lost);
                return;
            }
        };
        self.limiter.completed(completed.feedback, now);
        let state = self.limiter.state(now);
        if completed.feedback.throttled > 0 {
            tracing::warn!(
                lane = self.profile.lane.as_str(),
                throttled = completed.feedback.throttled,
                wait_s = state.blocked.map(|wait| wait.as_secs_f64()),
                "the service asks to slow down"
            );
        }
        self.shared.recorder.lane(&state);
        // Backwards, so that what goes back to the front of the queue keeps its order.
        for answered in completed.answered.into_iter().rev() {
            self.settle(answered, now);
        }
    }

    fn settle(&mut self, answered: AnsweredJob, now: Instant) {
        let AnsweredJob {
            mut job,
            result,
            reauthenticate,
        } = answered;
        let error = match result {
            Ok(response) => return job.answer(Ok(response)),
            Err(error) => error,
        };
        let again = if reauthenticate && !job.reauthenticated {
            job.reauthenticated = true;
            Some(now)
        } else {
            self.next_attempt(&job, &error, now)
        };
        let closed = self.limiter.closed_until(now);
        let in_time = |at: &Instant| closed.map_or(*at, |open| open.max(*at)) < job.latest_start;
        let Some(at) = again.filter(in_time) else {
            let wait = closed.map(|open| open - now);
            let wait = wait.filter(|_| error.class == Class::Throttled);
            let wait = error.retry_after.max(wait);
            return job.answer(Err(error.after(wait)));
        };
        job.attempt += 1;
        if at <= now {
            self.queue(job.operation.effect()).push_front(job);
        } else {
            self.delayed.push((at, job));
        }
    }

    /// When to try again. A write that came to no answer may have had its effect; one that was refused as too many had none,
    /// and whether it is still wanted is asked again when it leaves.
    fn next_attempt(&self, job: &Job, error: &Error, now: Instant) -> Option<Instant> {
        match error.class {
            // Nothing leaves a closed lane, so it may wait in the queue.
            Class::Throttled
                if self.limiter.closed_until(now).is_some()
                    && error.outcome == CallOutcome::NotExecuted =>
            {
                Some(now)
            }
            _ if job.operation.effect() == OperationEffect::Write => None,
            Class::Throttled | Class::Unreachable if job.attempt < ATTEMPTS => {
                let wait = FIRST_WAIT * 2_u32.saturating_pow(job.attempt - 1);
                Some(now + error.retry_after.unwrap_or(wait))
            }
            _ => None,
        }
    }
}
