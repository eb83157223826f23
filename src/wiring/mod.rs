//! Puts the operator together: ports, watches, controllers, servers. The one place where production and the in-process
//! harness differ is what they hand to [`Ports`].

mod ports;
mod terms;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::adapters::cluster;
use crate::adapters::credentials::Home;
use crate::adapters::lease::LeaseStore;
use crate::controllers::hints;
use crate::election::{Beat, Elector};
use crate::settings::Settings;
use crate::telemetry::http::Servers;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::readiness::Readiness;
pub use ports::{Error, OperatorIdentity, Ports};
use terms::Terms;

/// A running operator. Dropping it stops everything at its next pause.
pub struct Running {
    terms: JoinSet<()>,
    /// Held so that the watches end with the controllers.
    _watches: JoinSet<()>,
    stop: CancellationToken,
}

impl Running {
    /// Waits until the operator ends by itself, which it should not before it is asked to.
    pub async fn ended(&mut self) {
        self.terms.join_next().await;
    }

    /// Begins nothing more, gives what runs a moment to finish and to write its status, and lets go of the Lease.
    pub async fn finish(mut self) {
        self.stop.cancel();
        while self.terms.join_next().await.is_some() {}
    }
}

/// Starts the watches and stands for election; the controllers start with the first term.
pub fn start(
    ports: Ports,
    identity: OperatorIdentity,
    metrics: Metrics,
    readiness: &Readiness,
) -> Running {
    let (mut terms, mut watches) = (JoinSet::new(), JoinSet::new());
    let stop = CancellationToken::new();
    let caches = readiness.gate("the kinds of entra-pim.dev are served and read");
    let (stores, changes) = cluster::watch_all(&ports.client, &mut watches);
    let lease = LeaseStore::new(
        ports.client.clone(),
        &identity.home.namespace,
        &identity.lease,
    );
    let elector = Elector::new(
        lease,
        identity.instance.clone(),
        Beat::of(identity.lease_duration, Arc::clone(&ports.jitter)),
        Arc::clone(&ports.clock),
        metrics.clone(),
        readiness.clone(),
    );
    let all = Terms {
        ports,
        identity,
        metrics,
        readiness: readiness.clone(),
        stores: stores.clone(),
        changes,
        elector,
        stop: stop.clone(),
    };
    let asked = stop.clone();
    terms.spawn(async move {
        if let Some(Ok(())) = asked.run_until_cancelled(stores.wait_until_ready()).await {
            caches.open();
            tracing::info!("caches are filled");
            all.run().await;
        }
    });
    Running {
        terms,
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
        home: Home {
            namespace: settings.namespace,
            federated_token: settings.federated_token_file,
        },
        lease: settings.lease_name,
        lease_duration: Duration::from_secs(u64::from(settings.lease_duration)),
        // A container that is started again is another writer than the one before it.
        instance: format!("{}_{}", settings.pod_name, Uuid::new_v4()),
        pod: settings.pod_name,
        concurrency: settings.concurrency,
        hints_every: hints::EVERY,
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
