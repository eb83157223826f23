//! Gathers questions that come at about the same time and asks them as one. What comes while the last question is being
//! answered waits for that, because more will come then. What goes before others is asked apart from them. Knows nothing of
//! what is asked.

use std::collections::HashMap;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use entra_client::{Error, Precedence};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use tokio::time::Instant;

/// What was found under some keys: a value, or why the answer for this key is not known. A key that is missing has none.
pub type Found<K, V> = HashMap<K, Result<V, Error>>;

/// The longest that questions wait for more to come, as long as more come.
const TOGETHER: Duration = Duration::from_millis(100);

/// The longest that questions wait for those before them to be answered: a slow answer holds up nobody for long.
const HOLD: Duration = Duration::from_millis(250);

/// The answers to one round of questions.
type KeyedAnswers<K, V> = Arc<Result<Found<K, V>, Error>>;

/// A round of questions while it is being answered.
type Asking<K, V> = Shared<BoxFuture<'static, KeyedAnswers<K, V>>>;

/// One round: everybody who asked in it waits for the same future.
struct Round<K, V> {
    asked: Arc<Mutex<Vec<K>>>,
    answers: Asking<K, V>,
}

/// The rounds of one question and precedence.
struct Rounds<K, V> {
    /// The one that is still open.
    open: Option<Round<K, V>>,
    /// The one before it, as long as somebody waits for it.
    last: Option<WeakShared<BoxFuture<'static, KeyedAnswers<K, V>>>>,
}

/// How one round of questions is asked.
type Fetch<K, V> =
    Arc<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<Found<K, V>, Error>> + Send + Sync>;

impl<K, V> Default for Rounds<K, V> {
    fn default() -> Self {
        Self {
            open: None,
            last: None,
        }
    }
}

impl<K, V> Rounds<K, V> {
    /// Closes the open round: it is asked now.
    fn close(&mut self) {
        let closed = self.open.take();
        self.last = closed.and_then(|round| round.answers.downgrade());
    }
}

/// Asks for values by key, many keys at a time.
pub struct Coalescer<K, V> {
    gather: Duration,
    fetch: Fetch<K, V>,
    rounds: Arc<Mutex<HashMap<Precedence, Rounds<K, V>>>>,
}

impl<K, V> Coalescer<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Gathers keys until none has come for so long, then fetches them with one call.
    pub fn new<F, A>(gather: Duration, fetch: F) -> Self
    where
        F: Fn(Vec<K>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Found<K, V>, Error>> + Send + 'static,
    {
        Self {
            gather,
            fetch: Arc::new(move |keys| fetch(keys).boxed()),
            rounds: Arc::default(),
        }
    }

    /// The value under a key, if there is one.
    pub async fn get(&self, key: &K) -> Result<Option<V>, Error> {
        let mut found = self.get_all(std::slice::from_ref(key)).await?;
        Ok(found.remove(key))
    }

    /// The values under some keys; a key without a value is missing from the answer.
    pub async fn get_all(&self, keys: &[K]) -> Result<HashMap<K, V>, Error> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let answers = self.join(keys);
        match &*answers.await {
            Ok(found) => keys
                .iter()
                .filter_map(|key| Some((key.clone(), found.get(key)?.clone())))
                .map(|(key, answer)| Ok((key, answer?)))
                .collect(),
            Err(error) => Err(error.clone()),
        }
    }

    fn join(&self, keys: &[K]) -> Asking<K, V> {
        let precedence = Precedence::of_reads();
        let mut rounds = self.rounds.lock();
        let Rounds { open, last } = rounds.entry(precedence).or_default();
        let round = open.get_or_insert_with(|| {
            let last = last.take();
            self.open(precedence, last.and_then(|last| last.upgrade()))
        });
        round.asked.lock().extend_from_slice(keys);
        round.answers.clone()
    }

    fn open(&self, precedence: Precedence, last: Option<Asking<K, V>>) -> Round<K, V> {
        let asked: Arc<Mutex<Vec<K>>> = Arc::default();
        let (keys, fetch, rounds, gather) = (
            Arc::clone(&asked),
            Arc::clone(&self.fetch),
            Arc::clone(&self.rounds),
            self.gather,
        );
        let answers = async move {
            until_no_more_come(&keys, gather).await;
            if let Some(last) = last {
                // What became of it is told to those who asked it.
                let last = AssertUnwindSafe(last).catch_unwind();
                let _ = tokio::time::timeout(HOLD, last).await;
            }
            // Whoever asks from here on opens a new round.
            if let Some(rounds) = rounds.lock().get_mut(&precedence) {
                rounds.close();
            }
            let mut keys = std::mem::take(&mut *keys.lock());
            let mut seen = std::collections::HashSet::new();
            keys.retain(|key| seen.insert(key.clone()));
            Arc::new(fetch(keys).await)
        };
        Round {
            asked,
            // Whoever waits for it drives it on: it goes with the precedence that it was asked with.
            answers: precedence.reads_of(answers).boxed().shared(),
        }
    }
}

