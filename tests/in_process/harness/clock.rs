//! One clock for cluster, tenant and operator: it runs with tokio's, which jumps when nobody has anything to do.

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
}

impl WorldClock {
    /// A clock that stands at the beginning.
    pub fn start() -> Self {
        Self {
            begin: BEGIN.parse().unwrap(),
            started: Instant::now(),
        }
    }

    /// The current time of the test world.
    pub fn time(&self) -> Timestamp {
        self.begin.checked_add(self.started.elapsed()).unwrap()
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.time()
    }
}
