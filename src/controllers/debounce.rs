//! Gathers wake-ups of one moment, such as those of `kubectl apply -f folder`, and hands everything out together that was
//! woken in it, so that what is asked of the tenant travels together. There are ceilings: whoever goes on waking objects,
//! however often, keeps none from being worked on.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use futures::Stream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// The longest that a key waits for others to come.
const TOGETHER: Duration = Duration::from_millis(500);

/// The longest that a key waits which is woken again and again.
const CEILING: Duration = Duration::from_secs(1);

/// When a key was first and last woken since it was handed out.
#[derive(Clone, Copy)]
struct Woken {
    first: Instant,
    last: Instant,
}

impl Woken {
    /// When a key is handed out, where `latest` is when any key was woken.
    fn due(self, quiet: Duration, latest: Instant) -> Instant {
        let others = (latest + quiet).min(self.first + TOGETHER);
        (self.last + quiet).max(others).min(self.first + CEILING)
    }
}

/// Hands each key out once nothing has woken it or another one for so long. Others are waited for half a second at most,
/// and a key that is woken again and again is handed out a second after the first time.
pub fn debounced<K: Clone + Eq + Hash>(
    woken: UnboundedReceiver<K>,
    quiet: Duration,
) -> impl Stream<Item = K> {
    let waiting: HashMap<K, Woken> = HashMap::new();
    let latest = Instant::now();
    futures::stream::unfold(
        (Some(woken), waiting, latest),
        move |(mut woken, mut waiting, mut latest)| async move {
            loop {
                let next = waiting
                    .iter()
                    .map(|(key, times)| (times.due(quiet, latest), key))
                    .min_by_key(|(due, _)| *due)
                    .map(|(due, key)| (due, key.clone()));
                let due = next.as_ref().map_or_else(Instant::now, |(due, _)| *due);
                tokio::select! {
                    biased;
                    () = sleep_until(due), if next.is_some() => {
                        let (_, key) = next?;
                        waiting.remove(&key);
                        return Some((key, (woken, waiting, latest)));
                    }
                    key = receive(&mut woken), if woken.is_some() => {
                        let Some(key) = key else {
                            // Nobody wakes anything any more; what waits is still handed out.
                            woken = None;
                            continue;
                        };
                        latest = Instant::now();
                        waiting
                            .entry(key)
                            .and_modify(|times| times.last = latest)
                            .or_insert(Woken { first: latest, last: latest });
                    }
                    else => return None,
                }
            }
        },
    )
}

async fn receive<K>(woken: &mut Option<UnboundedReceiver<K>>) -> Option<K> {
    woken.as_mut()?.recv().await
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    const QUIET: Duration = Duration::from_millis(200);

    #[tokio::test(start_paused = true)]
    async fn wake_ups_of_one_moment_are_one() {
        let (wake, woken) = unbounded_channel();
        for _ in 0..5 {
            wake.send(1).unwrap();
        }
        wake.send(2).unwrap();
        drop(wake);
        let begun = Instant::now();
        let mut stream = std::pin::pin!(debounced(woken, QUIET));
        assert!(stream.next().await.is_some());
        assert_eq!(begun.elapsed(), QUIET);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_woken_one_after_the_other_is_handed_out_together() {
        let (wake, woken) = unbounded_channel();
        let waking = async {
            for key in 0..10 {
                wake.send(key).unwrap();
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        let handing_out = async {
            let mut times = Vec::new();
            let mut stream = std::pin::pin!(debounced(woken, QUIET));
            while times.len() < 10 && stream.next().await.is_some() {
                times.push(Instant::now());
            }
            times
        };
        let ((), times) = tokio::join!(waking, handing_out);
        assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_never_stops_waking_delays_others_by_less_than_half_a_second() {
        let (wake, woken) = unbounded_channel();
        let noise = tokio::spawn(async move {
            wake.send("quiet").unwrap();
            while wake.send("noisy").is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let begun = Instant::now();
        let mut stream = Box::pin(debounced(woken, QUIET));
        assert_eq!(stream.next().await, Some("quiet"));
        assert!(begun.elapsed() <= TOGETHER);
        noise.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_woken_again_and_again_is_handed_out_after_a_second() {
        let (wake, woken) = unbounded_channel();
        let noise = tokio::spawn(async move {
            loop {
                if wake.send("noisy").is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let begun = Instant::now();
        let mut stream = Box::pin(debounced(woken, QUIET));
        assert_eq!(stream.next().await, Some("noisy"));
        assert!(begun.elapsed() <= CEILING);
        noise.abort();
    }
}
