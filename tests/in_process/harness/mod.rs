//! The world of one test: a cluster in memory, a tenant called as a function, an operator that can be killed and
//! started again, and one clock for all of them. Facts about it are asked in `objects`, waited for in `waiting` and
//! described in `describe`; what an external actor does in the tenant is in `external_actor` and `policies`, and what
//! they do in the middle of a story in `deeds`; what happens to writes on their way is in `line`, what the tenant does
//! wrong in `faults`.

mod clock;
mod deeds;
mod describe;
mod external_actor;
mod faults;
mod line;
mod listed;
mod objects;
mod permissions;
mod policies;
mod replicas;
mod schedules;
mod waiting;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use entra_client::{Recorder, Services};
use entra_pim_operator::adapters::credentials::Home;
use entra_pim_operator::adapters::entra;
use entra_pim_operator::settings::USUAL_WORKERS;
use entra_pim_operator::telemetry::metrics::{Metrics, ObjectSeries};
use entra_pim_operator::telemetry::readiness::Readiness;
use entra_pim_operator::wiring::{self, OperatorIdentity, Ports, Running};
use entra_sim::faults::{FaultEffect, Match};
use entra_sim::{Config, Profile, Seed, Simulator};
use jiff::SignedDuration;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use memory_cluster::MemoryCluster;
use pim_api::EntraTenant;
use serde_json::json;

pub use clock::WorldClock;
pub use describe::Descriptions;
pub use external_actor::{APPLICATION, ExternalActor, text};
pub use faults::{always, answer, operation, refuse, refuse_with};
pub use line::{Deed, FaultPoint, Line, Mode};
pub use objects::{is_event, manifest};
pub use permissions::OPERATOR;
pub use policies::PRE_APPROVAL;
pub use replicas::{Port, Release, Replicas};
pub use schedules::days;
pub use wire::SWALLOWS;
use wire::{GraphWire, KubeWire};

/// The namespace of the story.
pub const NAMESPACE: &str = "exchange";

/// The Lease of the operator.
const LEASE: &str = "entra-pim-operator";

/// The namespace of the operator.
pub const HOME: &str = "entra-pim-system";

/// Where an operator in a namespace finds what it signs in with: there is no token of a service account.
fn home(namespace: &str) -> Home {
    Home {
        namespace: namespace.to_owned(),
        federated_token: PathBuf::new(),
    }
}

/// How often the operator asks what has changed, unless a test is about that.
const SELDOM: Duration = Duration::from_hours(3);

/// The secret that signs in, in Base64.
pub const SECRET: &str = "Y29udG9zby1kZW1vLXNlY3JldA==";

/// One that does not any more: `last-years-secret`.
pub const OUTDATED_SECRET: &str = "bGFzdC15ZWFycy1zZWNyZXQ=";

/// The demo's people and groups, read once.
pub fn demo() -> Seed {
    static SEED: LazyLock<Seed> = LazyLock::new(Seed::default);
    SEED.clone()
}

/// The kinds that the cluster serves, made once.
static KINDS: LazyLock<Vec<CustomResourceDefinition>> = LazyLock::new(pim_api::all_crds);

/// How a world differs from the usual one.
#[derive(Default)]
pub struct Setup<'a> {
    /// Defaults of the tenant's behaviours; `None` = ideal.
    pub profile: Option<Profile>,
    /// Behaviours set over the profile.
    pub overrides: Vec<(&'a str, &'a str)>,
    /// What the tenant holds at the start; `None` = the demo's people and groups.
    pub seed: Option<Seed>,
    /// How late every list shows every write.
    pub lag: Option<SignedDuration>,
    /// How far the tenant's clock is ahead of everybody else's.
    pub ahead: SignedDuration,
    /// How often the operator asks what has changed; `None` = so seldom that stories which last for days are told soon.
    pub hints_every: Option<Duration>,
}

/// Nobody listens to what the client does.
struct Silent;

