//! Claims every tenant for this release and keeps the claims up. Any other release waits, says so in the same place, and takes
//! over once the claim was not renewed for as long as it says, by its own clock. All replicas of a release share its claims: of
//! them, only the holder of the Lease renews any.

use std::collections::{HashMap, HashSet};

use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use pim_api::{ActingOperator, WaitingOperator};
use tokio::time::{Instant, timeout};

use super::beat::{Beat, PATIENCE};
use super::claims::{Change, Release, TenantClaim, TenantClaims};
use super::rivals::{Occupancy, Rivals, ThirdParty};
use super::term::{LONGEST_WRITE, Term};
use crate::adapters::claim::{ClaimStore, Error, StoredClaim};
use crate::adapters::clock::SharedClock;
use crate::adapters::credentials::Home;
use crate::adapters::kinds::Stores;
use crate::adapters::{Cluster, entra, lenient};
use crate::telemetry::readiness::{Detail, Readiness};

/// How often a claim is written over what somebody else has written at the same time.
const TRIES: usize = 4;

/// Keeps the claims of a release.
pub struct ClaimKeeper {
    /// Where the claims are told.
    pub claims: TenantClaims,
    /// The cluster, where they stand.
    pub client: Cluster,
    /// The tenants there are.
    pub stores: Stores,
    /// Which release it is.
    pub release: Release,
    /// Where it finds what it signs in with.
    pub home: Home,
    /// Where people are told how it stands.
    pub readiness: Readiness,
    /// Dates the claims.
    pub clock: SharedClock,
    /// How often they are renewed.
    pub beat: Beat,
}

impl ClaimKeeper {
    /// Claims every tenant there is, again and again; tells by name whose standing has changed.
    pub async fn keep(self, changed: impl Fn(&str, Change)) {
        let mut rivals: HashMap<String, Rivals> = HashMap::new();
        loop {
            let tenants = self.stores.tenants.state();
            let names: HashSet<String> = tenants.iter().map(|tenant| tenant.name_any()).collect();
            rivals.retain(|name, _| names.contains(name));
            for gone in self.claims.retain(&names) {
                changed(&gone, Change::Told);
            }
            for name in names {
                rivals.entry(name).or_insert_with(|| self.rivals());
            }
            let tries = rivals
                .iter_mut()
                .map(|(name, rivals)| self.renew(name, rivals));
            for (name, change) in join_all(tries).await.into_iter().flatten() {
                changed(&name, change);
            }
            self.readiness.tell(Detail::Claims, self.claims.told());
            tokio::select! {
                () = self.beat.between_claims() => {}
                () = self.claims.asked() => {}
            }
        }
    }

    fn rivals(&self) -> Rivals {
        Rivals::new(self.release.clone(), self.beat.claim())
    }

