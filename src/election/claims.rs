//! Which tenants this release acts for. Releases do not see each other's Leases, so each says on the cluster-wide `EntraTenant`
//! that it acts; any other one waits, says so in the same place, and takes over once the claim was not renewed for as long as it
//! says, by its own clock. All replicas of a release share its claims: of them, only the holder of the Lease renews any.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use parking_lot::Mutex;
use pim_api::{ActingOperator, WaitingOperator};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::beat::{Beat, PATIENCE};
use super::observed::Observed;
use super::term::Term;
use crate::adapters::claim::{ClaimStore, Error, StoredClaim};
use crate::adapters::clock::SharedClock;
use crate::adapters::kinds::Stores;
use crate::adapters::wish::Uid;

/// No claim is believed for longer, whatever it asks for: four times the longest Lease.
const LONGEST: Duration = Duration::from_hours(4);

/// How often a claim is written over what somebody else has written at the same time.
const TRIES: usize = 4;

/// A release of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its namespace.
    pub namespace: String,
    /// The name of the Lease that its replicas share.
    pub lease: String,
}

impl From<&ActingOperator> for Release {
    fn from(acting: &ActingOperator) -> Self {
        Self {
            namespace: acting.namespace.clone(),
            lease: acting.lease.clone(),
        }
    }
}

impl From<&WaitingOperator> for Release {
    fn from(waiting: &WaitingOperator) -> Self {
        Self {
            namespace: waiting.namespace.clone(),
            lease: waiting.lease.clone(),
        }
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} in namespace {}", self.lease, self.namespace)
    }
}

/// How this release stands to a tenant.
#[derive(Debug, Clone)]
pub enum TenantClaim {
    /// It acts for the tenant, until the term ends.
    Held {
        /// The time in which it may write there.
        term: Term,
        /// Another release that would act, too.
        waiting: Option<Release>,
    },
    /// Another one does.
    Waiting {
        /// Who acts.
        acting: Release,
    },
}

/// The claims of this release, as far as they are known in this process. All clones are one.
#[derive(Clone, Default)]
pub struct TenantClaims(Arc<ClaimTable>);

#[derive(Default)]
struct ClaimTable {
    claims: Mutex<HashMap<String, TenantClaim>>,
    asked: Notify,
}

impl TenantClaims {
    /// How this release stands to a tenant; nothing before it was read.
    pub fn of(&self, tenant: &str) -> Option<TenantClaim> {
        self.0.claims.lock().get(tenant).cloned()
    }

    /// Whether this release acts for a tenant.
    pub fn is_held(&self, tenant: &str) -> bool {
        self.term(tenant)
            .is_some_and(|term| !term.remaining().is_zero())
    }

    /// The time in which this release may write to a tenant.
    pub fn term(&self, tenant: &str) -> Option<Term> {
        match self.of(tenant)? {
            TenantClaim::Held { term, .. } => Some(term),
            TenantClaim::Waiting { .. } => None,
        }
    }

    /// Notes that this release acts for a tenant, and nobody else would.
    #[cfg(test)]
    pub fn hold(&self, tenant: &str, term: Term) {
        let waiting = None;
        self.set(tenant, TenantClaim::Held { term, waiting });
    }

    /// Has the claims looked after at once: a tenant has come.
    pub fn ask(&self) {
        self.0.asked.notify_one();
    }

    fn set(&self, tenant: &str, claim: TenantClaim) {
        self.0.claims.lock().insert(tenant.to_owned(), claim);
    }
}

/// Keeps the claims of a release.
pub struct ClaimKeeper {
    /// Where the claims are told.
    pub claims: TenantClaims,
    /// Where they stand.
    pub store: ClaimStore,
    /// Which release it is.
    pub release: Release,
    /// Dates the claims.
    pub clock: SharedClock,
    /// How often they are renewed.
    pub beat: Beat,
}

/// What a change of a claim means for those who work on the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// This release acts for the tenant, and did not a moment ago: what it knows of it may be old.
    Regained,
    /// There is something to tell.
    Told,
}

