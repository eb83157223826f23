//! The world of one test: a cluster in memory, a tenant called as a function, an operator that can be killed and
//! started again, and one clock for all of them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use entra_client::{Transport, TransportError};
use entra_pim_operator::adapters::clock::Clock;
use entra_pim_operator::adapters::entra::{Connector, Error as ConnectError};
use entra_pim_operator::telemetry::metrics::{Metrics, ObjectSeries};
use entra_pim_operator::telemetry::readiness::Readiness;
use entra_pim_operator::wiring::{self, Identity, Ports, Running};
use entra_sim::{Config, Profile, Seed, Simulator};
use jiff::Timestamp;
use serde_json::{Value, json};
use testenv::memory::MemoryCluster;
use tokio::time::Instant;

/// When the world begins.
const BEGIN: &str = "2026-11-21T08:00:00Z";

/// How long a test waits for a fact, in the world's time.
const PATIENCE: Duration = Duration::from_secs(900);

/// One clock for cluster, tenant and operator: it runs with tokio's, which jumps when nobody has anything to do.
#[derive(Clone)]
pub struct WorldClock {
    begin: Timestamp,
    started: Instant,
}

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.begin.checked_add(self.started.elapsed()).unwrap()
    }
}

/// Calls the tenant as a function.
struct Direct(Simulator);

#[async_trait]
impl Transport for Direct {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let answer = self.0.call(request).await;
        answer.map_err(|dropped| TransportError::Interrupted(dropped.to_string()))
    }
}

impl Connector for Direct {
    fn transport(&self, _: &[u8]) -> Result<Arc<dyn Transport>, ConnectError> {
        Ok(Arc::new(Self(self.0.clone())))
    }
}

/// The world of one test.
pub struct World {
    pub cluster: MemoryCluster,
    pub tenant: Simulator,
    pub clock: WorldClock,
    operator: Option<Running>,
    starts: usize,
}

impl World {
    /// A world with the demo's tenant under the profile `ideal`, and a tenant object and secret in the cluster. No operator runs yet.
    pub fn new() -> Self {
        Self::with(Profile::Ideal, &[])
    }

    pub fn with(profile: Profile, overrides: &[(&str, &str)]) -> Self {
        Self::seeded(Seed::default(), profile, overrides)
    }

