//! Several operators in one world. Each can be killed, stopped as by SIGSTOP, cut off from the API server, from the tenant or
//! from both, and has a clock of its own. Every write that reaches anybody is held against the Lease as the API server has it at
//! that instant.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use entra_client::{Transport, TransportError};
use entra_pim_operator::adapters::clock::Clock;
use entra_pim_operator::adapters::entra::{Connector, Error as ConnectError};
use entra_pim_operator::settings::USUAL_WORKERS;
use entra_pim_operator::telemetry::metrics::{Metrics, ObjectSeries};
use entra_pim_operator::telemetry::readiness::Readiness;
use entra_pim_operator::wiring::{self, OperatorIdentity, Ports, Running};
use entra_sim::Simulator;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use http::{Method, Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use jiff::{SignedDuration, Timestamp};
use kube::client::Body;
use memory_cluster::{MemoryCluster, MemoryService};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::watch;
use tower::{BoxError, Service};

use super::wire::{Broke, is_claim, is_election, writes};
use super::{HOME, LEASE, Line, World, WorldClock, home};

/// What a replica is cut off from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    Kubernetes,
    Tenant,
}

/// How a process does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Health {
    #[default]
    Running,
    Stopped,
    Dead,
}

#[derive(Clone, Copy, Default)]
struct Condition {
    health: Health,
    without_kubernetes: bool,
    without_tenant: bool,
    without_claims: bool,
    /// Watches that were opened before this one say nothing any more.
    stalled_before: usize,
    /// How long a request to the tenant may be on its way, at most.
    on_the_way: Duration,
}

impl Condition {
    fn lets_pass(self, port: Port) -> bool {
        let is_cut_off = match port {
            Port::Kubernetes => self.without_kubernetes,
            Port::Tenant => self.without_tenant,
        };
        self.health == Health::Running && !is_cut_off
    }
}

/// The gate between one process and everybody else.
#[derive(Clone)]
struct Gate {
    condition: Arc<watch::Sender<Condition>>,
    /// How many answers to reads have come through.
    opened: Arc<AtomicUsize>,
}

impl Gate {
    fn new() -> Self {
        let (condition, _) = watch::channel(Condition::default());
        Self {
            condition: Arc::new(condition),
            opened: Arc::default(),
        }
    }

    fn now(&self) -> Condition {
        *self.condition.borrow()
    }

    fn change(&self, change: impl FnOnce(&mut Condition)) {
        self.condition.send_modify(change);
    }

    async fn until_open(&self, port: Port) {
        let mut condition = self.condition.subscribe();
        // The sender lives as long as the gate.
        let _ = condition.wait_for(|now| now.lets_pass(port)).await;
    }

    /// Whether something passes at once. What had to wait here has not left a process that could not leave anything: it is
    /// told that the connection broke, and never arrives.
    async fn passes(&self, port: Port) -> bool {
        let is_open = self.now().lets_pass(port);
        self.until_open(port).await;
        is_open
    }
}

/// One operator.
pub struct Replica {
    number: usize,
    gate: Gate,
    clock: SkewedClock,
    running: Option<Running>,
    metrics: Metrics,
    instance: String,
}

/// All operators of one release, and what they have written against the rules.
pub struct Replicas<'a> {
    world: &'a World,
    release: Release,
    processes: AtomicUsize,
    all: Vec<Replica>,
    written: Written,
}

/// Where a release is installed.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    pub namespace: &'static str,
    pub lease: &'static str,
    /// How long its Lease holds.
    pub lasts: Duration,
}

impl Release {
    /// The one that every test has.
    pub const USUAL: Self = Self {
        namespace: HOME,
        lease: LEASE,
        lasts: Duration::from_secs(15),
    };
}

