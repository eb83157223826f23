//! What happens to the operator's writes on their way, whichever way they go: each is counted, and some of them can be
//! struck. A process that was killed never hears an answer again, and nothing of it reaches anybody.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

/// What happens at a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The operator is killed before the write reaches anybody.
    KilledBefore,
    /// The write takes effect, and the operator is killed before it hears of it.
    KilledAfter,
    /// The write takes effect and the connection breaks; the operator goes on.
    AnswerLost,
    /// The write is executed twice, as a proxy does that repeats what it should not.
    Doubled,
    /// The write takes effect, and reads of the tenant show it only after a while.
    ShownLate,
    /// The write goes its way, and right after it somebody does something in the tenant by hand.
    ByHand(Deed),
}

/// What somebody does to the operator's group by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// They give it another name and take an eligibility away.
    Edit,
    /// They delete it and think better of it.
    Restore,
    /// They delete it for good.
    Purge,
}

impl Mode {
    /// Whether this can happen at a write. Nobody repeats a request to the API server, which shows late only what is
    /// watched; and a group is made by a plain request, which makes as many groups as it is executed.
    fn can_strike(self, write: &str) -> bool {
        let to_the_tenant = !write.contains("/apis/");
        match self {
            Self::KilledBefore | Self::KilledAfter | Self::AnswerLost | Self::ByHand(_) => true,
            Self::Doubled => to_the_tenant && !write.ends_with("POST /v1.0/groups"),
            Self::ShownLate => to_the_tenant,
        }
    }
}

/// Which write is struck, counted from 1 among those at which this can happen and that come after the one that was struck
/// last, and how.
#[derive(Clone, Copy, Debug)]
pub struct FaultPoint {
    pub at: usize,
    pub mode: Mode,
}

/// The way of all writes of one world.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    life: usize,
    alive: bool,
    points: VecDeque<FaultPoint>,
    /// How many writes there were at which the next fault could happen.
    within_reach: usize,
    struck: Vec<String>,
    /// What is still to be done by hand, and since when.
    due: Option<(Deed, Instant)>,
    writes: Vec<String>,
    /// How many writes there were to the Lease, which are nobody's story.
    elections: u64,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Counts from here, and strikes the writes that are named, one after the other.
    pub fn arm(&self, points: impl IntoIterator<Item = FaultPoint>) {
        let mut state = self.state();
        state.writes.clear();
        state.points = points.into_iter().collect();
        state.within_reach = 0;
        state.struck.clear();
        state.due = None;
    }

    /// The writes since [`Line::arm`], in words.
    pub fn writes(&self) -> Vec<String> {
        self.state().writes.clone()
    }

    /// How many writes there were to the Lease since the world began.
    pub fn elections(&self) -> u64 {
        self.state().elections
    }

    /// Counts a write to the Lease.
    pub fn count_election(&self) {
        self.state().elections += 1;
    }

    /// The writes that were struck, in words.
    pub fn struck(&self) -> Vec<String> {
        self.state().struck.clone()
    }

    /// What is still to be done by hand, and since when.
    pub fn due(&self) -> Option<(Deed, Instant)> {
        self.state().due
    }

    /// Says that it was done.
    pub(super) fn done(&self) {
        self.state().due = None;
    }

    /// Whether the operator was killed by a fault.
    pub fn was_killed(&self) -> bool {
        let state = self.state();
        state.life > 0 && !state.alive
    }

    pub(super) fn begin_life(&self) -> Life {
        let mut state = self.state();
        state.life += 1;
        state.alive = true;
        Life {
            line: self.clone(),
            number: state.life,
        }
    }

    pub(super) fn end_life(&self) {
        self.state().alive = false;
    }
}

/// One process of the operator, from start to end.
#[derive(Clone)]
pub struct Life {
    line: Line,
    number: usize,
}

impl Life {
    /// The way on which its writes go.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Which of the processes it is, counted from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Whether the operator's process runs.
    pub fn is_on(&self) -> bool {
        let state = self.line.state();
        state.alive && state.life == self.number
    }

    /// Counts a write, and says what happens at it.
    pub fn judge(&self, what: impl FnOnce() -> String) -> Option<Mode> {
        let mut state = self.line.state();
        let what = what();
        state.writes.push(what.clone());
        let point = state.points.front().copied();
        let point = point.filter(|point| point.mode.can_strike(&what))?;
        state.within_reach += 1;
        if state.within_reach != point.at {
            return None;
        }
        state.points.pop_front();
        state.within_reach = 0;
        state.struck.push(what);
        match point.mode {
            Mode::KilledBefore | Mode::KilledAfter => state.alive = false,
            Mode::ByHand(deed) => {
                state.due = Some((deed, Instant::now()));
                return None;
            }
            Mode::AnswerLost | Mode::Doubled | Mode::ShownLate => {}
        }
        Some(point.mode)
    }
}
