//! Puts the operator together: ports, watches, controllers, servers. The one place where production and the in-process
//! harness differ is what they hand to [`Ports`].

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::adapters::clock::{SharedClock, SystemClock};
use crate::adapters::cluster;
use crate::adapters::counting::Counted;
use crate::adapters::entra::{Connector, Network};
use crate::adapters::events::Events;
use crate::adapters::status::Statuses;
use crate::controllers;
use crate::controllers::connections::Connections;
use crate::controllers::context::{Context, Jitter};
use crate::controllers::notes::Notes;
use crate::controllers::watches::Waker;
use crate::settings::Settings;
use crate::telemetry::http::{self, Servers};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;

/// Why the operator cannot start, or stops on its own.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster cannot be reached at all.
    #[error(
        "no client for the cluster: {0}; run inside a cluster, or let KUBECONFIG name a usable configuration"
    )]
    Cluster(#[source] Box<kube::Error>),
    /// The ports for metrics and probes cannot be used.
    #[error(transparent)]
    Servers(#[from] http::Error),
}

/// How the operator reaches the outside.
pub struct Ports {
    /// Client of the Kubernetes API server.
    pub client: Client,
    /// Opens connections to tenants.
    pub connector: Arc<dyn Connector>,
    /// Source of the current time, which dates conditions.
    pub clock: SharedClock,
    /// Spreads what would otherwise happen at once.
    pub jitter: Jitter,
}

impl Ports {
    /// The ports of production. Requests to Kubernetes are counted.
    pub async fn production(metrics: &Metrics) -> Result<Self, Error> {
        let client = cluster::connect(Counted(metrics.clone())).await;
        let client = client.map_err(|error| Error::Cluster(Box::new(error)))?;
        Ok(Self {
            client,
            connector: Arc::new(Network),
            clock: Arc::new(SystemClock),
            jitter: Arc::new(rand::random::<f64>),
        })
    }
}

/// What the operator must know of its own pod and of its limits.
#[derive(Debug, Clone)]
pub struct OperatorIdentity {
    /// The namespace of its pod, where it reads secrets.
    pub namespace: String,
    /// The name of its pod.
    pub pod: String,
    /// Objects worked on at once by each controller.
    pub concurrency: u16,
}

/// How long passes that run may take to finish when the operator is asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// A running set of controllers. Dropping it stops them at their next pause.
pub struct Running {
    controllers: JoinSet<()>,
    /// Held so that the watches end with the controllers.
    _watches: JoinSet<()>,
    stop: CancellationToken,
}

impl Running {
    /// Waits until one of the controllers ends, which none should before it is asked to.
    pub async fn ended(&mut self) {
        self.controllers.join_next().await;
    }

    /// Begins nothing more, and gives what runs a moment to finish and to write its status.
    pub async fn finish(mut self) {
        self.stop.cancel();
        let finished = async { while self.controllers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            tracing::warn!(
                "a pass did not finish in time and is cut off; the next start goes on where it stood"
            );
        }
    }
}

/// Starts the watches and all controllers.
pub fn start(
    ports: Ports,
    identity: OperatorIdentity,
    metrics: Metrics,
    readiness: &Readiness,
) -> Running {
    let (mut controllers, mut watches) = (JoinSet::new(), JoinSet::new());
    let stop = CancellationToken::new();
    let caches = readiness.gate("the kinds of entra-pim.dev are served and read");
    let (stores, changes) = cluster::watch_all(&ports.client, &mut watches);
    let (waker, woken) = Waker::new();
    let connections = Connections::new(
        ports.client.clone(),
        identity.namespace,
        ports.connector,
        metrics.clone(),
        identity.concurrency,
    );
    let context = Arc::new(Context {
        statuses: Statuses::new(ports.client.clone()),
        events: Events::new(ports.client.clone(), Arc::clone(&ports.clock), identity.pod),
        connections,
        client: ports.client,
        stores: stores.clone(),
        clock: ports.clock,
        jitter: ports.jitter,
        metrics,
        waker: waker.clone(),
        stop: stop.clone(),
        concurrency: identity.concurrency,
        notes: Notes::default(),
    });
    controllers::start(&context, woken, &mut controllers);
    watches.spawn(async move {
        if stores.wait_until_ready().await.is_ok() {
            caches.open();
            tracing::info!("caches are filled, work begins");
            controllers::watches::follow(waker, stores, changes).await;
        }
    });
    Running {
        controllers,
        _watches: watches,
        stop,
    }
}

/// Runs the operator until it is asked to stop.
pub async fn run(settings: Settings) -> Result<(), Error> {
    let (metrics, readiness) = (Metrics::new(settings.object_metrics), Readiness::default());
    let servers = Servers::bind(settings.metrics_address, settings.probes_address).await?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(servers.serve(
        metrics.clone(),
        readiness.clone(),
        stop.clone().cancelled_owned(),
    ));
    let ports = Ports::production(&metrics).await?;
    let identity = OperatorIdentity {
        namespace: settings.namespace,
        pod: settings.pod_name,
        concurrency: settings.concurrency,
    };
    let mut running = start(ports, identity, metrics, &readiness);
    tokio::select! {
        () = asked_to_stop() => tracing::info!("asked to stop"),
        () = running.ended() => tracing::error!("a controller ended by itself; the process ends so that it is started anew"),
    }
    running.finish().await;
    stop.cancel();
    let _ = serving.await;
    Ok(())
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