/// What the processes of a release have written.
#[derive(Clone, Default)]
struct Written {
    /// How many requests that change something have reached the tenant.
    to_tenant: Arc<AtomicUsize>,
    /// How many requests that change something, but for the election and events, have reached the API server.
    to_kubernetes: Arc<AtomicUsize>,
    /// Writes of a process that did not hold the Lease, or of a release that had not claimed the tenant.
    strays: Arc<Mutex<Vec<String>>>,
}

impl<'a> Replicas<'a> {
    /// So many of a release, all started.
    pub fn start(world: &'a World, release: Release, count: usize) -> Self {
        let mut replicas = Self {
            world,
            release,
            processes: AtomicUsize::new(0),
            all: Vec::new(),
            written: Written::default(),
        };
        for number in 0..count {
            let replica = replicas.process(number);
            replicas.all.push(replica);
        }
        replicas
    }

    fn process(&self, number: usize) -> Replica {
        let process = self.processes.fetch_add(1, Ordering::SeqCst);
        let instance = format!("operator-{number}_{process}");
        let gate = Gate::new();
        let clock = SkewedClock {
            true_clock: self.world.clock.clone(),
            skew: Arc::default(),
        };
        let judge = Judge {
            cluster: self.world.cluster.clone(),
            clock: self.world.clock.clone(),
            line: self.world.line.clone(),
            release: self.release,
            instance: instance.clone(),
            written: self.written.clone(),
        };
        let kubernetes = KubernetesGate {
            server: self.world.cluster.service(),
            gate: gate.clone(),
            judge: judge.clone(),
        };
        let tenant = TenantGate {
            tenant: self.world.tenant.clone(),
            gate: gate.clone(),
            judge,
            random: Arc::new(Mutex::new(StdRng::seed_from_u64(process as u64))),
        };
        let jitter = Mutex::new(StdRng::seed_from_u64(process as u64));
        let ports = Ports {
            client: kube::Client::new(kubernetes, "default"),
            connector: Arc::new(tenant),
            clock: Arc::new(clock.clone()),
            jitter: Arc::new(move || jitter.lock().unwrap().random()),
        };
        let identity = OperatorIdentity {
            home: home(self.release.namespace),
            pod: format!("operator-{number}"),
            lease: self.release.lease.to_owned(),
            lease_duration: self.release.lasts,
            instance: instance.clone(),
            concurrency: USUAL_WORKERS,
            hints_every: self.world.hints_every,
        };
        let metrics = Metrics::new(ObjectSeries::Enabled);
        let running = wiring::start(ports, identity, metrics.clone(), &Readiness::default());
        Replica {
            number,
            gate,
            clock,
            running: Some(running),
            metrics,
            instance,
        }
    }

    /// How many there are, running or not.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Writes of processes that did not hold the Lease, or while another release had claimed the tenant, in words.
    pub fn strays(&self) -> Vec<String> {
        self.written.strays.lock().unwrap().clone()
    }

    /// How many requests of this release that change something have reached the tenant.
    pub fn writes_to_tenant(&self) -> usize {
        self.written.to_tenant.load(Ordering::SeqCst)
    }

    /// How many requests of this release that change something, but for the election and events, have reached the API server.
    pub fn writes_to_kubernetes(&self) -> usize {
        self.written.to_kubernetes.load(Ordering::SeqCst)
    }

    /// Which replica holds the Lease, as the API server has it.
    pub fn leader(&self) -> Option<usize> {
        let holder = holder(&self.world.cluster, self.release)?;
        self.all.iter().position(|one| one.instance == holder)
    }

    /// Kills one, as a node that fails does.
    pub fn kill(&mut self, number: usize) {
        let replica = &mut self.all[number];
        replica.gate.change(|now| now.health = Health::Dead);
        replica.running = None;
    }

    /// Starts one again that was killed or has ended.
    pub fn restart(&mut self, number: usize) {
        self.all[number] = self.process(number);
    }

    /// Asks one to end, and waits until it has.
    pub async fn terminate(&mut self, number: usize) {
        if let Some(running) = self.all[number].running.take() {
            running.finish().await;
        }
    }

