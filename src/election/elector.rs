//! Gets hold of the Lease, keeps it, and lets go of it.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::beat::Beat;
use super::observed::{Observed, may_take};
use super::term::Term;
use crate::adapters::clock::SharedClock;
use crate::adapters::lease::{LeaseRecord, LeaseStore, Stored};
use crate::telemetry::metrics::{Leadership, Metrics};

/// How long one request to the API server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// No write takes longer, neither one to a tenant nor one to Kubernetes.
const LONGEST_WRITE: Duration = Duration::from_secs(8);

/// A candidate for the Lease of its release.
pub struct Elector {
    lease: LeaseStore,
    identity: String,
    beat: Beat,
    clock: SharedClock,
    metrics: Metrics,
    observed: Observed<LeaseRecord>,
    held: Option<Stored>,
    /// Nothing is taken before this: what was sent in the last term has been answered or given up by then.
    not_before: Instant,
}

/// What came of a try to renew.
enum Renewal {
    Done(Stored),
    Lost,
}

impl Elector {
    /// A candidate. The identity must be this process's own: whoever has the same one would take the Lease for theirs.
    pub fn new(
        lease: LeaseStore,
        identity: String,
        beat: Beat,
        clock: SharedClock,
        metrics: Metrics,
    ) -> Self {
        metrics.leadership(lease.name(), Leadership::Standby);
        Self {
            lease,
            identity,
            beat,
            clock,
            metrics,
            observed: Observed::default(),
            held: None,
            not_before: Instant::now(),
        }
    }

    /// Waits until this process holds the Lease.
    pub async fn elected(&mut self) -> Term {
        loop {
            let asked = Instant::now();
            match timeout(PATIENCE, self.stand()).await {
                Ok(Ok(Some(held))) => return self.begin(held, asked),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => self.complain(&error),
                Err(_) => self.complain(&format!("no answer within {} s", PATIENCE.as_secs())),
            }
            self.beat.between_reads().await;
        }
    }

    /// Renews the Lease until it is lost.
    pub async fn hold(&mut self, term: &Term) {
        while !term.remaining().is_zero() {
            self.beat.between_renewals().await;
            let asked = Instant::now();
            match timeout(PATIENCE.min(term.remaining()), self.renew()).await {
                Ok(Ok(Renewal::Done(held))) => {
                    self.held = Some(held);
                    // The others count from when the server wrote it, which was not before it was asked to.
                    term.prolong(asked + self.beat.lease);
                }
                Ok(Ok(Renewal::Lost)) => break,
                Ok(Err(error)) => self.complain(&error),
                Err(_) => self.complain(&"no answer in time"),
            }
        }
        term.end();
        self.held = None;
        self.not_before = Instant::now() + LONGEST_WRITE;
        self.step_back();
        tracing::warn!(
            lease = self.lease.name(),
            "the Lease is lost: nothing is written any more"
        );
    }

    /// Lets go of the Lease, so that nobody has to wait until it runs out. Nothing may be under way any more.
    pub async fn release(&mut self, term: &Term) {
        term.end();
        self.step_back();
        let Some(held) = self.held.take() else {
            return;
        };
        let mut record = self.record(Some(&held.record));
        record.holder = None;
        record.duration = Duration::from_secs(1);
        match timeout(PATIENCE, self.lease.write(&held, &record)).await {
            Ok(Ok(Some(_))) => tracing::info!(lease = self.lease.name(), "the Lease is released"),
            // A renewal that nobody waited for came first, or somebody else holds it.
            Ok(Ok(None)) => tracing::warn!(
                lease = self.lease.name(),
                "the Lease has changed and is not released; it runs out by itself"
            ),
            Ok(Err(error)) => self.complain(&error),
            Err(_) => self.complain(&"no answer in time"),
        }
    }

    async fn stand(&mut self) -> Result<Option<Stored>, kube::Error> {
        let read = self.lease.read().await?;
        let holder = |observed: &Observed<LeaseRecord>| observed.last()?.holder.clone();
        let before = holder(&self.observed);
        let found = read.as_ref().map(|stored| &stored.record);
        // One that still names this process, which has stepped back from it, is nobody's.
        let is_own = found.is_some_and(|record| record.holder.as_ref() == Some(&self.identity));
        if !is_own && !may_take(&mut self.observed, found, self.beat.lease, Instant::now()) {
            let now = holder(&self.observed);
            if let Some(holder) = now.filter(|_| before != holder(&self.observed)) {
                tracing::info!(
                    lease = self.lease.name(),
                    holder,
                    "standing by: another replica writes"
                );
            }
            return Ok(None);
        }
        if Instant::now() < self.not_before {
            return Ok(None);
        }
        match read {
            Some(stored) => {
                let record = self.record(Some(&stored.record));
                self.lease.write(&stored, &record).await
            }
            None => self.lease.create(&self.record(None)).await,
        }
    }

    async fn renew(&self) -> Result<Renewal, kube::Error> {
        if let Some(held) = &self.held {
            let record = self.record(Some(&held.record));
            if let Some(stored) = self.lease.write(held, &record).await? {
                return Ok(Renewal::Done(stored));
            }
        }
        // Somebody has written it: another holder, or this process in a request that it gave up.
        match self.lease.read().await? {
            Some(stored) if stored.record.holder.as_deref() == Some(self.identity.as_str()) => {
                let record = self.record(Some(&stored.record));
                let written = self.lease.write(&stored, &record).await?;
                Ok(written.map_or(Renewal::Lost, Renewal::Done))
            }
            Some(_) => Ok(Renewal::Lost),
            None => {
                let made = self.lease.create(&self.record(None)).await?;
                Ok(made.map_or(Renewal::Lost, Renewal::Done))
            }
        }
    }

    /// The record of this process as holder, after another one.
    fn record(&self, before: Option<&LeaseRecord>) -> LeaseRecord {
        let now = Some(self.clock.now());
        let is_own = before
            .and_then(|record| record.holder.as_deref())
            .is_some_and(|holder| holder == self.identity);
        let transitions = before.map_or(0, |record| record.transitions);
        LeaseRecord {
            holder: Some(self.identity.clone()),
            duration: self.beat.lease,
            acquired: before
                .and_then(|record| record.acquired)
                .filter(|_| is_own)
                .or(now),
            renewed: now,
            transitions: transitions.saturating_add(i32::from(before.is_some() && !is_own)),
        }
    }

    fn begin(&mut self, held: Stored, asked: Instant) -> Term {
        let transitions = held.record.transitions;
        self.held = Some(held);
        let metrics = &self.metrics;
        metrics.leadership(self.lease.name(), Leadership::Leader);
        tracing::info!(
            lease = self.lease.name(),
            identity = self.identity,
            transitions,
            "elected: this replica writes"
        );
        Term::until(asked + self.beat.lease)
    }

    fn step_back(&self) {
        let metrics = &self.metrics;
        metrics.leadership(self.lease.name(), Leadership::Standby);
    }

    fn complain(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(lease = self.lease.name(), error = %error, "the Lease cannot be read or written; it is tried again");
    }
}