/// What came of one try.
struct Try {
    claim: TenantClaim,
    change: Change,
}

impl Try {
    fn waiting(acting: &ActingOperator) -> Self {
        let acting = acting.into();
        Self {
            claim: TenantClaim::Waiting { acting },
            change: Change::Told,
        }
    }
}

/// What is remembered of the claims of others on one tenant.
#[derive(Default)]
struct Others {
    uid: Option<Uid>,
    /// Whose claim was there before there was none.
    vanished: Option<ActingOperator>,
    acting: Observed<ActingOperator>,
    waiting: Observed<WaitingOperator>,
}

impl ClaimKeeper {
    /// Claims every tenant there is, again and again; tells by name whose standing has changed.
    pub async fn keep(self, stores: Stores, changed: impl Fn(&str, Change)) {
        let mut others: HashMap<String, Others> = HashMap::new();
        loop {
            let tenants = stores.tenants.state();
            let names: HashSet<String> = tenants.iter().map(|tenant| tenant.name_any()).collect();
            others.retain(|name, _| names.contains(name));
            for name in &names {
                others.entry(name.clone()).or_default();
            }
            self.forget_gone(&names);
            let tries = others
                .iter_mut()
                .map(|(name, others)| self.try_one(name, others));
            for (name, change) in join_all(tries).await.into_iter().flatten() {
                changed(&name, change);
            }
            tokio::select! {
                () = self.beat.between_claims() => {}
                () = self.claims.0.asked.notified() => {}
            }
        }
    }

    fn forget_gone(&self, names: &HashSet<String>) {
        self.claims
            .0
            .claims
            .lock()
            .retain(|name, _| names.contains(name));
    }

