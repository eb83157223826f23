//! The same faults in a tenant that lags: up to five minutes pass before lists show a new group or a change. Each
//! placement has a number that says all of it, and `PLACEMENT=17 cargo test --test in_process late::` lives one again.

use super::harness::{Mode, Setup, Strike, World};
use super::placement::in_paused_time;
use super::story::{self, Part};

/// How late a tenant shows what was done, each kind of call by itself, up to so long.
const LAGS: [&str; 4] = ["15s", "60s", "120s", "300s"];

const MODES: [Mode; 5] = [
    Mode::KilledAfter,
    Mode::AnswerLost,
    Mode::Doubled,
    Mode::ShownLate,
    Mode::KilledBefore,
];

/// The writes of a part at which a fault is placed: no part has more.
const WRITES: usize = 40;

/// How many placements there are.
const ALL: usize = LAGS.len() * MODES.len() * Part::ALL.len() * WRITES;

/// How many of them each test lives. All of them take an hour.
const TRIED: usize = 12;

/// A step over all placements that meets them in an order without a pattern: it has no divisor in common with their
/// number.
const STEP: usize = 1_009;

/// Where which fault strikes, and how late the tenant shows what was done.
#[derive(Debug)]
struct Placement {
    lag: &'static str,
    part: Part,
    strike: Strike,
}

impl Placement {
    fn number(number: usize) -> Self {
        let (rest, lag) = (number / LAGS.len(), LAGS[number % LAGS.len()]);
        let (rest, mode) = (rest / MODES.len(), MODES[rest % MODES.len()]);
        let (rest, part) = (rest / Part::ALL.len(), Part::ALL[rest % Part::ALL.len()]);
        let at = rest % WRITES + 1;
        Self {
            lag,
            part,
            strike: Strike { at, mode },
        }
    }

    fn live(&self) {
        in_paused_time(async {
            let world = World::with(Setup {
                overrides: vec![("replicationDelay", self.lag), ("indexDelay", self.lag)],
                ..Setup::default()
            });
            story::tell(&world, Some((self.part, self.strike))).await;
        });
    }
}

/// Lives some placements of one lag, or the one that the environment names.
fn with_lag(lag: usize) {
    let named = std::env::var("PLACEMENT").ok();
    let named: Option<usize> = named.and_then(|number| number.parse().ok());
    let some = (0..TRIED).map(|turn| turn * LAGS.len() * STEP % ALL + lag);
    let numbers: Vec<usize> = named.map_or_else(|| some.collect(), |number| vec![number]);
    for number in numbers
        .into_iter()
        .filter(|number| number % LAGS.len() == lag)
    {
        let placement = Placement::number(number);
        println!("PLACEMENT={number}: {placement:?}");
        placement.live();
    }
}

#[test]
fn the_story_survives_faults_in_a_tenant_that_lags_by_seconds() {
    with_lag(0);
}

#[test]
fn the_story_survives_faults_in_a_tenant_that_lags_by_a_minute() {
    with_lag(1);
}

#[test]
fn the_story_survives_faults_in_a_tenant_that_lags_by_two_minutes() {
    with_lag(2);
}

#[test]
fn the_story_survives_faults_in_a_tenant_that_lags_by_five_minutes() {
    with_lag(3);
}
