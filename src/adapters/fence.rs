//! A write starts only while the term of this process outlasts it: one layer around each of the two ports, so that no controller
//! has to think of it. Reads are free at any time. What has left cannot be called back, and is harmless by identity.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use entra_client::{DispatchSettings, OperationEffect, Transport, TransportError};
use http::{Method, Request, Response};
use kube::Client;
use kube::client::Body;
use tower::{BoxError, service_fn};

use super::entra::{Connector, Error};
use crate::election::claims::TenantClaims;
use crate::election::{LONGEST_WRITE, Term};
use crate::telemetry::metrics::{FencedPort, Metrics};

/// Why a write did not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Withheld {
    /// The Lease is lost or about to run out.
    #[error("this replica does not hold the Lease any more, or not long enough for a write")]
    Lease,
    /// The claim on the tenant is lost or about to run out.
    #[error("this release does not act for the tenant any more, or not long enough for a write")]
    Claim,
}

/// Why a write to Kubernetes has no answer.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", LONGEST_WRITE.as_secs())]
struct Late;

/// Lets writes pass only in a term, and to a tenant only while it is claimed.
#[derive(Clone)]
pub struct TermFence {
    term: Term,
    claims: TenantClaims,
    metrics: Metrics,
}

impl TermFence {
    /// The fence of a term.
    pub fn new(term: Term, claims: TenantClaims, metrics: Metrics) -> Self {
        Self {
            term,
            claims,
            metrics,
        }
    }

    fn check_lease(&self, write: Duration) -> Result<(), Withheld> {
        let lasts = self.term.outlasts(write);
        lasts.then_some(()).ok_or(Withheld::Lease)
    }

    fn check_claim(&self, tenant: &str, write: Duration) -> Result<(), Withheld> {
        let term = self.claims.term(tenant);
        let lasts = term.is_some_and(|term| term.outlasts(write));
        lasts.then_some(()).ok_or(Withheld::Claim)
    }

    fn count(&self, port: FencedPort, checked: Result<(), Withheld>) -> Result<(), Withheld> {
        if checked.is_err() {
            self.metrics.fenced_write(port);
        }
        checked
    }

    /// A client of the cluster whose writes pass here.
    pub fn cluster(&self, client: Client) -> Client {
        let (fence, namespace) = (self.clone(), client.default_namespace().to_owned());
        let service = service_fn(move |request: Request<Body>| {
            let (fence, client) = (fence.clone(), client.clone());
            async move {
                if request.method() == Method::GET {
                    return client.send(request).await.map_err(BoxError::from);
                }
                fence.count(FencedPort::Kubernetes, fence.check_lease(LONGEST_WRITE))?;
                let answer = tokio::time::timeout(LONGEST_WRITE, client.send(request)).await;
                answer.map_err(|_| Late)?.map_err(BoxError::from)
            }
        });
        Client::new(service, namespace)
    }

    /// A way to tenants whose writes pass here.
    pub fn connector(&self, inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
        let fence = self.clone();
        Arc::new(FencedConnector { inner, fence })
    }
}

struct FencedConnector {
    inner: Arc<dyn Connector>,
    fence: TermFence,
}

impl Connector for FencedConnector {
    fn transport(&self, tenant: &str, additional_ca: &[u8]) -> Result<Arc<dyn Transport>, Error> {
        Ok(Arc::new(FencedTransport {
            inner: self.inner.transport(tenant, additional_ca)?,
            tenant: tenant.to_owned(),
            fence: self.fence.clone(),
            write: DispatchSettings::default().write_deadline,
        }))
    }
}

struct FencedTransport {
    inner: Arc<dyn Transport>,
    tenant: String,
    fence: TermFence,
    write: Duration,
}

#[async_trait]
impl Transport for FencedTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        // What does not say that it only reads is taken for a write.
        if request.extensions().get() != Some(&OperationEffect::Read) {
            let lease = self.fence.check_lease(self.write);
            let checked = lease.and_then(|()| self.fence.check_claim(&self.tenant, self.write));
            let passed = self.fence.count(FencedPort::Tenant, checked);
            passed.map_err(|withheld| TransportError::Withheld(withheld.to_string()))?;
        }
        self.inner.send(request).await
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::Api;
    use kube::api::PostParams;
    use memory_cluster::MemoryCluster;
    use tokio::time::Instant;

    use super::*;
    use crate::telemetry::metrics::ObjectSeries;

    /// Takes whatever comes.
    struct Taker;

    #[async_trait]
    impl Transport for Taker {
        async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            Ok(Response::new(Bytes::new()))
        }
    }

    impl Connector for Taker {
        fn transport(&self, _: &str, _: &[u8]) -> Result<Arc<dyn Transport>, Error> {
            Ok(Arc::new(Self))
        }
    }

    fn fence(lease: u64, claim: Option<u64>) -> (TermFence, Metrics) {
        let term = |seconds| Term::until(Instant::now() + Duration::from_secs(seconds));
        let claims = TenantClaims::default();
        if let Some(claim) = claim {
            claims.hold("contoso", "uid", term(claim));
        }
        let metrics = Metrics::new(ObjectSeries::Enabled);
        (
            TermFence::new(term(lease), claims, metrics.clone()),
            metrics,
        )
    }

    /// Whether the tenant gets a request that says this of itself.
    async fn arrives(fence: &TermFence, effect: Option<OperationEffect>) -> bool {
        let transport = fence
            .connector(Arc::new(Taker))
            .transport("contoso", b"")
            .unwrap();
        let mut request = Request::new(Bytes::new());
        if let Some(effect) = effect {
            request.extensions_mut().insert(effect);
        }
        match transport.send(request).await {
            Ok(_) => true,
            Err(TransportError::Withheld(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_to_a_tenant_begins_only_while_lease_and_claim_outlast_it() {
        let write = Some(OperationEffect::Write);
        for (lease, claim, passes) in [
            (15, Some(60), true),
            (8, Some(60), false),
            (0, Some(60), false),
            (15, Some(8), false),
            (15, None, false),
        ] {
            let (fence, metrics) = fence(lease, claim);
            assert_eq!(arrives(&fence, write).await, passes, "{lease} {claim:?}");
            assert_eq!(
                arrives(&fence, None).await,
                passes,
                "what says nothing is a write"
            );
            assert!(arrives(&fence, Some(OperationEffect::Read)).await);
            let counted = r#"entra_pim_fenced_writes_total{port="tenant"} 2"#;
            assert_eq!(metrics.encode().unwrap().contains(counted), !passes);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_to_kubernetes_begins_only_while_the_lease_outlasts_it_and_reads_always_do() {
        for (lease, passes) in [(15, true), (8, false)] {
            let cluster = MemoryCluster::new([]).unwrap();
            let (fence, metrics) = fence(lease, None);
            let objects: Api<ConfigMap> = Api::default_namespaced(fence.cluster(cluster.client()));
            assert!(objects.get_opt("one").await.unwrap().is_none());
            let mut one = ConfigMap::default();
            one.metadata.name = Some("one".to_owned());
            let made = objects.create(&PostParams::default(), &one).await;
            assert_eq!(made.is_ok(), passes, "{made:?}");
            assert_eq!(objects.get_opt("one").await.unwrap().is_some(), passes);
            let counted = r#"entra_pim_fenced_writes_total{port="kubernetes"} 1"#;
            assert_eq!(metrics.encode().unwrap().contains(counted), !passes);
        }
    }
}
