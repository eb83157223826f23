//! How often who may write is settled anew.

use std::time::Duration;

use tokio::time::sleep;

use crate::adapters::Jitter;

/// How long one request to the API server may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The shortest and the longest that a Lease holds without a renewal, as the settings take them.
pub(super) const SHORTEST_LEASE: Duration = Duration::from_secs(12);
pub(super) const LONGEST_LEASE: Duration = Duration::from_hours(1);

/// How many times as long as a Lease a claim holds.
pub(super) const CLAIM: u32 = 4;

/// By how much a pause differs from the next, so that candidates do not ask in step.
const JITTER: f64 = 0.2;

/// The durations of the election. All follow from one: how long a Lease holds without a renewal.
#[derive(Clone)]
pub struct Beat {
    /// How long a Lease holds without a renewal.
    pub(super) lease: Duration,
    jitter: Jitter,
}

impl Beat {
    /// The beat of a Lease that holds so long; `jitter` gives numbers between 0 and 1.
    pub fn of(lease: Duration, jitter: Jitter) -> Self {
        Self { lease, jitter }
    }

    /// How long a claim on a tenant holds without a renewal. It survives the change from one holder of the Lease to the next.
    pub(super) fn claim(&self) -> Duration {
        self.lease * CLAIM
    }

    /// Waits between two renewals of the Lease: seven may fail before it runs out.
    pub(super) async fn between_renewals(&self) {
        self.pause(self.lease.mul_f64(2.0 / 15.0)).await;
    }

    /// Waits between two looks of a candidate at the Lease: less than two seconds, so that one that was released is soon taken.
    pub(super) async fn between_reads(&self) {
        self.pause(self.lease.div_f64(15.0).min(Duration::from_millis(1500)))
            .await;
    }

    /// Waits between two renewals of the claims.
    pub(super) async fn between_claims(&self) {
        self.pause(self.claim() / 6).await;
    }

    async fn pause(&self, usual: Duration) {
        let factor = 1.0 - JITTER + 2.0 * JITTER * (self.jitter)();
        sleep(usual.mul_f64(factor)).await;
    }
}
