//! An operation on its way: who waits for it, until when, and how often it was tried. Queues of them, in order.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::exchange::Response;
use super::settings::DispatchSettings;
use crate::error::{Class, Error};
use crate::operation::{Fence, Operation, OperationEffect};
use crate::precedence::Precedence;

pub(super) struct Job {
    pub(super) operation: Operation,
    /// When it must have been sent; a read must be answered by then, too.
    pub(super) latest_start: Instant,
    arrived: Instant,
    reply: oneshot::Sender<Result<Response, Error>>,
    /// Counts from 1.
    pub(super) attempt: u32,
    /// Whether it was refused with a 401 before.
    pub(super) reauthenticated: bool,
}

impl Job {
    pub(super) fn new(
        mut operation: Operation,
        reply: oneshot::Sender<Result<Response, Error>>,
        settings: &DispatchSettings,
    ) -> Self {
        let now = Instant::now();
        let patience = match operation.effect() {
            OperationEffect::Read => {
                operation.precedence = Precedence::of_reads();
                settings.read_deadline
            }
            OperationEffect::Write => settings.write_patience,
        };
        Self {
            operation,
            latest_start: now + patience,
            arrived: now,
            reply,
            attempt: 1,
            reauthenticated: false,
        }
    }

    /// Whether nobody waits any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    /// The answer to it when it was not sent in time. It surely had no effect.
    pub(super) fn late(&self, wait: Option<Duration>) -> Error {
        self.operation
            .failure(Class::Throttled)
            .saying("not sent: its lane could not take it in time")
            .after(wait)
    }

    pub(super) fn answer(self, result: Result<Response, Error>) {
        // Nobody waiting is no fault: the caller has given up.
        let _ = self.reply.send(result);
    }
}

/// Jobs of one lane and effect: those that only take away, then the others, the oldest of each first.
#[derive(Default)]
pub(super) struct Queue {
    jobs: VecDeque<Job>,
    last_arrival: Option<Instant>,
}

impl Queue {
    /// Takes a job in, behind those that came before it. One that only takes away goes before all that may give.
    pub(super) fn push(&mut self, job: Job) {
        self.last_arrival = Some(job.arrived);
        if job.operation.precedence == Precedence::Usual {
            return self.jobs.push_back(job);
        }
        self.jobs.insert(self.reducing(), job);
    }

    /// Takes a job back that is to be tried again; it goes before all others of its kind.
    pub(super) fn push_front(&mut self, job: Job) {
        let place = match job.operation.precedence {
            Precedence::Usual => self.reducing(),
            Precedence::Reducing => 0,
        };
        self.jobs.insert(place, job);
    }

    /// How many of them only take away.
    pub(super) fn reducing(&self) -> usize {
        let usual = |job: &Job| job.operation.precedence == Precedence::Usual;
        let first = self.jobs.iter().position(usual);
        first.unwrap_or(self.jobs.len())
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Drops what nobody waits for, and takes out what can no longer be answered in time.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<Job> {
        let is_over = |job: &Job| job.is_abandoned() || job.latest_start <= now;
        if !self.jobs.iter().any(is_over) {
            return Vec::new();
        }
        let (over, stay) = std::mem::take(&mut self.jobs)
            .into_iter()
            .partition::<VecDeque<_>, _>(is_over);
        self.jobs = stay;
        over.into_iter().filter(|job| !job.is_abandoned()).collect()
    }

    /// Takes out what nobody wants any more. Writes of one stage have one fence, and stand beside each other: it is asked
    /// once for all of them.
    pub(super) fn withdrawn(&mut self) -> Vec<Job> {
        let mut asked: Option<(Fence, bool)> = None;
        let mut holds = |job: &Job| {
            let Some(fence) = &job.operation.fence else {
                return true;
            };
            match &asked {
                Some((known, holds)) if known.is(fence) => *holds,
                _ => asked.insert((fence.clone(), fence.holds())).1,
            }
        };
        let (stay, gone) = std::mem::take(&mut self.jobs)
            .into_iter()
            .partition::<VecDeque<_>, _>(&mut holds);
        self.jobs = stay;
        gone.into()
    }

    /// When the oldest must have been sent.
    pub(super) fn latest_start(&self) -> Option<Instant> {
        self.jobs.iter().map(|job| job.latest_start).min()
    }

    /// When the gathered jobs should leave: at once when they fill a batch, else when it has been quiet for a moment.
    pub(super) fn flush_at(&self, batch: usize, settings: &DispatchSettings) -> Option<Instant> {
        let oldest = self.jobs.iter().min_by_key(|job| job.arrived)?;
        if self.jobs.len() >= batch || oldest.attempt > 1 || !oldest.operation.may_share() {
            return Some(oldest.arrived);
        }
        let latest = oldest.arrived + settings.gather_at_most;
        let quiet = self.last_arrival.unwrap_or(oldest.arrived) + settings.gather_quiet;
        Some(latest.min(quiet))
    }

    /// Takes up to `limit` jobs that may share a request.
    pub(super) fn take(&mut self, limit: usize) -> Vec<Job> {
        let mut taken: Vec<Job> = Vec::new();
        while taken.len() < limit {
            let Some(job) = self.jobs.front() else { break };
            let alone = !job.operation.may_share();
            if job.is_abandoned() {
                self.jobs.pop_front();
                continue;
            }
            if alone && !taken.is_empty() {
                break;
            }
            taken.extend(self.jobs.pop_front());
            if alone {
                break;
            }
        }
        taken
    }
}
