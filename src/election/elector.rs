//! Gets hold of the Lease, keeps it, and lets go of it.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::beat::{Beat, PATIENCE};
use super::observed::{Observed, may_take};
use super::term::{LONGEST_WRITE, Term};
use crate::adapters::clock::SharedClock;
use crate::adapters::lease::{LeaseRecord, LeaseStore, Stored};
use crate::telemetry::metrics::{Leadership, Metrics};
use crate::telemetry::readiness::{Detail, Readiness};

/// A candidate for the Lease of its release.
pub struct Elector {
    lease: LeaseStore,
    identity: String,
    beat: Beat,
    clock: SharedClock,
    metrics: Metrics,
    readiness: Readiness,
    observed: Observed<LeaseRecord>,
    held: Option<Stored>,
    /// Nothing is taken before this: what was sent in the last term has been answered or given up by then.
    not_before: Instant,
}

impl Elector {
    /// A candidate. The identity must be this process's own: whoever has the same one would take the Lease for theirs.
    pub fn new(
        lease: LeaseStore,
        identity: String,
        beat: Beat,
        clock: SharedClock,
        metrics: Metrics,
        readiness: Readiness,
    ) -> Self {
        let elector = Self {
            lease,
            identity,
            beat,
            clock,
            metrics,
            readiness,
            observed: Observed::default(),
            held: None,
            not_before: Instant::now(),
        };
        elector.say(Leadership::Standby);
        elector
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
                Ok(Ok(Some(held))) => {
                    self.held = Some(held);
                    // The others count from when the server wrote it, which was not before it was asked to.
                    term.prolong(asked + self.beat.lease);
                }
                Ok(Ok(None)) => break,
                Ok(Err(error)) => self.complain(&error),
                Err(_) => self.complain(&"no answer in time"),
            }
        }
        term.end();
        self.held = None;
        self.not_before = Instant::now() + LONGEST_WRITE;
        self.say(Leadership::Standby);
        tracing::warn!(
            lease = self.lease.name(),
            "the Lease is lost: nothing is written any more"
        );
    }

    /// Lets go of the Lease, so that nobody has to wait until it runs out. Nothing may be under way any more.
    pub async fn release(&mut self, term: &Term) {
        term.end();
        self.say(Leadership::Standby);
        let Some(held) = self.held.take() else {
            return;
        };
        match timeout(PATIENCE, self.let_go(&held)).await {
            Ok(Ok(Some(_))) => tracing::info!(lease = self.lease.name(), "the Lease is released"),
            Ok(Ok(None)) => tracing::warn!(
                lease = self.lease.name(),
                "the Lease has changed and is not released; it runs out by itself"
            ),
            Ok(Err(error)) => self.complain(&error),
            Err(_) => self.complain(&"no answer in time"),
        }
    }

    /// Writes nobody as holder. A renewal that nobody waited for may have come first.
    async fn let_go(&self, held: &Stored) -> Result<Option<Stored>, kube::Error> {
        let nobody = |before: &Stored| {
            let mut record = self.record(Some(&before.record));
            record.holder = None;
            record.duration = Duration::from_secs(1);
            record
        };
        if let Some(released) = self.lease.write(held, &nobody(held)).await? {
            return Ok(Some(released));
        }
        match self.lease.read().await? {
            Some(read) if self.is_own(&read.record) => {
                self.lease.write(&read, &nobody(&read)).await
            }
            _ => Ok(None),
        }
    }

    async fn stand(&mut self) -> Result<Option<Stored>, kube::Error> {
        let read = self.lease.read().await?;
        let holder = |observed: &Observed<LeaseRecord>| observed.last()?.holder.clone();
        let before = holder(&self.observed);
        let found = read.as_ref().map(|stored| &stored.record);
        // One that still names this process, which has stepped back from it, is nobody's.
        let is_own = found.is_some_and(|record| self.is_own(record));
        if !is_own && !may_take(&mut self.observed, found, self.beat.lease, Instant::now()) {
            let now = holder(&self.observed);
            if let Some(holder) = now.filter(|_| before != holder(&self.observed)) {
                tracing::info!(
                    lease = self.lease.name(),
                    holder,
                    "standing by: another replica writes"
                );
                self.tell(&format!("{holder} writes, and this replica stands by"));
            }
            return Ok(None);
        }
        if Instant::now() < self.not_before {
            return Ok(None);
        }
        self.take(read.as_ref()).await
    }

    /// Renews the Lease; nothing if it is lost.
    async fn renew(&self) -> Result<Option<Stored>, kube::Error> {
        if let Some(held) = &self.held
            && let Some(renewed) = self.take(Some(held)).await?
        {
            return Ok(Some(renewed));
        }
        // Somebody has written it: another holder, or this process in a request that it gave up.
        let read = self.lease.read().await?;
        if read
            .as_ref()
            .is_some_and(|stored| !self.is_own(&stored.record))
        {
            return Ok(None);
        }
        self.take(read.as_ref()).await
    }

    /// Writes this process as holder over what was read; nothing if somebody was faster.
    async fn take(&self, over: Option<&Stored>) -> Result<Option<Stored>, kube::Error> {
        let record = self.record(over.map(|stored| &stored.record));
        match over {
            Some(stored) => self.lease.write(stored, &record).await,
            None => self.lease.create(&record).await,
        }
    }

    /// The record of this process as holder, after another one.
    fn record(&self, before: Option<&LeaseRecord>) -> LeaseRecord {
        let now = Some(self.clock.now());
        let is_own = before.is_some_and(|record| self.is_own(record));
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
        self.say(Leadership::Leader);
        tracing::info!(
            lease = self.lease.name(),
            identity = self.identity,
            transitions,
            "elected: this replica writes"
        );
        Term::until(asked + self.beat.lease)
    }

    fn say(&self, now: Leadership) {
        self.metrics.leadership(self.lease.name(), now);
        self.tell(match now {
            Leadership::Leader => "this replica writes",
            Leadership::Standby => "this replica stands by",
        });
    }

    fn tell(&self, standing: &str) {
        let line = format!("Lease {}: {standing}", self.lease.name());
        self.readiness.tell(Detail::Lease, vec![line]);
    }

    fn is_own(&self, record: &LeaseRecord) -> bool {
        record.holder.as_ref() == Some(&self.identity)
    }

    fn complain(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(lease = self.lease.name(), error = %error, "the Lease cannot be read or written; it is tried again");
    }
}