impl Recorder for Silent {}

/// The world of one test.
pub struct World {
    pub cluster: MemoryCluster,
    pub tenant: Simulator,
    pub clock: WorldClock,
    pub line: Line,
    lag: Option<SignedDuration>,
    hints_every: Duration,
    external_actor: OnceLock<ExternalActor>,
    operator: Mutex<Option<Running>>,
    metrics: Mutex<Option<Metrics>>,
}

impl World {
    /// A world with the demo's tenant without its delays, and a tenant object and secret in the cluster. No operator
    /// runs yet.
    pub fn new() -> Self {
        Self::with(Setup::default())
    }

    /// A world whose tenant holds something else than the demo's.
    pub fn seeded(seed: Seed, profile: Profile, overrides: &[(&str, &str)]) -> Self {
        Self::with(Setup {
            profile: Some(profile),
            overrides: overrides.to_vec(),
            seed: Some(seed),
            ..Setup::default()
        })
    }

    /// A world whose tenant has other behaviours than the usual one.
    pub fn behaving(overrides: &[(&str, &str)]) -> Self {
        Self::with(Setup {
            overrides: overrides.to_vec(),
            ..Setup::default()
        })
    }

    /// A world that differs from the usual one.
    pub fn with(setup: Setup<'_>) -> Self {
        // `RUST_LOG=debug cargo test ... -- --nocapture` shows what the operator says.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .try_init();
        let clock = WorldClock::start();
        let (of_tenant, ahead) = (clock.clone(), setup.ahead);
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let tenant = Simulator::new(Config {
            profile: setup.profile.unwrap_or(Profile::Ideal),
            overrides: setup.overrides.into_iter().map(own).collect(),
            seed: setup.seed.unwrap_or_else(demo),
            clock: entra_sim::Clock::from_fn(Arc::new(move || of_tenant.time() + ahead)),
            ..Config::default()
        })
        .unwrap();
        let hints_every = setup.hints_every.unwrap_or(SELDOM);
        Self::around(tenant, clock, setup.lag, hints_every)
    }

    /// A world with the tenant and the clock of another one, and a cluster that was built anew.
    pub fn beside(other: &Self) -> Self {
        let (tenant, clock) = (other.tenant.clone(), other.clock.clone());
        Self::around(tenant, clock, other.lag, other.hints_every)
    }

    fn around(
        tenant: Simulator,
        clock: WorldClock,
        lag: Option<SignedDuration>,
        hints_every: Duration,
    ) -> Self {
        let of_cluster = clock.clone();
        let cluster = MemoryCluster::new(KINDS.iter().cloned())
            .unwrap()
            .with_clock(Arc::new(move || of_cluster.time()));
        let world = Self {
            cluster,
            tenant,
            clock,
            line: Line::default(),
            lag,
            hints_every,
            external_actor: OnceLock::new(),
            operator: Mutex::default(),
            metrics: Mutex::default(),
        };
        for namespace in [HOME, NAMESPACE] {
            world.cluster.create_namespace(namespace).unwrap();
        }
        world.connect_tenant();
        world.clear_faults();
        world
    }

    /// How late every list shows every write.
    pub fn lag(&self) -> Duration {
        self.lag
            .map_or(Duration::ZERO, SignedDuration::unsigned_abs)
    }

    /// The tenant does nothing wrong from now on, and lags as it always did.
    pub fn clear_faults(&self) {
        let faults = self.tenant.faults();
        faults.clear();
        if let Some(lag) = self.lag {
            faults.add(faults::lists_lag(lag));
        }
    }

    /// The tenant does this to whatever matches, until its faults are cleared.
    pub fn fault(&self, matches: Match, effect: FaultEffect) {
        self.tenant.faults().add(always(matches, effect));
    }

    /// Sets the secret of the operator's application, in Base64.
    pub fn set_secret(&self, value: &str) {
        self.set_secret_in(HOME, value);
    }

