//! One clock for cluster, tenant and operator: it runs with tokio's, which jumps when nobody has anything to do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use entra_pim_operator::adapters::clock::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// The moment at which every test world begins.
const BEGIN: &str = "2026-11-21T08:00:00Z";

/// The clock of a world.
#[derive(Clone)]
pub struct WorldClock {
    begin: Timestamp,
    started: Instant,
    /// What was skipped.
    skipped: Arc<Mutex<Duration>>,
}

impl WorldClock {
    /// A clock that stands at the beginning.
    pub fn start() -> Self {
        Self {
            begin: BEGIN.parse().unwrap(),
            started: Instant::now(),
            skipped: Arc::default(),
        }
    }

    /// The current time of the test world.
    pub fn time(&self) -> Timestamp {
        let passed = self.started.elapsed() + *self.skipped.lock().unwrap();
        self.begin.checked_add(passed).unwrap()
    }

    /// Skips some time: nothing that waits notices.
    pub fn skip(&self, time: Duration) {
        *self.skipped.lock().unwrap() += time;
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.time()
    }
}
