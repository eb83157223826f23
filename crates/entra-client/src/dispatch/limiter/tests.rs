//! Tests of the limiter: what a lane learns from throttling, and how it comes back.

use super::*;
use crate::service::{GRAPH, Lane};

const SECOND: Duration = Duration::from_secs(1);

fn limiter(lane: Lane) -> Limiter {
    let profile = GRAPH.lanes.iter().find(|profile| profile.lane == lane);
    Limiter::new(*profile.unwrap(), GRAPH.batch)
}

fn feedback(
    sent: Instant,
    answered: usize,
    throttled: usize,
    retry_after: Option<u64>,
) -> Feedback {
    Feedback {
        sent,
        operations: answered + throttled,
        throttled,
        answered,
        retry_after: retry_after.map(Duration::from_secs),
        load: None,
    }
}

#[tokio::test(start_paused = true)]
async fn the_window_doubles_while_used_and_clean() {
    let now = Instant::now();
    let mut limiter = limiter(Lane::Policies);
    for expected in [5, 10, 20, 40] {
        assert_eq!(limiter.room(now), expected);
        limiter.sent(expected, now);
        limiter.completed(feedback(now, expected, 0, None), now);
    }
    limiter.sent(1, now);
    limiter.completed(feedback(now, 1, 0, None), now);
    assert_eq!(
        limiter.room(now),
        80,
        "a lane that is hardly used proves nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn a_throttle_halves_the_window_and_is_remembered() {
    let now = Instant::now();
    let mut limiter = limiter(Lane::Directory);
    limiter.sent(20, now);
    limiter.completed(feedback(now, 12, 8, Some(3)), now);
    assert_eq!(limiter.room(now), 0);
    assert_eq!(limiter.closed_until(now), Some(now + 3 * SECOND));
    let later = now + 4 * SECOND;
    for _ in 0..3 {
        assert_eq!(limiter.room(later), 10);
        limiter.sent(10, later);
        limiter.completed(feedback(later, 10, 0, None), later);
    }
    let much_later = now + REMEMBER + 5 * SECOND;
    limiter.sent(10, much_later);
    limiter.completed(feedback(much_later, 10, 0, None), much_later);
    assert_eq!(
        limiter.room(much_later),
        20,
        "after some minutes more is tried"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_that_were_under_way_belong_to_the_same_throttle() {
    let now = Instant::now();
    let mut limiter = limiter(Lane::Directory);
    limiter.sent(20, now);
    limiter.completed(feedback(now, 20, 0, None), now);
    limiter.sent(20, now);
    limiter.sent(20, now);
    let later = now + SECOND;
    limiter.completed(feedback(now, 0, 20, Some(2)), later);
    let window = limiter.window;
    limiter.completed(feedback(now, 0, 20, Some(9)), later);
    assert_eq!(limiter.window, window, "halved once");
    assert_eq!(
        limiter.closed_until(later),
        Some(later + 9 * SECOND),
        "the longest wait counts"
    );
}

#[tokio::test(start_paused = true)]
async fn obeying_in_vain_makes_the_wait_longer_up_to_a_minute() {
    let mut now = Instant::now();
    let mut limiter = limiter(Lane::Policies);
    let mut waits = Vec::new();
    for _ in 0..9 {
        limiter.sent(1, now);
        limiter.completed(feedback(now, 0, 1, Some(2)), now + Duration::from_millis(1));
        let open = limiter.closed_until(now).unwrap();
        waits.push((open - now).as_secs());
        now = open;
    }
    assert_eq!(waits, [2, 2, 2, 4, 8, 16, 32, 61, 61]);
}

#[tokio::test(start_paused = true)]
async fn load_pauses_the_lane_the_more_the_fuller_the_budget() {
    let now = Instant::now();
    let pause = |load: f64| {
        let mut limiter = limiter(Lane::Directory);
        limiter.sent(1, now);
        limiter.completed(
            Feedback {
                load: Some(load),
                ..feedback(now, 1, 0, None)
            },
            now,
        );
        limiter
            .closed_until(now)
            .map_or(Duration::ZERO, |until| until - now)
    };
    assert_eq!(pause(0.5), Duration::ZERO);
    assert!(pause(0.8) < Duration::from_millis(30));
    assert!(pause(1.0) > Duration::from_millis(900));
    assert!(pause(1.7) < Duration::from_millis(1100));
}
