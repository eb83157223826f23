//! Accepts TLS connections and hands their requests to the simulator.
//!
//! A dropped answer is a connection that closes (HTTP/1.1) or a stream that is reset (HTTP/2) without a response: hyper
//! does so when the service fails.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::simulator::{Dropped, MAXIMUM_BODY, Simulator};

pub(super) async fn run(
    simulator: Simulator,
    listener: TcpListener,
    config: Arc<ServerConfig>,
    stop: CancellationToken,
) {
    let acceptor = TlsAcceptor::from(config);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            continue;
        };
        let connection = connection(simulator.clone(), acceptor.clone(), stream);
        let stop = stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(connection).await });
    }
}

async fn connection(simulator: Simulator, acceptor: TlsAcceptor, stream: TcpStream) {
    // Answers are small; waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let stream = match acceptor.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(%error, "a TLS handshake failed");
            return;
        }
    };
    simulator.count_handshake();
    let service = service_fn(move |request: Request<Incoming>| {
        let simulator = simulator.clone();
        async move { answer(&simulator, request).await }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    if let Err(error) = builder
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(error, "a connection ended");
    }
}

async fn answer(
    simulator: &Simulator,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    // A body that breaks off or is too large is a connection to end.
    let body = Limited::new(body, MAXIMUM_BODY)
        .collect()
        .await
        .map_err(|_| Dropped)?
        .to_bytes();
    let response = simulator.call(Request::from_parts(parts, body)).await?;
    Ok(response.map(Full::new))
}
