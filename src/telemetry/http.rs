//! Serves metrics and answers probes, each on a port of its own: one is for Prometheus, the other for the kubelet.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use super::readiness::{GateVerdict, Readiness};

/// What a scraper is told (prometheus/OpenMetrics, specification 1.0, section "Protocol negotiation").
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long a request that runs may still take when the operator ends.
const GRACE: Duration = Duration::from_secs(2);

/// Why metrics and probes cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be had.
    #[error(
        "cannot listen for {what} on {address}: {source}; free the port or change --{what}-address"
    )]
    Listen {
        /// `metrics` or `probes`.
        what: &'static str,
        /// The address that was asked for.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Connections cannot be taken any more.
    #[error("the server for {what} has ended: {source}")]
    Serve {
        /// `metrics` or `probes`.
        what: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Both servers, bound and not serving yet.
#[derive(Debug)]
pub struct Servers {
    metrics: TcpListener,
    probes: TcpListener,
}

impl Servers {
    /// Binds both ports; nothing is served before the servers are run.
    pub async fn bind(metrics: SocketAddr, probes: SocketAddr) -> Result<Self, Error> {
        Ok(Self {
            metrics: listen("metrics", metrics).await?,
            probes: listen("probes", probes).await?,
        })
    }

    /// Where metrics are served, with the port that was given.
    pub fn metrics_address(&self) -> io::Result<SocketAddr> {
        self.metrics.local_addr()
    }

    /// Where probes are answered, with the port that was given.
    pub fn probes_address(&self) -> io::Result<SocketAddr> {
        self.probes.local_addr()
    }

    /// Serves until `shutdown`, and then as long as requests that run need, but not for long.
    pub async fn serve(
        self,
        metrics: Metrics,
        readiness: Readiness,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        let end = CancellationToken::new();
        let both = async {
            tokio::try_join!(
                run(
                    "metrics",
                    self.metrics,
                    metrics_router(metrics),
                    end.clone()
                ),
                run("probes", self.probes, probes_router(readiness), end.clone()),
            )
        };
        tokio::pin!(both);
        tokio::select! {
            ended = &mut both => return ended.map(drop),
            () = shutdown => end.cancel(),
        }
        tokio::time::timeout(GRACE, both)
            .await
            .map_or(Ok(()), |ended| ended.map(drop))
    }
}

async fn listen(what: &'static str, address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen {
            what,
            address,
            source,
        })
}

async fn run(
    what: &'static str,
    listener: TcpListener,
    router: Router,
    end: CancellationToken,
) -> Result<(), Error> {
    let server = axum::serve(listener, router).with_graceful_shutdown(end.cancelled_owned());
    server.await.map_err(|source| Error::Serve { what, source })
}

fn metrics_router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .with_state(metrics)
}

fn probes_router(readiness: Readiness) -> Router {
    // An answer at all is the proof that the event loop turns.
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(readiness)
}

async fn scrape(State(metrics): State<Metrics>) -> Response {
    match metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("metrics cannot be written: {error}\n"),
        )
            .into_response(),
    }
}

async fn ready(State(readiness): State<Readiness>) -> (StatusCode, String) {
    match readiness.verdict() {
        GateVerdict::Ready => {
            let told = readiness.details();
            let lines = std::iter::once("ok".to_owned()).chain(told);
            (StatusCode::OK, lines.map(|line| line + "\n").collect())
        }
        GateVerdict::Waiting(names) if names.is_empty() => {
            (StatusCode::SERVICE_UNAVAILABLE, "starting\n".to_owned())
        }
        GateVerdict::Waiting(names) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("waiting for {}\n", names.join(", ")),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::super::metrics::ObjectSeries;
    use super::super::readiness::Detail;
    use super::*;

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn both_servers_answer_until_they_are_told_to_end() {
        let servers = Servers::bind(ANY, ANY).await.unwrap();
        let (metrics, probes) = (
            servers.metrics_address().unwrap(),
            servers.probes_address().unwrap(),
        );
        let readiness = Readiness::default();
        let gate = readiness.gate("caches");
        let end = CancellationToken::new();
        let serving = servers.serve(
            Metrics::new(ObjectSeries::Enabled),
            readiness.clone(),
            end.clone().cancelled_owned(),
        );
        let serving = tokio::spawn(serving);

        let scraped = ask(metrics, "/metrics").await;
        assert!(scraped.starts_with("HTTP/1.1 200"), "{scraped}");
        assert!(
            scraped.contains(OPEN_METRICS) && scraped.trim_end().ends_with("# EOF"),
            "{scraped}"
        );
        assert!(ask(metrics, "/healthz").await.starts_with("HTTP/1.1 404"));

        assert!(ask(probes, "/healthz").await.starts_with("HTTP/1.1 200"));
        let waiting = ask(probes, "/readyz").await;
        assert!(
            waiting.starts_with("HTTP/1.1 503") && waiting.ends_with("waiting for caches\n"),
            "{waiting}"
        );
        gate.open();
        let lease = "Lease one: this replica stands by".to_owned();
        readiness.tell(Detail::Lease, vec![lease]);
        let ready = ask(probes, "/readyz").await;
        assert!(
            ready.starts_with("HTTP/1.1 200")
                && ready.ends_with("ok\nLease one: this replica stands by\n"),
            "{ready}"
        );

        end.cancel();
        serving.await.unwrap().unwrap();
        assert!(TcpStream::connect(probes).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_does_not_keep_the_servers_alive() {
        let servers = Servers::bind(ANY, ANY).await.unwrap();
        let mut stuck = TcpStream::connect(servers.probes_address().unwrap())
            .await
            .unwrap();
        stuck.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        let end = CancellationToken::new();
        let serving = servers.serve(
            Metrics::new(ObjectSeries::Enabled),
            Readiness::default(),
            end.clone().cancelled_owned(),
        );
        end.cancel();
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let taken = TcpListener::bind(ANY).await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = Servers::bind(ANY, address).await.unwrap_err().to_string();
        assert!(
            error.contains(&address.to_string()) && error.contains("--probes-address"),
            "{error}"
        );
    }
}