    /// Stops one as SIGSTOP does.
    pub fn stop(&self, number: usize) {
        self.change(number, |now| now.health = Health::Stopped);
    }

    /// Has one go on that was stopped.
    pub fn go_on(&self, number: usize) {
        self.change(number, |now| now.health = Health::Running);
    }

    /// Cuts one off, or heals the connection.
    pub fn set_cut_off(&self, number: usize, port: Port, is_cut_off: bool) {
        self.change(number, |now| match port {
            Port::Kubernetes => now.without_kubernetes = is_cut_off,
            Port::Tenant => now.without_tenant = is_cut_off,
        });
    }

    /// Has the watches that one has say nothing any more, without a word, or go on. What it opens anew is not concerned.
    pub fn set_stalled(&self, number: usize, is_stalled: bool) {
        let opened = self.all[number].gate.opened.load(Ordering::SeqCst);
        self.change(number, |now| {
            now.stalled_before = if is_stalled { opened } else { 0 };
        });
    }

    /// Has the API server refuse what one writes as claim, and nothing else.
    pub fn refuse_claims(&self, number: usize, is_refused: bool) {
        self.change(number, |now| now.without_claims = is_refused);
    }

    /// Sets how long what one sends to the tenant may be on its way, at most.
    pub fn set_on_the_way(&self, number: usize, at_most: Duration) {
        self.change(number, |now| now.on_the_way = at_most);
    }

    /// Sets by how much the clock of one is wrong.
    pub fn skew(&self, number: usize, skew: SignedDuration) {
        *self.all[number].clock.skew.lock().unwrap() = skew;
    }

    /// How many of those that run say of themselves that they write.
    pub fn masters(&self) -> usize {
        let lease = self.release.lease;
        let series = format!("leader_election_master_status{{name=\"{lease}\"}} 1");
        let says_so = |replica: &&Replica| {
            let page = replica.metrics.encode().unwrap();
            replica.running.is_some() && page.lines().any(|line| line == series)
        };
        self.all.iter().filter(says_so).count()
    }

    fn change(&self, number: usize, change: impl FnOnce(&mut Condition)) {
        let replica = &self.all[number];
        assert_eq!(replica.number, number);
        replica.gate.change(change);
    }
}

/// Who holds the Lease, as the API server has it.
fn holder(cluster: &MemoryCluster, release: Release) -> Option<String> {
    let lease = cluster.get("Lease", Some(release.namespace), release.lease)?;
    Some(lease["spec"]["holderIdentity"].as_str()?.to_owned())
}

/// Which release has claimed the tenant, as the API server has it, by its namespace and the name of its Lease.
fn claimant(cluster: &MemoryCluster) -> Option<(String, String)> {
    let tenant = cluster.get("EntraTenant", None, "contoso")?;
    let operator = &tenant["status"]["operator"];
    let part = |name: &str| Some(operator[name].as_str()?.to_owned());
    Some((part("namespace")?, part("lease")?))
}

/// A clock that is wrong by something.
#[derive(Clone)]
struct SkewedClock {
    true_clock: WorldClock,
    skew: Arc<Mutex<SignedDuration>>,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        self.true_clock.time() + *self.skew.lock().unwrap()
    }
}

/// Holds every write against the Lease.
#[derive(Clone)]
struct Judge {
    cluster: MemoryCluster,
    clock: WorldClock,
    line: Line,
    release: Release,
    instance: String,
    written: Written,
}

impl Judge {
    /// Something is written that only the holder of the Lease writes.
    fn hold_against_lease(&self, what: &str) {
        let holder = holder(&self.cluster, self.release);
        if holder.as_deref() != Some(&self.instance) {
            self.stray(&format!("{what} while {holder:?} holds the Lease"));
        }
    }

