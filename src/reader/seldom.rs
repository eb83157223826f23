//! Facts of a whole tenant, which change seldom: read once for everybody who asks, and kept. A read that fails is a fact of
//! its own, that nothing is known, and fails nobody.

use std::time::Duration;

use entra_client::{Error, Graph};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How old what is known may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaximumAge(pub Duration);

impl MaximumAge {
    /// What was read within the last hour is good enough.
    pub const HOUR: Self = Self(Duration::from_hours(1));
    /// Only what was read just now is: something is in doubt, and many may ask.
    pub const MINUTE: Self = Self(Duration::from_mins(1));
}

/// How long anybody waits for such a fact: what rests on it can do without, and what else is to be done must not wait. A service
/// that has had enough would be waited for much longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer, if it comes soon.
pub async fn soon<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answered = tokio::time::timeout(PATIENCE, answer).await;
    answered.unwrap_or_else(|_| Err(Error::unreadable("no answer came within ten seconds")))
}

/// The application permissions that the operator's token carries; none if there is no token.
pub async fn granted(graph: &Graph) -> Vec<String> {
    let claims = graph.claims().await;
    claims.map(|claims| claims.roles).unwrap_or_default()
}

/// A fact that is read seldom.
pub struct Seldom<T>(Mutex<Option<(T, Instant)>>);

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Seldom<T> {
    /// What is known, if it is not too old; else what is read now, from what was known before. Whoever asks meanwhile waits
    /// for the same read.
    pub async fn get<F: Future<Output = T>>(
        &self,
        oldest: MaximumAge,
        read: impl FnOnce(Option<T>) -> F,
    ) -> T {
        let asked = Instant::now();
        let mut known = self.0.lock().await;
        let is_good =
            |at: &Instant| *at >= asked || asked.saturating_duration_since(*at) < oldest.0;
        if let Some((value, at)) = known.as_ref()
            && is_good(at)
        {
            return value.clone();
        }
        let before = known.as_ref().map(|(value, _)| value.clone());
        let value = read(before).await;
        *known = Some((value.clone(), Instant::now()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_cost_one_read() {
        let (reads, fact) = (AtomicU32::new(0), Seldom::default());
        let ask = || {
            fact.get(MaximumAge(Duration::ZERO), |_| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                reads.fetch_add(1, Ordering::Relaxed)
            })
        };
        let answers = futures::join!(ask(), ask(), ask());
        assert_eq!(answers, (0, 0, 0));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(ask().await, 1, "whoever asks later gets a new one");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_young_enough_is_not_read_again() {
        let fact = Seldom::default();
        assert_eq!(fact.get(MaximumAge::HOUR, |_| async { 1 }).await, 1);
        tokio::time::advance(Duration::from_mins(59)).await;
        assert_eq!(fact.get(MaximumAge::HOUR, |_| async { 2 }).await, 1);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(fact.get(MaximumAge::HOUR, |_| async { 2 }).await, 2);
    }
}
