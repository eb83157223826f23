//! Connects to a tenant: from the manifest and its secret to a client. In one process with a simulated tenant another
//! [`Connector`] takes the place of the network.

use std::sync::Arc;

use entra_client::dispatch::{DispatchSettings, Wiring};
use entra_client::token::{Credential, SignIn};
use entra_client::transport::HttpsTransport;
use entra_client::{Cloud, Endpoints, Recorder, Services, Transport};
use kube::{Client, ResourceExt};
use pim_api::{EntraTenant, TenantCloud};

use super::credentials::{self, ClientSecret};

/// Why a tenant cannot be connected to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The credential cannot be read from Kubernetes.
    #[error(transparent)]
    Credential(#[from] credentials::Error),
    /// The addresses cannot be used.
    #[error("spec.endpoints cannot be used: {0}")]
    Endpoints(#[from] entra_client::cloud::Error),
    /// The client cannot be built.
    #[error("{0}")]
    Transport(String),
}

impl Error {
    /// Whether asking again would end the same until somebody changes something; otherwise Kubernetes did not answer.
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Credential(credentials::Error::Read { .. }))
    }
}

/// Makes the transport to a tenant.
pub trait Connector: Send + Sync {
    /// A transport to the tenant of this name that trusts these certificates (PEM) beside those of the system.
    fn transport(&self, tenant: &str, additional_ca: &[u8]) -> Result<Arc<dyn Transport>, Error>;
}

/// Reaches tenants over the network.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network;

impl Connector for Network {
    fn transport(&self, _: &str, additional_ca: &[u8]) -> Result<Arc<dyn Transport>, Error> {
        let transport = HttpsTransport::new(additional_ca)
            .map_err(|error| Error::Transport(error.to_string()))?;
        Ok(Arc::new(transport))
    }
}

/// What a connection was made from; a difference means that a new one is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    uid: Option<String>,
    generation: Option<i64>,
    secret: ClientSecret,
    ca: String,
}

/// Reads what a connection is made from.
pub async fn fingerprint(
    client: &Client,
    namespace: &str,
    tenant: &EntraTenant,
) -> Result<Fingerprint, Error> {
    let reference = &tenant.spec.credential.client_secret.secret_ref;
    let secret = credentials::secret(client, namespace, reference).await?;
    let bundle = tenant
        .spec
        .endpoints
        .as_ref()
        .and_then(|endpoints| endpoints.ca_bundle.as_ref());
    let ca = match bundle {
        Some(bundle) => credentials::config_map(client, namespace, &bundle.config_map_ref).await?,
        None => String::new(),
    };
    Ok(Fingerprint {
        uid: tenant.uid(),
        generation: tenant.metadata.generation,
        secret,
        ca,
    })
}

/// Connects. Nothing is sent before the first read.
pub fn connect(
    tenant: &EntraTenant,
    made_from: &Fingerprint,
    connector: &dyn Connector,
    recorder: Arc<dyn Recorder>,
) -> Result<Services, Error> {
    let endpoints = endpoints(tenant)?;
    let transport = connector.transport(&tenant.name_any(), made_from.ca.as_bytes())?;
    let credential = Credential::ClientSecret {
        secret: made_from.secret.0.clone(),
    };
    let client = tenant.spec.credential.client_secret.client_id;
    let tokens = SignIn::new(
        &endpoints,
        tenant.spec.tenant_id,
        client,
        credential,
        Arc::clone(&transport),
        Arc::clone(&recorder),
    );
    Ok(Services::connect(&Wiring {
        endpoints,
        transport,
        tokens: Arc::new(tokens),
        recorder,
        settings: DispatchSettings::default(),
    }))
}

fn endpoints(tenant: &EntraTenant) -> Result<Endpoints, entra_client::cloud::Error> {
    let custom = tenant.spec.endpoints.clone().unwrap_or_default();
    Ok(match tenant.spec.cloud {
        TenantCloud::Public => Endpoints::of(Cloud::Public),
        TenantCloud::USGovernment => Endpoints::of(Cloud::UsGovernment),
        TenantCloud::USGovernmentDoD => Endpoints::of(Cloud::UsGovernmentDod),
        TenantCloud::China => Endpoints::of(Cloud::China),
        TenantCloud::Custom => Endpoints::custom(
            &custom.authority,
            &custom.graph,
            custom.resource_manager.as_deref(),
        )?,
    })
}
