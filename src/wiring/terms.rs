//! Runs the controllers term by term: a replica that does not hold the Lease keeps its watches warm and does nothing else; one
//! that is elected starts the controllers with empty memory, and one that loses the Lease drops them with all they knew.
//! Which write may still start is decided by the fence alone.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ports::{OperatorIdentity, Ports};
use crate::adapters::Cluster;
use crate::adapters::confirmed::Confirmed;
use crate::adapters::events::Events;
use crate::adapters::fence::TermFence;
use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::narrow::narrow;
use crate::adapters::status::Statuses;
use crate::controllers;
use crate::controllers::connections::Connections;
use crate::controllers::context::Context;
use crate::controllers::notes::Notes;
use crate::controllers::slots::Slots;
use crate::controllers::watches::{self, Waker};
use crate::election::claims::{Release, TenantClaims};
use crate::election::keeper::ClaimKeeper;
use crate::election::{Beat, Elector, Term};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::{Detail, Readiness};

/// How long passes that run may take to finish when the operator is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What every term begins with.
pub(super) struct Terms {
    pub(super) ports: Ports,
    pub(super) identity: OperatorIdentity,
    pub(super) metrics: Metrics,
    pub(super) readiness: Readiness,
    pub(super) stores: Stores,
    pub(super) changes: mpsc::UnboundedReceiver<Manifest>,
    pub(super) elector: Elector,
    /// Cancelled when the operator is asked to stop.
    pub(super) stop: CancellationToken,
}

/// Why a term is over.
enum TermEnd {
    /// The Lease is lost.
    Lost,
    /// The operator is asked to stop, and nothing is under way any more.
    Finished,
    /// The operator ends although something may be under way: a pass did not finish in time, or a controller ended by itself,
    /// which none should. The Lease is not released but runs out, and by then every write has been answered or given up.
    CutOff,
}

impl Terms {
    /// Stands for election until the operator is asked to stop.
    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        while let Some(term) = stop.run_until_cancelled(self.standby()).await {
            let end = self.serve(&term).await;
            self.metrics.forget_objects();
            self.readiness.tell(Detail::Claims, Vec::new());
            match end {
                TermEnd::Lost => {}
                TermEnd::Finished => return self.elector.release(&term).await,
                TermEnd::CutOff => return,
            }
        }
    }

    /// Waits for the election. Whoever is elected reads everything anyway, so changes until then are dropped.
    async fn standby(&mut self) -> Term {
        let (elector, changes) = (&mut self.elector, &mut self.changes);
        let dropping = async {
            while changes.recv().await.is_some() {}
            pending::<Infallible>().await
        };
        tokio::select! {
            term = elector.elected() => term,
            never = dropping => match never {},
        }
    }

    /// Runs the controllers for a term.
    async fn serve(&mut self, term: &Term) -> TermEnd {
        let mut tasks = JoinSet::new();
        let (waker, woken) = Waker::new();
        let stop = CancellationToken::new();
        let claims = TenantClaims::default();
        let fence = TermFence::new(term.clone(), claims.clone(), self.metrics.clone());
        let fenced = fence.cluster(self.ports.client.clone());
        let context = Arc::new(self.context(&fence, narrow(fenced.clone()), claims, &waker, &stop));
        controllers::start(&context, woken, &mut tasks);
        tasks.spawn(self.claim(&context, fenced));
        let following = async {
            watches::follow(waker, self.stores.clone(), &mut self.changes).await;
            pending::<Infallible>().await
        };
        let holding = self.elector.hold(term);
        let finishing = async {
            tokio::select! {
                () = self.stop.cancelled() => {}
                _ = tasks.join_next() => return TermEnd::CutOff,
            }
            stop.cancel();
            let finished = async { while tasks.join_next().await.is_some() {} };
            if tokio::time::timeout(GRACE, finished).await.is_err() {
                tracing::warn!(
                    "a pass did not finish in time and is cut off; the next start goes on where it stood"
                );
                return TermEnd::CutOff;
            }
            TermEnd::Finished
        };
        let end = tokio::select! {
            end = finishing => end,
            () = holding => TermEnd::Lost,
            never = following => match never {},
        };
        stop.cancel();
        end
    }

    /// Keeps the claims on all tenants until the end of the term. Whose standing changes is woken with all its groups.
    fn claim(
        &self,
        context: &Arc<Context>,
        client: Cluster,
    ) -> impl Future<Output = ()> + Send + 'static {
        let context = Arc::clone(context);
        let keeper = ClaimKeeper {
            claims: context.claims.clone(),
            client,
            stores: self.stores.clone(),
            readiness: self.readiness.clone(),
            release: Release {
                namespace: self.identity.home.namespace.clone(),
                lease: self.identity.lease.clone(),
            },
            home: self.identity.home.clone(),
            clock: Arc::clone(&self.ports.clock),
            beat: Beat::of(self.identity.lease_duration, Arc::clone(&self.ports.jitter)),
        };
        async move {
            let changed = |tenant: &str, change| context.claim_changed(tenant, change);
            let keeping = keeper.keep(changed);
            context.stop.run_until_cancelled(keeping).await;
        }
    }

    /// What the controllers of a term share. They know nothing of an earlier one, and whatever they write passes the fence.
    fn context(
        &self,
        fence: &TermFence,
        client: Cluster,
        claims: TenantClaims,
        waker: &Waker,
        stop: &CancellationToken,
    ) -> Context {
        let connections = Connections::new(
            client.clone(),
            self.identity.home.clone(),
            fence.connector(Arc::clone(&self.ports.connector)),
            self.metrics.clone(),
        );
        Context {
            statuses: Statuses::new(client.clone()),
            events: Events::new(
                client.clone(),
                Arc::clone(&self.ports.clock),
                self.identity.pod.clone(),
            ),
            connections,
            slots: Slots::new(self.identity.concurrency),
            confirmed: Confirmed::new(client.clone(), self.stores.clone()),
            client,
            stores: self.stores.clone(),
            clock: Arc::clone(&self.ports.clock),
            jitter: Arc::clone(&self.ports.jitter),
            metrics: self.metrics.clone(),
            waker: waker.clone(),
            claims,
            stop: stop.clone(),
            concurrency: self.identity.concurrency,
            hints_every: self.identity.hints_every,
            notes: Notes::default(),
        }
    }
}
