//! Faults in a tenant that lags: up to five minutes pass before a list shows what was done, whoever did it. A story has
//! one fault in each of its parts: a write that is struck, or somebody who does something by hand in the middle. Each
//! placement has a number, and `PLACEMENT=1702 cargo test --test in_process late::` lives its story again;
//! `STORIES=168` lives all of them, 2,016 placements, in about half an hour.

use jiff::SignedDuration;

use super::harness::{Deed, Mode, Setup, Strike, World};
use super::placement::in_paused_time;
use super::story::{self, Part};

/// How late the tenant shows what was done, in seconds.
const LAGS: [i64; 4] = [15, 60, 120, 300];

const MODES: [Mode; 7] = [
    Mode::KilledAfter,
    Mode::AnswerLost,
    Mode::Doubled,
    Mode::ByHand(Deed::Edit),
    Mode::ByHand(Deed::Restore),
    Mode::ByHand(Deed::Purge),
    Mode::KilledBefore,
];

/// How many stories each test lives, unless the environment says how many.
const STORIES: usize = 15;

/// At how many of its writes a part is struck. Where lists lag by seconds some have a few less.
const WRITES: usize = 24;

/// A step over all placements of a part that meets them in an order without a pattern: it has no divisor in common
/// with their number.
const STEP: usize = 37;

/// The fault of one part of a story. Lags and parts begin at different places, so that faults meet in all combinations.
fn strike(lag: usize, story: usize, part: usize) -> Strike {
    let place = (story * STEP + lag * 43 + part * 59) % (MODES.len() * WRITES);
    Strike {
        at: place / MODES.len() + 1,
        mode: MODES[place % MODES.len()],
    }
}

/// Lives one story. Says how many of its faults struck.
fn live(lag: usize, story: usize) -> usize {
    let number = (story * LAGS.len() + lag) * Part::ALL.len();
    let faults: Vec<(Part, Strike)> = Part::ALL
        .into_iter()
        .enumerate()
        .map(|(place, part)| (part, strike(lag, story, place)))
        .collect();
    println!(
        "PLACEMENT={number} and the next two, {} s late: {faults:?}",
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

/// Lives all stories of one lag, or the one that the environment names by one of its placements.
fn with_lag(lag: usize) {
    let named = std::env::var("PLACEMENT").ok();
    let named: Option<usize> = named.and_then(|number| number.parse().ok());
    if let Some(story) = named.map(|number| number / Part::ALL.len()) {
        if story % LAGS.len() == lag {
            live(lag, story / LAGS.len());
        }
        return;
    }
    let stories = std::env::var("STORIES").ok();
    let stories = stories.and_then(|count| count.parse().ok());
    let stories: usize = stories.unwrap_or(STORIES);
    let struck: usize = (0..stories).map(|story| live(lag, story)).sum();
    let placed = stories * Part::ALL.len();
    assert!(
        struck * 10 >= placed * 8,
        "only {struck} of {placed} faults struck"
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
