//! Gathers wake-ups of one moment, such as those of `kubectl apply -f folder`, with a ceiling: whoever goes on waking an
//! object, however often, does not keep it from being worked on.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use futures::Stream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// The longest that anything waits for more to come.
const CEILING: Duration = Duration::from_secs(1);

/// When a key was first and last woken since it was handed out.
#[derive(Clone, Copy)]
struct Woken {
    first: Instant,
    last: Instant,
}

impl Woken {
    fn due(self, quiet: Duration) -> Instant {
        (self.last + quiet).min(self.first + CEILING)
    }
}

/// Hands each key out once nothing has woken it for so long, and a second after the first time at the latest.
pub fn debounced<K: Clone + Eq + Hash>(
    woken: UnboundedReceiver<K>,
    quiet: Duration,
) -> impl Stream<Item = K> {
    let waiting: HashMap<K, Woken> = HashMap::new();
    futures::stream::unfold(
        (Some(woken), waiting),
        move |(mut woken, mut waiting)| async move {
            loop {
                let next = waiting
                    .iter()
                    .map(|(key, times)| (times.due(quiet), key))
                    .min_by_key(|(due, _)| *due)
                    .map(|(due, key)| (due, key.clone()));
                let due = next.as_ref().map_or_else(Instant::now, |(due, _)| *due);
                tokio::select! {
                    biased;
                    () = sleep_until(due), if next.is_some() => {
                        let (_, key) = next?;
                        waiting.remove(&key);
                        return Some((key, (woken, waiting)));
                    }
                    key = receive(&mut woken), if woken.is_some() => {
                        let Some(key) = key else {
                            // Nobody wakes anything any more; what waits is still handed out.
                            woken = None;
                            continue;
                        };
                        let now = Instant::now();
                        waiting
                            .entry(key)
                            .and_modify(|times| times.last = now)
                            .or_insert(Woken { first: now, last: now });
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
    async fn whoever_never_stops_waking_delays_nobody_by_more_than_a_second() {
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
