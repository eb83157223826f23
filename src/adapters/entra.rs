//! Connects to a tenant: from the manifest and its secret to a client. In one process with a simulated tenant another
//! [`Connector`] takes the place of the network.

use std::sync::Arc;

use entra_client::dispatch::{DispatchSettings, Wiring};
use entra_client::token::{
    Credential, CredentialEnd, DividedSignIn, NoSignIn, SignIn, TokenSource,
};
use entra_client::transport::HttpsTransport;
use entra_client::{Cloud, Endpoints, Recorder, Services, Transport};
use kube::{Client, ResourceExt};
use pim_api::{EntraTenant, TenantCloud, TenantCredential};

use super::credentials::{self, Home};

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
    credential: Credential,
    /// What is shown for the Resource Manager, if that is something else; or why it cannot be read, which is trouble of Azure
    /// roles alone.
    resource_manager: Option<Result<Credential, String>>,
    ca: String,
}

impl Fingerprint {
    /// When the credential for Microsoft Graph ends, and the one for the Resource Manager, if that is another.
    pub fn ends(&self) -> (CredentialEnd, Option<CredentialEnd>) {
        let apart = self.resource_manager.as_ref();
        let apart = apart.and_then(|read| read.as_ref().ok());
        (self.credential.end(), apart.map(Credential::end))
    }
}

/// Reads what a connection is made from.
pub async fn fingerprint(
    client: &Client,
    home: &Home,
    tenant: &EntraTenant,
) -> Result<Fingerprint, Error> {
    let credential = credentials::credential(client, home, &tenant.spec.credential).await?;
    let resource_manager = match &tenant.spec.resource_manager_credential {
        Some(declared) => match credentials::credential(client, home, declared).await {
            Err(error @ credentials::Error::Read { .. }) => return Err(error.into()),
            read => Some(read.map_err(|error| error.to_string())),
        },
        None => None,
    };
    let bundle = tenant
        .spec
        .endpoints
        .as_ref()
        .and_then(|endpoints| endpoints.ca_bundle.as_ref());
    let ca = match bundle {
        Some(bundle) => {
            credentials::config_map(client, &home.namespace, &bundle.config_map_ref).await?
        }
        None => String::new(),
    };
    Ok(Fingerprint {
        uid: tenant.uid(),
        generation: tenant.metadata.generation,
        credential,
        resource_manager,
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
    let sign_in = |declared: &TenantCredential, read: &Credential| -> Arc<dyn TokenSource> {
        let Some(client) = declared.client_id() else {
            return Arc::new(NoSignIn("the credential names no application".to_owned()));
        };
        Arc::new(SignIn::new(
            &endpoints,
            tenant.spec.tenant_id,
            client,
            read.clone(),
            Arc::clone(&transport),
            Arc::clone(&recorder),
        ))
    };
    let usual = sign_in(&tenant.spec.credential, &made_from.credential);
    let apart = tenant.spec.resource_manager_credential.as_ref();
    let tokens = match apart.zip(made_from.resource_manager.as_ref()) {
        Some((declared, read)) => Arc::new(DividedSignIn {
            scope: endpoints.resource_manager_scope(),
            apart: match read {
                Ok(read) => sign_in(declared, read),
                Err(reason) => Arc::new(NoSignIn(reason.clone())),
            },
            usual,
        }),
        None => usual,
    };
    Ok(Services::connect(&Wiring {
        endpoints,
        transport,
        tokens,
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