    /// Something is written that only the release writes that has claimed the tenant. A claim that was wiped, or stood on an
    /// object that is gone, may still be held.
    fn hold_against_claim(&self, what: &str) {
        let ours = (self.release.namespace, self.release.lease);
        let claimant = claimant(&self.cluster);
        if claimant
            .as_ref()
            .is_some_and(|(namespace, lease)| (namespace.as_str(), lease.as_str()) != ours)
        {
            self.stray(&format!("{what} while {claimant:?} has claimed the tenant"));
        }
    }

    fn stray(&self, what: &str) {
        let line = format!("{} {}: {what}", self.clock.time(), self.instance);
        self.written.strays.lock().unwrap().push(line);
    }

    fn write_to_tenant(&self, what: &str) {
        self.written.to_tenant.fetch_add(1, Ordering::SeqCst);
        self.hold_against_lease(what);
        self.hold_against_claim(what);
    }

    /// The election itself writes before it is decided, and whoever waits tells so in an event.
    fn write_to_kubernetes(&self, method: &Method, uri: &Uri) {
        if is_election(uri) {
            return self.line.count_election();
        }
        let what = format!("{method} {}", uri.path());
        self.hold_against_lease(&what);
        if !uri.path().contains("/events") {
            self.written.to_kubernetes.fetch_add(1, Ordering::SeqCst);
            self.hold_against_claim(&what);
        }
    }
}

#[derive(Clone)]
struct TenantGate {
    tenant: Simulator,
    gate: Gate,
    judge: Judge,
    random: Arc<Mutex<StdRng>>,
}

impl Connector for TenantGate {
    fn transport(&self, _: &str, _: &[u8]) -> Result<Arc<dyn Transport>, ConnectError> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Transport for TenantGate {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let broke = || TransportError::Interrupted("the connection broke".to_owned());
        if !self.gate.passes(Port::Tenant).await {
            return Err(broke());
        }
        let at_most = self.gate.now().on_the_way;
        if !at_most.is_zero() {
            let part = self.random.lock().unwrap().random::<f64>();
            tokio::time::sleep(at_most.mul_f64(part)).await;
        }
        for (_, write) in writes(&request) {
            self.judge.write_to_tenant(&write);
        }
        let answer = self.tenant.call(request).await;
        if !self.gate.passes(Port::Tenant).await {
            return Err(broke());
        }
        answer.map_err(|dropped| TransportError::Interrupted(dropped.to_string()))
    }
}

#[derive(Clone)]
struct KubernetesGate {
    server: MemoryService,
    gate: Gate,
    judge: Judge,
}

impl Service<Request<Body>> for KubernetesGate {
    type Response = Response<UnsyncBoxBody<Bytes, Infallible>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self {
            mut server,
            gate,
            judge,
        } = self.clone();
        async move {
            if !gate.passes(Port::Kubernetes).await {
                return Err(Broke.into());
            }
            let is_claim = request.method() != Method::GET && is_claim(request.uri());
            if is_claim && gate.now().without_claims {
                return Err(Broke.into());
            }
            if request.method() != Method::GET {
                judge.write_to_kubernetes(request.method(), request.uri());
            }
            let answer = server.call(request).await?;
            if !gate.passes(Port::Kubernetes).await {
                return Err(Broke.into());
            }
            Ok(answer.map(|body| StreamBody::new(held_up(body, gate)).boxed_unsync()))
        }
        .boxed()
    }
}

/// What a watch says waits at the gate, too.
fn held_up<B>(
    body: B,
    gate: Gate,
) -> impl futures::Stream<Item = Result<http_body::Frame<Bytes>, B::Error>> + Send
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    let number = gate.opened.fetch_add(1, Ordering::SeqCst);
    BodyStream::new(body).then(move |frame| {
        let mut condition = gate.condition.subscribe();
        async move {
            let passes =
                |now: &Condition| now.lets_pass(Port::Kubernetes) && now.stalled_before <= number;
            // The sender lives as long as the gate.
            let _ = condition.wait_for(passes).await;
            frame
        }
    })
}