    /// Another namespace where the operator can be installed.
    pub fn add_home(&self, namespace: &str) {
        self.cluster.create_namespace(namespace).unwrap();
        self.set_secret_in(namespace, SECRET);
    }

    fn set_secret_in(&self, namespace: &str, value: &str) {
        self.apply(&json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "entra-credential", "namespace": namespace},
            "data": {"clientSecret": value},
        }));
    }

    /// Deletes the Secret that holds the credential.
    pub fn remove_secret(&self) {
        let deleted = self
            .cluster
            .delete("Secret", Some(HOME), "entra-credential");
        deleted.unwrap();
    }

    fn connect_tenant(&self) {
        self.set_secret(SECRET);
        self.declare_tenant();
    }

    /// Declares the tenant, as it stands at the beginning.
    pub fn declare_tenant(&self) {
        self.apply(&json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "EntraTenant", "metadata": {"name": "contoso"},
            "spec": {
                "tenantId": "11111111-1111-4111-8111-111111111111", "installation": "demo",
                "credential": {"clientSecret": {
                    "clientId": OPERATOR,
                    "secretRef": {"name": "entra-credential", "key": "clientSecret"},
                }},
            },
        }));
    }

    /// The clients of the tenant, signed in as the operator is.
    pub async fn services(&self) -> Services {
        let found = self.object("EntraTenant", "contoso").unwrap();
        let tenant: EntraTenant = serde_json::from_value(found).unwrap();
        let cluster = self.cluster.client();
        let home = home(HOME);
        let made_from = entra::fingerprint(&cluster, &home, &tenant).await.unwrap();
        let wire = GraphWire::new(self.tenant.clone(), self.line.begin_life());
        entra::connect(&tenant, &made_from, &wire, Arc::new(Silent)).unwrap()
    }

    /// Starts the operator, or starts it anew after [`World::kill`].
    pub fn start(&self) {
        let life = self.line.begin_life();
        let kube = KubeWire::new(self.cluster.service(), life.clone());
        let ports = Ports {
            client: kube::Client::new(kube, "default"),
            connector: Arc::new(GraphWire::new(self.tenant.clone(), life.clone())),
            clock: Arc::new(self.clock.clone()),
            jitter: Arc::new(|| 0.5),
        };
        let identity = OperatorIdentity {
            home: home(HOME),
            pod: "operator-0".to_owned(),
            lease: LEASE.to_owned(),
            // Without a rival nobody cares how often it is renewed, and stories that last for days are told sooner.
            lease_duration: Duration::from_hours(1),
            instance: format!("operator-0_{}", life.number()),
            concurrency: USUAL_WORKERS,
            hints_every: self.hints_every,
        };
        let metrics = Metrics::new(ObjectSeries::Enabled);
        *self.metrics.lock().unwrap() = Some(metrics.clone());
        let running = wiring::start(ports, identity, metrics, &Readiness::default());
        *self.operator.lock().unwrap() = Some(running);
    }

    /// What a scraper of the operator sees.
    pub fn metrics(&self) -> String {
        let metrics = self.metrics.lock().unwrap();
        metrics.as_ref().unwrap().encode().unwrap()
    }

    /// Kills the operator between two instructions: nothing is finished, nothing is cleaned up, nothing that it left
    /// behind reaches anybody.
    pub fn kill(&self) {
        self.line.end_life();
        self.operator.lock().unwrap().take();
        // Nobody needs to wait for what is surely gone.
        if self.cluster.get("Lease", Some(HOME), LEASE).is_some() {
            self.cluster.delete("Lease", Some(HOME), LEASE).unwrap();
        }
    }
}

impl Drop for World {
    /// Whatever a test is about: every body that went to and fro must have been as published, and what is said of objects as
    /// the reference has it.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.tenant.violations(), Vec::<String>::new());
            assert_eq!(self.unlisted(), Vec::<String>::new());
        }
    }
}