    /// A world whose tenant holds something else than the demo's.
    pub fn seeded(seed: Seed, profile: Profile, overrides: &[(&str, &str)]) -> Self {
        // `RUST_LOG=debug cargo test ... -- --nocapture` shows what the operator says.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let clock = WorldClock {
            begin: BEGIN.parse().unwrap(),
            started: Instant::now(),
        };
        let (sim_clock, cluster_clock) = (clock.clone(), clock.clone());
        let tenant = Simulator::new(Config {
            profile,
            overrides: overrides
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            seed,
            clock: entra_sim::Clock::from_fn(Arc::new(move || sim_clock.now())),
            ..Config::default()
        })
        .unwrap();
        let cluster = MemoryCluster::new(pim_api::all_crds())
            .unwrap()
            .with_clock(Arc::new(move || cluster_clock.now()));
        let world = Self {
            cluster,
            tenant,
            clock,
            operator: None,
            starts: 0,
        };
        for namespace in ["entra-pim-system", "exchange"] {
            world.cluster.create_namespace(namespace).unwrap();
        }
        world.apply(&json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "entra-credential", "namespace": "entra-pim-system"},
            "data": {"clientSecret": "Y29udG9zby1kZW1vLXNlY3JldA=="},
        }));
        world.apply(&json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EntraTenant", "metadata": {"name": "contoso"},
            "spec": {
                "tenantId": "11111111-1111-4111-8111-111111111111", "installation": "demo",
                "credential": {"clientSecret": {
                    "clientId": "22222222-2222-4222-8222-222222222222",
                    "secretRef": {"name": "entra-credential", "key": "clientSecret"},
                }},
            },
        }));
        world
    }

    /// Starts the operator, or starts it anew after [`World::kill`].
    pub fn start(&mut self) {
        self.starts += 1;
        let chance: Arc<dyn Fn() -> f64 + Send + Sync> = Arc::new(|| 0.5);
        let ports = Ports {
            client: self
                .cluster
                .client_named(&format!("operator-{}", self.starts)),
            connector: Arc::new(Direct(self.tenant.clone())),
            clock: Arc::new(self.clock.clone()),
            chance,
        };
        let identity = Identity {
            namespace: "entra-pim-system".to_owned(),
            pod: "operator-0".to_owned(),
            concurrency: 16,
        };
        let metrics = Metrics::new(ObjectSeries::Enabled);
        self.operator = Some(wiring::start(
            ports,
            identity,
            metrics,
            &Readiness::default(),
        ));
    }

    /// Kills the operator between two instructions: nothing is finished, nothing is cleaned up.
    pub fn kill(&mut self) {
        self.operator = None;
    }

    /// Applies a manifest as kubectl does.
    pub fn apply(&self, manifest: &Value) -> Value {
        self.cluster.apply(manifest.clone()).unwrap()
    }

    /// Applies files as kubectl does.
    pub fn apply_yaml(&self, yaml: &str) {
        self.cluster.apply_yaml(yaml).unwrap();
    }

    /// The status of a condition, with its reason.
    pub fn condition(
        &self,
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        condition: &str,
    ) -> Option<(String, String, String)> {
        let object = self.cluster.get(kind, namespace, name)?;
        let conditions = object["status"]["conditions"].as_array()?.clone();
        let found = conditions
            .into_iter()
            .find(|candidate| candidate["type"] == condition)?;
        if found["observedGeneration"] != object["metadata"]["generation"] {
            return None;
        }
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        Some((text("status"), text("reason"), text("message")))
    }

    /// Waits for a fact, in the world's time; the error says what was waited for.
    pub async fn until(&self, what: &str, mut fact: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(50);
        while !fact(self) {
            assert!(
                Instant::now() < deadline,
                "never came: {what}\n{}",
                self.summary()
            );
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Waits until every object of ours in a namespace is Ready.
    pub async fn until_ready(&self, namespace: &str) {
        self.until(&format!("everything in {namespace} Ready"), |world| {
            let mine = world.ours(namespace);
            !mine.is_empty()
                && mine.iter().all(|(kind, name)| {
                    world
                        .condition(kind, Some(namespace), name, "Ready")
                        .is_some_and(|(status, ..)| status == "True")
                })
        })
        .await;
    }

    /// Kinds and names of our objects in a namespace.
    pub fn ours(&self, namespace: &str) -> Vec<(String, String)> {
        let objects = self.cluster.objects().into_iter();
        objects
            .filter(|object| {
                object["apiVersion"] == "entra-pim.dev/v1alpha1"
                    && object["metadata"]["namespace"] == namespace
            })
            .map(|object| {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (text(&object["kind"]), text(&object["metadata"]["name"]))
            })
            .collect()
    }

    /// How everything stands, for a failed test.
    pub fn summary(&self) -> String {
        let mut lines = Vec::new();
        for object in self.cluster.objects() {
            if object["apiVersion"] != "entra-pim.dev/v1alpha1" {
                continue;
            }
            let conditions = object["status"]["conditions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let ready = conditions
                .iter()
                .find(|condition| condition["type"] == "Ready")
                .cloned()
                .unwrap_or_default();
            lines.push(format!(
                "{} {}: {} {} {}",
                object["kind"],
                object["metadata"]["name"],
                ready["status"],
                ready["reason"],
                ready["message"]
            ));
        }
        for entry in self.tenant.journal().iter().rev().take(25).rev() {
            lines.push(format!(
                "{} {} {} {} {:?} {:?}",
                entry.at, entry.operation, entry.status, entry.path, entry.code, entry.effects
            ));
        }
        lines.join("\n")
    }
}