    /// Renews or reads the claim on one tenant; its name, if something has changed.
    async fn renew(&self, tenant: &str, rivals: &mut Rivals) -> Option<(String, Change)> {
        let (claim, change) = match timeout(PATIENCE, self.claim_in_turn(tenant, rivals)).await {
            Ok(Ok(found)) => found?,
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
        let before = self.claims.of(tenant);
        let is_same = before.is_some_and(|before| before.reads_like(&claim));
        self.claims.set(tenant, claim);
        (change == Change::Regained || !is_same).then(|| (tenant.to_owned(), change))
    }

    /// The claim after some tries: the rest of the status is written at the same time.
    async fn claim_in_turn(&self, tenant: &str, rivals: &mut Rivals) -> Result<Attempted, Error> {
        for _ in 0..TRIES {
            let found = self.claim(tenant, rivals, Instant::now()).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The claim after one try; nothing if somebody else wrote at the same time, or the tenant is gone.
    async fn claim(
        &self,
        tenant: &str,
        rivals: &mut Rivals,
        asked: Instant,
    ) -> Result<Attempted, Error> {
        let store = ClaimStore::new(self.client.clone());
        let Some(stored) = store.read(tenant).await? else {
            return Ok(None);
        };
        if rivals.begins_anew(&stored)
            && let Some(term) = self.claims.term(tenant)
        {
            term.end();
        }
        match rivals.judge(&stored, Instant::now()) {
            Occupancy::Vanished(last) => Ok(Some(waits_for((&last).into()))),
            Occupancy::Another { acting, waits } => {
                // Whoever cannot sign in would be no help, and asks nobody to make room.
                if waits == ThirdParty::Absent && self.has_credential(tenant).await {
                    let claim = self.with_us_waiting(&acting);
                    store.write(tenant, &stored, &claim).await?;
                }
                Ok(Some(waits_for((&acting).into())))
            }
            Occupancy::Free(Some(waiting)) if !self.has_credential(tenant).await => {
                // The other release can, or it would not wait; it takes over when this claim runs out.
                Ok(Some(waits_for((&waiting).into())))
            }
            Occupancy::Free(waiting) => {
                let since = stored
                    .acting
                    .as_ref()
                    .filter(|acting| rivals.is_ours(acting));
                let since = since.map(|acting| acting.since.clone());
                let claim = self.ours(since, waiting.clone());
                let written = store.write(tenant, &stored, &claim).await?;
                let waiting = waiting.as_ref().map(Release::from);
                Ok(written.map(|written| self.held(tenant, &written, asked, waiting)))
            }
        }
    }

    /// What is held now that the claim is written, which was asked for at an instant.
    fn held(
        &self,
        tenant: &str,
        written: &StoredClaim,
        asked: Instant,
        waiting: Option<Release>,
    ) -> (TenantClaim, Change) {
        let of = written.uid.clone();
        // One term for as long as the claim is held: whoever asks it sees each renewal.
        let known = match self.claims.of(tenant) {
            Some(TenantClaim::Held {
                of: known, term, ..
            }) if known == of => Some(term),
            _ => None,
        };
        let change = match &known {
            // Whatever was broken off as it ran short goes on.
            Some(term) if term.outlasts(LONGEST_WRITE) => Change::Told,
            _ => Change::Regained,
        };
        let term = known.unwrap_or_else(|| Term::until(asked));
        term.prolong(asked + self.beat.claim());
        (TenantClaim::Held { of, term, waiting }, change)
    }

    /// Whether this release can read the tenant, and what it would sign in with. If Kubernetes does not say, it is taken to be there.
    async fn has_credential(&self, tenant: &str) -> bool {
        let Some(tenant) = self.stores.tenants.get(&ObjectRef::new(tenant)) else {
            return false;
        };
        if lenient::fault(&*tenant).is_some() {
            return false;
        }
        let read = entra::fingerprint(&self.client, &self.home, &tenant).await;
        !read.is_err_and(|error| error.is_settled())
    }

    fn ours(&self, since: Option<Time>, waiting: Option<WaitingOperator>) -> ActingOperator {
        let renewed = self.now();
        ActingOperator {
            namespace: self.release.namespace.clone(),
            lease: self.release.lease.clone(),
            since: since.unwrap_or_else(|| renewed.clone()),
            renewed_at: renewed,
            duration_seconds: self.duration_seconds(),
            waiting,
        }
    }

    fn with_us_waiting(&self, acting: &ActingOperator) -> ActingOperator {
        ActingOperator {
            waiting: Some(WaitingOperator {
                namespace: self.release.namespace.clone(),
                lease: self.release.lease.clone(),
                renewed_at: self.now(),
                duration_seconds: self.duration_seconds(),
            }),
            ..acting.clone()
        }
    }

    fn duration_seconds(&self) -> i64 {
        i64::try_from(self.beat.claim().as_secs()).unwrap_or(i64::MAX)
    }

    fn now(&self) -> Time {
        let now = self.clock.now();
        Time(Timestamp::from_second(now.as_second()).unwrap_or(now))
    }
}

/// How this release stands to a tenant after a try, and what has changed by it.
type Attempted = Option<(TenantClaim, Change)>;

fn waits_for(acting: Release) -> (TenantClaim, Change) {
    (TenantClaim::Waiting { acting }, Change::Told)
}
