//! What is remembered of a group between two plans: writes that are not seen yet, removals that were confirmed, absences.
//! Losing it costs a minute and some writes that do no harm, never a wrong decision: what must survive stands in status.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::action::{Write, WriteKey};
use crate::knowledge::{Held, later};
use crate::verdict::State;

/// How long something is remembered that no plan asked for.
const KEPT: SignedDuration = SignedDuration::from_mins(30);

/// What became of a write that was tried before, as long as it is not seen in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was first tried, in an unbroken series of tries.
    pub since: Timestamp,
    /// When it was last tried.
    pub last: Timestamp,
    /// How often.
    pub times: u32,
    /// When it may be tried again.
    pub retry_at: Timestamp,
    /// What was tried.
    pub write: Write,
    /// What the service said.
    pub answer: Answer,
}

/// What the service said to a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has taken it and carried it out.
    Taken,
    /// It has taken it and is still at it.
    Accepted,
    /// What was to be taken away was not there.
    WasGone,
    /// It refused, or did not answer: how the object stands because of it.
    Refused(State),
}

/// What is remembered of a group between two plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Writes that were tried and are not seen.
    pub attempts: BTreeMap<WriteKey, Attempt>,
    /// When we removed something and the service said that it is done.
    pub removed: BTreeMap<Held, Timestamp>,
    /// Since when something is not shown, in an unbroken series of looks.
    pub absent: BTreeMap<Held, Timestamp>,
}

impl Memory {
    /// Notes that a write was tried. What became of the opposite one before that says nothing any more.
    pub fn tried(&mut self, write: &Write, now: Timestamp, retry_after: SignedDuration, answer: Answer) {
        let key = write.key();
        for undone in key.opposites() {
            self.attempts.remove(&undone);
        }
        if let Some(held) = key.gives() {
            self.removed.remove(&held);
        }
        let known = self.series(write);
        let attempt = Attempt {
            since: known.map_or(now, |known| known.since),
            last: now,
            times: known.map_or(1, |known| known.times.saturating_add(1)),
            retry_at: later(now, retry_after),
            write: write.clone(),
            answer,
        };
        if attempt.answer == Answer::Taken
            && let Some(held) = key.removes()
        {
            self.removed.insert(held, now);
        }
        self.attempts.insert(key, attempt);
    }

    /// The tries of just this write. One that says something else, because a manifest changed, begins a new series.
    pub fn series(&self, write: &Write) -> Option<&Attempt> {
        let attempt = self.attempts.get(&write.key())?;
        attempt.write.says_the_same(write).then_some(attempt)
    }

    /// Forgets refusals: something changed that may have caused them.
    pub fn forget_refusals(&mut self) {
        self.attempts
            .retain(|_, attempt| !matches!(attempt.answer, Answer::Refused(_)));
    }

    /// Drops what has grown old.
    pub fn forget_old(&mut self, now: Timestamp) {
        let is_young = |at: Timestamp| later(at, KEPT) > now;
        self.removed.retain(|_, at| is_young(*at));
        self.attempts
            .retain(|_, attempt| is_young(attempt.last.max(attempt.retry_at)));
    }
}
