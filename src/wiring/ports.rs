//! How the operator reaches the outside, and what it must know of itself.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;

use crate::adapters::Jitter;
use crate::adapters::clock::{SharedClock, SystemClock};
use crate::adapters::cluster;
use crate::adapters::counting::Counted;
use crate::adapters::credentials::Home;
use crate::adapters::entra::{Connector, Network};
use crate::telemetry::http;
use crate::telemetry::metrics::Metrics;

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
    /// Where it runs, and finds what it signs in with.
    pub home: Home,
    /// The name of its pod.
    pub pod: String,
    /// The name of the Lease, in its namespace, that all replicas of its release stand for.
    pub lease: String,
    /// How long the Lease holds without a renewal.
    pub lease_duration: Duration,
    /// What tells this process from every other one, as holder of the Lease.
    pub instance: String,
    /// Objects worked on at once by each controller.
    pub concurrency: u16,
    /// How often tenants are asked what has changed in their groups.
    pub hints_every: Duration,
}
