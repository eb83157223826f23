//! Waiting for facts in the world's time. Whoever waits is also the kubelet: an operator that was killed is started
//! again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{NAMESPACE, World};

/// How long a test waits for a fact: long enough for the reconcile of every hour, some waits of five minutes and the
/// backoff of some failures.
const PATIENCE: Duration = Duration::from_mins(90);

/// How long a killed operator stays away.
const RESTART: Duration = Duration::from_secs(3);

impl World {
    /// Waits for a fact; the error says what was waited for.
    pub async fn until(&self, what: &str, mut fact: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(50);
        let mut looked = None;
        loop {
            let stands = (self.revision(), self.tenant.counters().operations);
            // Facts follow from what was written and what the tenant was asked, so nothing is missed.
            if looked.replace(stands) != Some(stands) && fact(self) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "never came: {what}\n{}",
                self.summary()
            );
            self.tend(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// How many writes the API server was asked for, but for those to the Lease.
    pub fn kubernetes_writes(&self) -> u64 {
        self.cluster.writes() - self.line.elections()
    }

    /// Changes with every write to the cluster but those to the Lease, which is renewed all the time.
    fn revision(&self) -> u64 {
        let elections = self.line.elections();
        self.cluster.revision().saturating_sub(elections)
    }

    /// Lets this much time pass, on the paused clock of the test.
    pub async fn pass(&self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            self.tend(left.min(Duration::from_secs(10))).await;
        }
    }

    /// Lets time pass that nobody lives through, as on a machine that was suspended; everybody looks once at its end.
    pub async fn sleep_through(&self, time: Duration) {
        self.clock.skip(time);
        let moment = self.clock.time().to_string();
        self.annotate("EntraTenant", "contoso", "entra-pim.dev/resync", &moment);
        self.pass(Duration::from_mins(1)).await;
    }

    /// Lets time pass, and says how many writes the tenant took meanwhile.
    pub async fn writes_within(&self, time: Duration) -> u64 {
        let before = self.tenant.counters().writes;
        self.pass(time).await;
        self.tenant.counters().writes - before
    }

    async fn tend(&self, pause: Duration) {
        sleep(pause).await;
        if self.line.was_killed() {
            self.kill();
            sleep(RESTART).await;
            self.start();
        }
        self.tend_deeds().await;
    }

    /// Waits until every object of ours in a namespace is ready.
    pub async fn until_ready(&self, namespace: &str) {
        let what = format!("everything in {namespace} ready");
        self.until(&what, |world| world.all_ready(namespace)).await;
    }

    /// Waits until the tenant is ready.
    pub async fn until_tenant_ready(&self) {
        self.until("tenant ready", |world| {
            world.is_ready("EntraTenant", "contoso")
        })
        .await;
    }

    /// Waits until the reason of the tenant's object is this one.
    pub async fn until_tenant(&self, reason: &str) {
        self.until_reason("EntraTenant", "contoso", reason).await;
    }

    /// Waits until the reason of an object is this one.
    pub async fn until_reason(&self, kind: &str, name: &str, reason: &str) {
        let what = format!("{kind} {name}: {reason}");
        self.until(&what, |world| world.reason(kind, name) == reason)
            .await;
    }

    /// Waits until an object is gone.
    pub async fn until_gone(&self, kind: &str, name: &str) {
        let what = format!("{kind} {name} gone");
        self.until(&what, |world| world.object(kind, name).is_none())
            .await;
    }

    /// Waits until none of our objects is left.
    pub async fn until_nothing_is_left(&self) {
        self.until("no object left", |world| world.ours(NAMESPACE).is_empty())
            .await;
    }
}
