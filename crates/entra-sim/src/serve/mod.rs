//! The simulator over TLS, with its admin API beside it.

mod admin;
mod certificates;
mod error;
mod listener;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::simulator::Simulator;

pub use error::ServeError;

/// The addresses of a server, and the names in its certificate.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Address of the TLS endpoints; port 0 = a free one.
    pub listen: SocketAddr,
    /// Address of the admin API, plain HTTP; port 0 = a free one.
    pub admin: SocketAddr,
    /// Names and addresses in the certificate beside `localhost` and the loopback addresses.
    pub names: Vec<String>,
}

impl Default for ServeOptions {
    /// Free ports of the loopback interface.
    fn default() -> Self {
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            listen: loopback,
            admin: loopback,
            names: Vec::new(),
        }
    }
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    /// `https://host:port` of the token endpoint.
    pub authority_url: String,
    /// `https://host:port` of Graph, without the version.
    pub graph_url: String,
    /// `https://host:port` of the metadata that Azure CLI and Terraform read.
    pub resource_manager_url: String,
    /// `http://host:port` of the admin API.
    pub admin_url: String,
    /// The certificate of the authority that signed the server's, in PEM form.
    pub ca_pem: String,
    _stop: DropGuard,
}

/// How often a server lets time do its work when nobody asks anything.
const TICK: Duration = Duration::from_secs(1);

impl Simulator {
    /// Serves the tenant over TLS until the server is dropped.
    pub async fn serve(&self, options: ServeOptions) -> Result<Server, ServeError> {
        let certificates = certificates::issue(&options.names)?;
        let (listener, address) = bind(options.listen).await?;
        let (admin_listener, admin_address) = bind(options.admin).await?;
        let stop = CancellationToken::new();
        tokio::spawn(listener::run(
            self.clone(),
            listener,
            certificates.server,
            stop.clone(),
        ));
        tokio::spawn(admin::run(self.clone(), admin_listener, stop.clone()));
        tokio::spawn(tick(self.clone(), stop.clone()));
        let url = format!("https://{}", shown(address));
        Ok(Server {
            authority_url: url.clone(),
            graph_url: url.clone(),
            resource_manager_url: url,
            admin_url: format!("http://{}", shown(admin_address)),
            ca_pem: certificates.authority_pem,
            _stop: stop.drop_guard(),
        })
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Loopback goes by its name, which certificates and clients prefer.
fn shown(address: SocketAddr) -> String {
    if address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

async fn tick(simulator: Simulator, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(TICK))
        .await
        .is_some()
    {
        simulator.tick();
    }
}
