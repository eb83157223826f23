//! Counts the requests to Kubernetes: a layer around the service below [`kube::Client`].

use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use kube::client::Body;
use tower::{Layer, Service};

use crate::telemetry::metrics::Metrics;

/// Puts counting around a service.
pub struct Counted(pub Metrics);

/// A service whose requests are counted.
pub struct Counting<S> {
    inner: S,
    metrics: Metrics,
}

impl<S> Layer<S> for Counted {
    type Service = Counting<S>;

    fn layer(&self, inner: S) -> Counting<S> {
        let metrics = self.0.clone();
        Counting { inner, metrics }
    }
}

impl<S, Answer> Service<Request<Body>> for Counting<S>
where
    S: Service<Request<Body>, Response = Response<Answer>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    Answer: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (metrics, method) = (self.metrics.clone(), request.method().clone());
        let answer = self.inner.call(request);
        let counted = answer.map(move |answer| {
            let status = answer.as_ref().ok().map(Response::status);
            metrics.kubernetes_request(&method, status);
            answer
        });
        counted.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use k8s_openapi::api::core::v1::Secret;
    use kube::Api;
    use kube::client::ClientBuilder;

    use super::*;
    use crate::telemetry::metrics::ObjectSeries;

    #[tokio::test]
    async fn a_request_is_counted_by_method_and_answer() {
        let metrics = Metrics::new(ObjectSeries::Enabled);
        let refuses = tower::service_fn(|_: Request<Body>| async {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = http::StatusCode::NOT_FOUND;
            Ok::<_, Infallible>(answer)
        });
        let client = ClientBuilder::new(refuses, "default")
            .with_layer(&Counted(metrics.clone()))
            .build();
        let secrets: Api<Secret> = Api::default_namespaced(client);
        assert!(secrets.get("credential").await.is_err());
        let page = metrics.encode().unwrap();
        let series = r#"rest_client_requests_total{code="404",method="GET"} 1"#;
        assert!(page.contains(series), "{page}");
    }
}
