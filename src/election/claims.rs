//! Which tenants this release acts for, as far as it is known in this process. Releases do not see each other's Leases, so each
//! says on the cluster-wide `EntraTenant` that it acts. How that is said and kept up is the business of `keeper`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kube::ResourceExt;
use parking_lot::Mutex;
use pim_api::{ActingOperator, EntraTenant, WaitingOperator};
use tokio::sync::Notify;

use super::term::{LONGEST_WRITE, Term};
use crate::adapters::wish::{Uid, uid};

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
        /// The object that was claimed: another one under its name is another tenant.
        of: Uid,
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

impl TenantClaim {
    /// Whether two say the same to people.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Held { waiting, .. }, Self::Held { waiting: other, .. }) => waiting == other,
            (Self::Waiting { acting }, Self::Waiting { acting: other }) => acting == other,
            _ => false,
        }
    }
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

    /// Whether this release acts for the tenant that it knows by this name.
    pub fn acts_for(&self, tenant: &str) -> bool {
        self.term(tenant)
            .is_some_and(|term| !term.remaining().is_zero())
    }

    /// Does some work as long as this release acts for a tenant, and breaks it off before a write could outlast that; nothing
    /// if it did not come to its end.
    pub async fn while_held<T>(
        &self,
        tenant: &EntraTenant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let term = self.held(tenant)?;
        tokio::select! {
            biased;
            () = term.too_short_for(LONGEST_WRITE) => None,
            done = work => Some(done),
        }
    }

    fn held(&self, tenant: &EntraTenant) -> Option<Term> {
        match self.of(&tenant.name_any())? {
            TenantClaim::Held { of, term, .. } if of == uid(tenant) => Some(term),
            _ => None,
        }
    }

    /// The time in which this release may write to the tenant that it knows by this name.
    pub fn term(&self, tenant: &str) -> Option<Term> {
        match self.of(tenant)? {
            TenantClaim::Held { term, .. } => Some(term),
            TenantClaim::Waiting { .. } => None,
        }
    }

    /// Notes that this release acts for a tenant, and nobody else would.
    #[cfg(test)]
    pub fn hold(&self, tenant: &str, of: &str, term: Term) {
        let (of, waiting) = (Uid(of.to_owned()), None);
        self.set(tenant, TenantClaim::Held { of, term, waiting });
    }

    /// Has the claims looked after at once: a tenant has come or gone.
    pub fn ask(&self) {
        self.0.asked.notify_one();
    }

    pub(super) async fn asked(&self) {
        self.0.asked.notified().await;
    }

    /// Notes how this release stands to a tenant. What was held otherwise before is over.
    pub(super) fn set(&self, tenant: &str, claim: TenantClaim) {
        let mut claims = self.0.claims.lock();
        if let Some(TenantClaim::Held { term: before, .. }) = claims.get(tenant)
            && !matches!(&claim, TenantClaim::Held { term, .. } if term.is(before))
        {
            before.end();
        }
        claims.insert(tenant.to_owned(), claim);
    }

    /// Forgets all tenants but these, ends what was held of the others, and says which those are.
    pub(super) fn retain(&self, names: &HashSet<String>) -> Vec<String> {
        let mut claims = self.0.claims.lock();
        let gone = claims.extract_if(|name, _| !names.contains(name));
        gone.map(|(name, claim)| {
            if let TenantClaim::Held { term, .. } = claim {
                term.end();
            }
            name
        })
        .collect()
    }

    /// What people are told, tenant by tenant.
    pub fn told(&self) -> Vec<String> {
        let claims = self.0.claims.lock();
        let mut lines: Vec<String> = claims
            .iter()
            .map(|(tenant, claim)| match claim {
                TenantClaim::Held { term, .. } if term.remaining().is_zero() => {
                    format!("EntraTenant {tenant}: this release acted, and its claim has run out")
                }
                TenantClaim::Held { waiting: None, .. } => {
                    format!("EntraTenant {tenant}: this release acts")
                }
                TenantClaim::Held {
                    waiting: Some(other),
                    ..
                } => format!("EntraTenant {tenant}: this release acts, and {other} waits"),
                TenantClaim::Waiting { acting } => {
                    format!("EntraTenant {tenant}: {acting} acts, and this release waits")
                }
            })
            .collect();
        lines.sort();
        lines
    }
}

/// What a change of a claim means for those who work on the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// This release acts for the tenant, and did not a moment ago: what it knows of it may be old.
    Regained,
    /// There is something to tell.
    Told,
}