/// Waits until no key has come for so long, within limits.
async fn until_no_more_come<K>(keys: &Mutex<Vec<K>>, gather: Duration) {
    let begun = Instant::now();
    loop {
        let known = keys.lock().len();
        tokio::time::sleep(gather).await;
        if keys.lock().len() == known || begun.elapsed() >= TOGETHER {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn doubling(calls: &Arc<AtomicUsize>) -> Coalescer<u32, u32> {
        let calls = Arc::clone(calls);
        Coalescer::new(Duration::from_millis(5), move |keys: Vec<u32>| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move {
                Ok(keys
                    .into_iter()
                    .filter(|key| *key < 100)
                    .map(|key| (key, Ok(key * 2)))
                    .collect())
            }
        })
    }

    #[tokio::test(start_paused = true)]
    async fn questions_of_one_moment_are_asked_once() {
        let calls = Arc::default();
        let coalescer = doubling(&calls);
        let (a, b, c) = tokio::join!(
            coalescer.get(&1),
            coalescer.get_all(&[1, 2]),
            coalescer.get(&100)
        );
        assert_eq!(a.unwrap(), Some(2));
        assert_eq!(b.unwrap(), HashMap::from([(1, 2), (2, 4)]));
        assert_eq!(c.unwrap(), None);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_question_is_asked_anew() {
        let calls = Arc::default();
        let coalescer = doubling(&calls);
        coalescer.get(&1).await.unwrap();
        coalescer.get(&1).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    /// Answers after so long; each round takes down what it was asked.
    fn slow(latency: Duration, rounds: &Arc<Mutex<Vec<Vec<u32>>>>) -> Coalescer<u32, u32> {
        let rounds = Arc::clone(rounds);
        Coalescer::new(Duration::from_millis(5), move |keys: Vec<u32>| {
            rounds.lock().push(keys.clone());
            async move {
                tokio::time::sleep(latency).await;
                Ok(keys.into_iter().map(|key| (key, Ok(key))).collect())
            }
        })
    }

    /// Asks for one key after the other, so long apart, and says how long the last one took.
    async fn one_after_the_other(coalescer: &Coalescer<u32, u32>, apart: Duration) -> Duration {
        let each = (0..4_u32).map(|key| async move {
            tokio::time::sleep(apart * key).await;
            let asked = Instant::now();
            assert_eq!(coalescer.get(&key).await.unwrap(), Some(key));
            asked.elapsed()
        });
        futures::future::join_all(each).await[3]
    }

    #[tokio::test(start_paused = true)]
    async fn questions_that_come_while_the_last_one_is_answered_are_one() {
        let rounds = Arc::default();
        let coalescer = slow(Duration::from_millis(100), &rounds);
        one_after_the_other(&coalescer, Duration::from_millis(20)).await;
        assert_eq!(*rounds.lock(), [vec![0], vec![1, 2, 3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn questions_that_keep_coming_are_one_but_wait_for_each_other_within_limits() {
        let rounds = Arc::default();
        let coalescer = slow(Duration::ZERO, &rounds);
        let each = (0..100).map(|key| {
            let coalescer = &coalescer;
            async move {
                tokio::time::sleep(Duration::from_millis(2) * key).await;
                let asked = Instant::now();
                coalescer.get(&key).await.unwrap();
                assert!(asked.elapsed() <= TOGETHER + Duration::from_millis(5));
            }
        });
        futures::future::join_all(each).await;
        let rounds = rounds.lock().len();
        assert!((2..4).contains(&rounds), "{rounds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_holds_up_nobody_for_long() {
        let rounds = Arc::default();
        let latency = Duration::from_mins(1);
        let coalescer = slow(latency, &rounds);
        let took = one_after_the_other(&coalescer, Duration::from_millis(20)).await;
        assert!(took <= latency + HOLD, "{took:?}");
        assert_eq!(*rounds.lock(), [vec![0], vec![1, 2, 3]]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_before_others_is_asked_apart_and_holds_its_precedence() {
        let rounds: Arc<Mutex<Vec<_>>> = Arc::default();
        let asked = Arc::clone(&rounds);
        let coalescer = Coalescer::new(Duration::from_millis(5), move |keys: Vec<u32>| {
            asked.lock().push((Precedence::of_reads(), keys.clone()));
            async move { Ok(keys.into_iter().map(|key| (key, Ok(key))).collect()) }
        });
        let (first, second) = tokio::join!(
            coalescer.get(&1),
            Precedence::Reducing.reads_of(coalescer.get(&1))
        );
        assert_eq!((first.unwrap(), second.unwrap()), (Some(1), Some(1)));
        let mut asked = rounds.lock().clone();
        asked.sort_by_key(|(precedence, _)| *precedence == Precedence::Usual);
        let usual = (Precedence::Usual, vec![1]);
        assert_eq!(asked, [(Precedence::Reducing, vec![1]), usual]);
    }
}
