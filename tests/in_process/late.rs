//! Faults in a tenant that lags: up to five minutes pass before a list shows what was done, whoever did it. A story has
//! several faults in each of its parts: writes that are struck, one soon after the other, and in every other story somebody
//! who does something by hand in the middle as well. Each placement of a fault has a number, and
//! `PLACEMENT=1702 cargo test --test in_process late::` lives its story again; `PLACEMENTS=5000` lives so many of each lag.

use jiff::SignedDuration;

use super::harness::{Deed, FaultPoint, Mode, Setup, World};
use super::placement::in_paused_time;
use super::story::{self, Part};

/// How late the tenant shows what was done, in seconds.
const LAGS: [i64; 4] = [15, 60, 120, 300];

/// What befalls a write. Those at the end are not the operator's doing.
const MODES: [Mode; 7] = [
    Mode::KilledAfter,
    Mode::AnswerLost,
    Mode::Doubled,
    Mode::KilledBefore,
    Mode::ByHand(Deed::Edit),
    Mode::ByHand(Deed::Restore),
    Mode::ByHand(Deed::Purge),
];

/// How many of them come without an external actor: what is given and taken can then be held against the manifests alone.
const WITHOUT_ACTOR: u64 = 4;

/// How many faults a part of a story has.
const FAULTS: usize = 12;

/// How many writes lie between two faults of a part at most.
const APART: u64 = 4;

/// At how many writes each lag is struck, unless the environment says how many. The longer it takes until something
/// shows, the more often it is read, so the long lags have the fewest.
const PLACEMENTS: [usize; 4] = [600, 500, 350, 250];

/// Numbers without a pattern, the same in every run (Sebastiano Vigna, splitmix64).
fn mixed(number: usize) -> u64 {
    let mut mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The fault under a number.
fn fault_point(number: usize, with_actor: bool) -> FaultPoint {
    let dice = mixed(number);
    let modes = if with_actor {
        MODES.len() as u64
    } else {
        WITHOUT_ACTOR
    };
    let mode = usize::try_from((dice >> 32) % modes).unwrap();
    FaultPoint {
        at: usize::try_from(dice % APART).unwrap() + 1,
        mode: MODES[mode],
    }
}

/// The number of the first placement of a story.
fn first(lag: usize, story: usize) -> usize {
    (story * LAGS.len() + lag) * Part::ALL.len() * FAULTS
}

/// Lives one story. Says how many of its faults struck.
fn live(lag: usize, story: usize) -> usize {
    let number = first(lag, story);
    let faults: Vec<(Part, FaultPoint)> = (0..Part::ALL.len() * FAULTS)
        .map(|place| {
            let point = fault_point(number + place, story % 2 == 1);
            (Part::ALL[place / FAULTS], point)
        })
        .collect();
    println!(
        "PLACEMENT={number} to {}, {} s late: {faults:?}",
        number + faults.len() - 1,
        LAGS[lag]
    );
    in_paused_time(async {
        let late = SignedDuration::from_secs(LAGS[lag]);
        let words = format!("{}s", LAGS[lag]);
        let world = World::with(Setup {
            overrides: vec![("replicationDelay", &words), ("indexDelay", &words)],
            lag: Some(late),
            ..Setup::default()
        });
        story::tell(&world, &faults).await.struck.len()
    })
}

/// Lives stories of one lag until enough of their faults have struck, or the one that the environment names by one of its
/// placements.
fn with_lag(lag: usize) {
    let number = |name| -> Option<usize> { std::env::var(name).ok()?.parse().ok() };
    if let Some(placement) = number("PLACEMENT") {
        let story = placement / (Part::ALL.len() * FAULTS);
        if story % LAGS.len() == lag {
            live(lag, story / LAGS.len());
        }
        return;
    }
    let enough = number("PLACEMENTS").unwrap_or(PLACEMENTS[lag]);
    let (mut struck, mut stories) = (0, 0);
    while struck < enough {
        struck += live(lag, stories);
        stories += 1;
    }
    println!("{struck} writes were struck in {stories} stories");
    assert!(
        stories * 10 <= enough,
        "most faults find no write at their place"
    );
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
