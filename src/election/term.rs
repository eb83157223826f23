//! The time in which this process may write.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// No write takes longer, neither one to a tenant nor one to Kubernetes.
pub const LONGEST_WRITE: Duration = Duration::from_secs(8);

/// The time in which this process may write. All clones are one: each renewal prolongs it for whoever holds one.
#[derive(Debug, Clone)]
pub struct Term(Arc<watch::Sender<Span>>);

/// From when to when it lasts without a gap.
#[derive(Debug, Clone, Copy)]
struct Span {
    begun: Instant,
    end: Instant,
}

impl Term {
    /// A term that ends at an instant of the monotonic clock.
    pub fn until(end: Instant) -> Self {
        let begun = Instant::now();
        Self(Arc::new(watch::Sender::new(Span { begun, end })))
    }

    /// Since when it lasts without a gap in which somebody else could have written.
    pub fn begun(&self) -> Instant {
        self.0.borrow().begun
    }

    /// How long it lasts unless it is renewed; zero once it is over.
    pub fn remaining(&self) -> Duration {
        self.0
            .borrow()
            .end
            .saturating_duration_since(Instant::now())
    }

    /// Whether it still lasts when a write ends that begins now and takes this long.
    pub fn outlasts(&self, write: Duration) -> bool {
        self.remaining() > write
    }

    /// Waits until it does not outlast a write any more, however often it is renewed before.
    pub async fn too_short_for(&self, write: Duration) {
        let mut changes = self.0.subscribe();
        while self.outlasts(write) {
            tokio::select! {
                () = sleep(self.remaining().saturating_sub(write)) => {}
                _ = changes.changed() => {}
            }
        }
    }

    /// Whether it is another clone of a term.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Has it end at another instant.
    pub(super) fn prolong(&self, end: Instant) {
        let now = Instant::now();
        self.0.send_modify(|span| {
            if span.end <= now {
                span.begun = now;
            }
            span.end = end;
        });
    }

    /// Ends it now.
    pub(super) fn end(&self) {
        self.0.send_modify(|span| span.end = Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Duration = Duration::from_secs(8);

    fn term(seconds: u64) -> Term {
        Term::until(Instant::now() + Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_begins_only_while_the_term_lasts_longer_than_it_may_take() {
        let term = term(15);
        assert!(term.outlasts(WRITE));
        tokio::time::advance(Duration::from_secs(7)).await;
        assert!(!term.outlasts(WRITE), "it could end after the term");
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_holds_for_every_clone_and_so_does_the_end() {
        let term = term(15);
        let elsewhere = term.clone();
        tokio::time::advance(Duration::from_secs(14)).await;
        term.prolong(Instant::now() + Duration::from_secs(15));
        assert!(elsewhere.outlasts(WRITE));
        term.end();
        assert_eq!(elsewhere.remaining(), Duration::ZERO);
    }
    #[tokio::test(start_paused = true)]
    async fn whoever_works_in_a_term_is_told_when_it_gets_too_short_and_a_renewal_puts_that_off() {
        let term = term(15);
        let begun = Instant::now();
        let renewing = term.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(5)).await;
            renewing.prolong(Instant::now() + Duration::from_secs(15));
        });
        term.too_short_for(WRITE).await;
        assert_eq!(
            begun.elapsed().as_secs(),
            12,
            "5 s, then 15 s less the 8 s of a write"
        );
        let term = super::Term::until(Instant::now() + Duration::from_secs(15));
        let ending = term.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(1)).await;
            ending.end();
        });
        let begun = Instant::now();
        term.too_short_for(WRITE).await;
        assert_eq!(begun.elapsed().as_secs(), 1);
    }
}
