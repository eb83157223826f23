//! A simulated tenant over TLS, and what a cluster has to hold so that the operator signs in to it: a Secret, a
//! certificate in a ConfigMap, an `EntraTenant`. Applying these is the caller's.

use bytes::Bytes;
use entra_sim::ids::{AppId, TenantId};
use entra_sim::seed::SeedApplication;
use entra_sim::{Config, Dropped, ServeError, ServeOptions, Server, Simulator};
use http::{Method, Request, Response, header};
use serde_json::{Value, json};

/// The Secret that holds the application's secret.
pub const SECRET: &str = "entra-credential";
/// The key in that Secret.
pub const SECRET_KEY: &str = "clientSecret";
/// The ConfigMap that holds certificates of simulated tenants.
pub const CONFIG_MAP: &str = "entra-ca";
/// Its key for the one tenant of the demo.
pub const CERTIFICATE_KEY: &str = "ca.crt";

/// The audience of tokens for Graph.
const GRAPH: &str = "https://graph.microsoft.com";

/// Why there is no simulated tenant, or no answer of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tenant cannot be made.
    #[error("the simulated tenant cannot be made: {0}")]
    Tenant(#[from] entra_sim::Error),
    /// The tenant cannot be served.
    #[error("the simulated tenant cannot be served: {0}")]
    Serve(#[from] ServeError),
    /// The seed names no application that could sign in.
    #[error("the seed has no application with a secret, so nobody could sign in: add one")]
    NoApplication,
    /// The request cannot be made.
    #[error("this is no request to Graph: {0}")]
    Request(#[from] http::Error),
    /// A scripted fault took the answer.
    #[error(transparent)]
    Dropped(#[from] Dropped),
}

/// A tenant that listens on loopback until it is dropped.
#[derive(Debug)]
pub struct SimulatedTenant {
    /// The tenant, to inspect it and to change it by hand.
    pub simulator: Simulator,
    /// The server on loopback that answers for the tenant.
    pub server: Server,
    application: AppId,
    secret: String,
}

impl SimulatedTenant {
    /// Makes a tenant and serves it on free ports. The first application of the seed that has a secret is the operator's.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let (application, secret) = config
            .seed
            .applications
            .iter()
            .find_map(credential)
            .ok_or(Error::NoApplication)?;
        let simulator = Simulator::new(config)?;
        let server = simulator.serve(ServeOptions::default()).await?;
        Ok(Self {
            simulator,
            server,
            application,
            secret,
        })
    }

    /// The id of the tenant.
    pub fn tenant_id(&self) -> TenantId {
        self.simulator.tenant_id()
    }

    /// The client id of the operator's application.
    pub fn client_id(&self) -> AppId {
        self.application
    }

    /// The secret of the operator's application.
    pub fn client_secret(&self) -> &str {
        &self.secret
    }

    /// The Secret with the application's secret.
    pub fn secret(&self, namespace: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": SECRET, "namespace": namespace},
            "stringData": {SECRET_KEY: self.secret},
        })
    }

    /// The ConfigMap with the certificate, under a key: several tenants share one ConfigMap when each applies its own.
    pub fn certificate(&self, namespace: &str, key: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": CONFIG_MAP, "namespace": namespace},
            "data": {key: self.server.ca_pem},
        })
    }

    /// Asks Graph past the operator, with the rights of its application. Without a socket, so that it also works while
    /// connections are made to fail.
    pub async fn graph(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response<Bytes>, Error> {
        let token = self.simulator.token(self.application, GRAPH)?;
        let request = Request::builder()
            .method(method)
            .uri(format!("{GRAPH}/v1.0{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Bytes::new, |body| body.to_string().into()))?;
        Ok(self.simulator.call(request).await?)
    }

    /// A manifest with the addresses of this run in place of `${AUTHORITY}`, `${GRAPH}` and `${RESOURCE_MANAGER}`.
    pub fn addressed(&self, template: &str) -> String {
        template
            .replace("${AUTHORITY}", &self.server.authority_url)
            .replace("${GRAPH}", &self.server.graph_url)
            .replace("${RESOURCE_MANAGER}", &self.server.resource_manager_url)
    }
}

fn credential(application: &SeedApplication) -> Option<(AppId, String)> {
    let secret = application.secrets.first()?;
    Some((application.client_id, secret.value.clone()))
}