    /// Renews or reads the claim on one tenant; its name, if something has changed.
    async fn try_one(&self, tenant: &str, others: &mut Others) -> Option<(String, Change)> {
        let found = match timeout(PATIENCE, self.claim_in_turn(tenant, others)).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::warn!(tenant, error = %error, "the claim on the tenant cannot be read or written; it is tried again");
                return None;
            }
            Err(_) => {
                tracing::warn!(
                    tenant,
                    "the claim on the tenant cannot be read or written in time; it is tried again"
                );
                return None;
            }
        };
        let Try { claim, change } = found?;
        let before = self.claims.of(tenant);
        let is_same = before.is_some_and(|before| stands_alike(&before, &claim));
        self.claims.set(tenant, claim);
        (change == Change::Regained || !is_same).then(|| (tenant.to_owned(), change))
    }

    /// The claim after some tries: the rest of the status is written at the same time.
    async fn claim_in_turn(&self, tenant: &str, others: &mut Others) -> Result<Option<Try>, Error> {
        for _ in 0..TRIES {
            let claim = self.claim(tenant, others, Instant::now()).await?;
            if claim.is_some() {
                return Ok(claim);
            }
        }
        Ok(None)
    }

    /// The claim after one try; nothing if somebody else wrote at the same time, or the tenant is gone.
    async fn claim(
        &self,
        tenant: &str,
        others: &mut Others,
        asked: Instant,
    ) -> Result<Option<Try>, Error> {
        let Some(stored) = self.store.read(tenant).await? else {
            return Ok(None);
        };
        let now = Instant::now();
        if others.uid.as_ref() != Some(&stored.uid) {
            self.begin_anew(tenant, others, &stored);
        }
        let acting = stored.acting.as_ref();
        // One that vanished may still be held: whoever holds it need not know yet.
        if acting.is_none()
            && let Some(last) = others.acting.last().cloned()
            && !self.is_ours(&last)
        {
            others.vanished = Some(last);
        }
        if let Some(last) = others.vanished.clone() {
            if acting.is_none()
                && others.acting.unchanged_for(None, now) < self.patience(last.duration_seconds)
            {
                return Ok(Some(Try::waiting(&last)));
            }
            others.vanished = None;
        }
        // Who waits writes there, too, which is no sign of life of whoever acts.
        let alone = acting.cloned().map(|acting| ActingOperator {
            waiting: None,
            ..acting
        });
        if let Some(other) = acting.filter(|acting| !self.is_ours(acting))
            && others.acting.unchanged_for(alone.as_ref(), now)
                < self.patience(other.duration_seconds)
        {
            self.wait(tenant, &stored, other, others, now).await?;
            return Ok(Some(Try::waiting(other)));
        }
        let waiting = acting.and_then(|acting| acting.waiting.clone());
        let waiting = waiting.filter(|waiting| {
            let is_another = Release::from(waiting) != self.release;
            let silent = others.waiting.unchanged_for(Some(waiting), now);
            is_another && silent < self.patience(waiting.duration_seconds)
        });
        let since = acting
            .filter(|acting| self.is_ours(acting))
            .map(|acting| acting.since.clone());
        let renewed = self.now();
        let claim = ActingOperator {
            namespace: self.release.namespace.clone(),
            lease: self.release.lease.clone(),
            since: since.unwrap_or_else(|| renewed.clone()),
            renewed_at: renewed,
            duration_seconds: self.duration_seconds(),
            waiting: waiting.clone(),
        };
        let written = self.store.write(tenant, &stored, &claim).await?;
        Ok(written.map(|_| {
            let was_held = self.claims.is_held(tenant);
            // One term for as long as the claim is held: whoever asks it sees each renewal.
            let term = self
                .claims
                .term(tenant)
                .unwrap_or_else(|| Term::until(asked));
            term.prolong(asked + self.beat.claim());
            let waiting = waiting.map(|waiting| Release::from(&waiting));
            Try {
                claim: TenantClaim::Held { term, waiting },
                change: if was_held {
                    Change::Told
                } else {
                    Change::Regained
                },
            }
        }))
    }

    /// Says on the tenant that this release waits, unless another one does so already.
    async fn wait(
        &self,
        tenant: &str,
        stored: &StoredClaim,
        acting: &ActingOperator,
        others: &mut Others,
        now: Instant,
    ) -> Result<(), Error> {
        let is_another = |waiting: &&WaitingOperator| Release::from(*waiting) != self.release;
        let another = acting.waiting.as_ref().filter(is_another);
        if let Some(waiting) = another
            && others.waiting.unchanged_for(another, now) < self.patience(waiting.duration_seconds)
        {
            return Ok(());
        }
        let mut claim = acting.clone();
        claim.waiting = Some(WaitingOperator {
            namespace: self.release.namespace.clone(),
            lease: self.release.lease.clone(),
            renewed_at: self.now(),
            duration_seconds: self.duration_seconds(),
        });
        self.store.write(tenant, stored, &claim).await.map(drop)
    }

    /// Another object under the same name has another claim, and what was held of the old one is over.
    fn begin_anew(&self, tenant: &str, others: &mut Others, stored: &StoredClaim) {
        if others.uid.is_some()
            && let Some(term) = self.claims.term(tenant)
        {
            term.end();
        }
        *others = Others {
            uid: Some(stored.uid.clone()),
            ..Others::default()
        };
    }

    /// How long a claim is believed that asks for so many seconds.
    fn patience(&self, asked: i64) -> Duration {
        let asked = Duration::from_secs(u64::try_from(asked).unwrap_or_default());
        asked.min(LONGEST).max(self.beat.claim())
    }

    fn duration_seconds(&self) -> i64 {
        i64::try_from(self.beat.claim().as_secs()).unwrap_or(i64::MAX)
    }

    fn is_ours(&self, acting: &ActingOperator) -> bool {
        Release::from(acting) == self.release
    }

    fn now(&self) -> Time {
        let now = self.clock.now();
        Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
    }
}

/// Whether two claims say the same to people.
fn stands_alike(one: &TenantClaim, other: &TenantClaim) -> bool {
    match (one, other) {
        (TenantClaim::Held { waiting, .. }, TenantClaim::Held { waiting: other, .. }) => {
            waiting == other
        }
        (TenantClaim::Waiting { acting }, TenantClaim::Waiting { acting: other }) => {
            acting == other
        }
        _ => false,
    }
}
