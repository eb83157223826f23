//! Gathers questions that come at about the same time and asks them as one. Knows nothing of what is asked.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use entra_client::Error;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

/// What was found under some keys: a value, or why the answer for this key is not known. A key that is missing has none.
pub type Found<K, V> = HashMap<K, Result<V, Error>>;

/// The answers to one round of questions.
type Answers<K, V> = Arc<Result<Found<K, V>, Error>>;

/// One round: everybody who asked in it waits for the same future.
struct Round<K, V> {
    asked: Arc<Mutex<Vec<K>>>,
    answers: Shared<BoxFuture<'static, Answers<K, V>>>,
}

/// How one round of questions is asked.
type Fetch<K, V> =
    Arc<dyn Fn(Vec<K>) -> BoxFuture<'static, Result<Found<K, V>, Error>> + Send + Sync>;

/// Asks for values by key, many keys at a time.
pub struct Coalescer<K, V> {
    gather: Duration,
    fetch: Fetch<K, V>,
    round: Arc<Mutex<Option<Round<K, V>>>>,
}

impl<K, V> Coalescer<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Gathers keys for so long, then fetches them with one call.
    pub fn new<F, A>(gather: Duration, fetch: F) -> Self
    where
        F: Fn(Vec<K>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Found<K, V>, Error>> + Send + 'static,
    {
        Self {
            gather,
            fetch: Arc::new(move |keys| fetch(keys).boxed()),
            round: Arc::default(),
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

    fn join(&self, keys: &[K]) -> Shared<BoxFuture<'static, Answers<K, V>>> {
        let mut round = self.round.lock().unwrap_or_else(PoisonError::into_inner);
        let open = round.get_or_insert_with(|| self.open());
        open.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(keys);
        open.answers.clone()
    }

    fn open(&self) -> Round<K, V> {
        let asked: Arc<Mutex<Vec<K>>> = Arc::default();
        let (keys, fetch, round, gather) = (
            Arc::clone(&asked),
            Arc::clone(&self.fetch),
            Arc::clone(&self.round),
            self.gather,
        );
        let answers = async move {
            tokio::time::sleep(gather).await;
            // Whoever asks from here on opens a new round.
            round.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut keys =
                std::mem::take(&mut *keys.lock().unwrap_or_else(PoisonError::into_inner));
            let mut seen = std::collections::HashSet::new();
            keys.retain(|key| seen.insert(key.clone()));
            Arc::new(fetch(keys).await)
        };
        Round {
            asked,
            answers: answers.boxed().shared(),
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
}
