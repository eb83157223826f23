//! The two ways out of the operator, without sockets: to the tenant and to Kubernetes. Both ask the line what happens
//! to a write. A batch is struck item by item: the service may have executed only the first of them.

use std::future::pending;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use entra_client::{Transport, TransportError};
use entra_pim_operator::adapters::entra::{Connector, Error as ConnectError};
use entra_sim::Simulator;
use entra_sim::faults::{FaultEffect, Match, Rule, Traffic};
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Method, Request, Response, Uri};
use jiff::SignedDuration;
use kube::client::Body;
use memory_cluster::MemoryService;
use serde_json::Value;
use tower::{BoxError, Service};

use super::line::{Life, Mode};

/// For how long reads do not show a write that is shown late: less than the minute after which an absence is believed.
const LATE: SignedDuration = SignedDuration::from_secs(20);

/// A host that swallows whatever is sent to it.
pub const SWALLOWS: &str = "dead.example";

/// The way to the tenant.
#[derive(Clone)]
pub struct GraphWire {
    tenant: Simulator,
    life: Life,
}

/// A write of a request: its place among the items of the batch, and what happens at it.
struct Struck {
    item: usize,
    mode: Mode,
}

impl GraphWire {
    pub fn new(tenant: Simulator, life: Life) -> Self {
        Self { tenant, life }
    }

    /// Counts the writes of a request up to the first that is struck.
    fn judge(&self, writes: &[(usize, String)]) -> Option<Struck> {
        writes.iter().find_map(|(item, what)| {
            let mode = self.life.judge(|| what.clone())?;
            Some(Struck { item: *item, mode })
        })
    }

    async fn deliver(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.uri().host() == Some(SWALLOWS) {
            return pending().await;
        }
        let answer = self.tenant.call(request).await;
        if !self.life.is_on() {
            return pending().await;
        }
        answer.map_err(|dropped| TransportError::Interrupted(dropped.to_string()))
    }

    async fn strike(
        &self,
        request: Request<Bytes>,
        struck: Struck,
    ) -> Result<Response<Bytes>, TransportError> {
        let broke = || TransportError::Interrupted("the connection broke".to_owned());
        match struck.mode {
            Mode::KilledBefore => {
                if let Some(request) = first_items(&request, struck.item) {
                    let _ = self.tenant.call(request).await;
                }
                pending().await
            }
            Mode::KilledAfter => {
                if let Some(request) = first_items(&request, struck.item + 1) {
                    let _ = self.tenant.call(request).await;
                }
                pending().await
            }
            Mode::AnswerLost => {
                if let Some(request) = first_items(&request, struck.item + 1) {
                    let _ = self.tenant.call(request).await;
                }
                Err(broke())
            }
            Mode::Doubled => {
                let answer = self.deliver(request.clone()).await;
                let _ = self.tenant.call(request).await;
                answer
            }
            Mode::ShownLate => {
                self.tenant.faults().add(Rule {
                    matches: Match {
                        traffic: Some(Traffic::Writes),
                        ..Match::default()
                    },
                    skip: u32::try_from(struck.item).unwrap(),
                    count: Some(1),
                    effect: FaultEffect::Lag {
                        duration: LATE,
                        reads: None,
                    },
                });
                self.deliver(request).await
            }
            Mode::ByHand(_) => self.deliver(request).await,
        }
    }
}

#[async_trait]
impl Transport for GraphWire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if !self.life.is_on() {
            return pending().await;
        }
        match self.judge(&writes(&request)) {
            None => self.deliver(request).await,
            Some(struck) => self.strike(request, struck).await,
        }
    }
}

impl Connector for GraphWire {
    fn transport(&self, _: &str, _: &[u8]) -> Result<Arc<dyn Transport>, ConnectError> {
        Ok(Arc::new(self.clone()))
    }
}

fn is_batch(request: &Request<Bytes>) -> bool {
    request.uri().path().ends_with("/$batch")
}

/// A POST for a token or for objects by their ids changes nothing.
fn changes(method: &str, path: &str) -> bool {
    method != "GET" && !path.ends_with("/getByIds") && !path.ends_with("/token")
}

/// The writes of a request, with their places. A batch holds either reads or writes.
pub(super) fn writes(request: &Request<Bytes>) -> Vec<(usize, String)> {
    if !is_batch(request) {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let write = changes(method, path).then(|| (0, format!("{method} {path}")));
        return write.into_iter().collect();
    }
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let items = body["requests"].as_array().into_iter().flatten();
    items
        .enumerate()
        .filter_map(|(place, item)| {
            let (method, url) = (item["method"].as_str()?, item["url"].as_str()?);
            changes(method, url).then(|| (place, format!("{method} {url}")))
        })
        .collect()
}

/// The request with so many of its items; none if nothing is left.
fn first_items(request: &Request<Bytes>, count: usize) -> Option<Request<Bytes>> {
    if count == 0 {
        return None;
    }
    let mut request = request.clone();
    if is_batch(&request) {
        let mut body: Value = serde_json::from_slice(request.body()).unwrap();
        body["requests"].as_array_mut().unwrap().truncate(count);
        *request.body_mut() = Bytes::from(body.to_string());
    }
    Some(request)
}

/// Whether a request is about who may write: the Lease, or the claim on a tenant.
pub(super) fn is_election(uri: &Uri) -> bool {
    uri.path().contains("/coordination.k8s.io/") || is_claim(uri)
}

/// Whether a request is about the claim on a tenant.
pub(super) fn is_claim(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    query.contains("fieldManager=entra-pim-operator-claim")
}

/// The connection to Kubernetes, which a test can cut.
#[derive(Clone)]
pub struct KubeWire {
    server: MemoryService,
    life: Life,
}

impl KubeWire {
    pub fn new(server: MemoryService, life: Life) -> Self {
        Self { server, life }
    }
}

/// Why a request to Kubernetes has no answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke")]
pub(super) struct Broke;

impl Service<Request<Body>> for KubeWire {
    type Response = <MemoryService as Service<Request<Body>>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self { mut server, life } = self.clone();
        async move {
            if !life.is_on() {
                return pending().await;
            }
            // The election renews on its own beat, whatever a story is about; what can happen to it has tests of its own.
            let is_election = is_election(request.uri());
            let changes = request.method() != Method::GET;
            if changes && is_election {
                life.line().count_election();
            }
            let is_write = changes && !is_election;
            let mode = is_write
                .then(|| life.judge(|| format!("{} {}", request.method(), request.uri().path())))
                .flatten();
            match mode {
                Some(Mode::KilledBefore) => pending().await,
                Some(Mode::KilledAfter) => {
                    let _ = server.call(request).await;
                    pending().await
                }
                Some(Mode::AnswerLost) => {
                    let _ = server.call(request).await;
                    Err(Broke.into())
                }
                // Nobody repeats a request to the API server, and it shows late only what is watched.
                None | Some(Mode::Doubled | Mode::ShownLate | Mode::ByHand(_)) => {
                    let answer = server.call(request).await;
                    if !life.is_on() {
                        return pending().await;
                    }
                    answer
                }
            }
        }
        .boxed()
    }
}
