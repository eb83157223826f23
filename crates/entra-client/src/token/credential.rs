//! What the operator signs in with, and what is known of it: the application, its secret, and whether the authority
//! has refused it lately. All audiences share it.
//!
//! A refused credential is remembered for a while, because a client that asks again and again with a wrong secret gets
//! its application throttled (AADSTS50196). Tokens do not belong here: each stays with its `audience`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, HttpClient, RetryOptions, Transport as AzureTransport};
use azure_identity::{
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use jiff::Timestamp;
use parking_lot::Mutex;
use pim_core::ids::{ClientId, TenantId};
use serde::Deserialize;
use tokio::time::Instant;

use super::certificate::{self, CertificateProof};
use crate::error::{Class, Error};

/// How long a refusal of the credential is taken as still true.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How long a silent authority is left alone.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// What to sign in with. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A secret of the application.
    ClientSecret {
        /// The value of the secret, not its id.
        secret: String,
    },
    /// A certificate of the application.
    ClientCertificate {
        /// Certificate and RSA private key in PEM form.
        pem: String,
    },
    /// A token of somebody whom the application trusts, for example of a Kubernetes API server.
    FederatedToken {
        /// The file that holds the token; whoever issues it replaces it before it ends.
        file: PathBuf,
    },
}

impl Credential {
    /// When it ends, as far as that can be told.
    pub fn end(&self) -> CredentialEnd {
        match self {
            Self::ClientCertificate { pem } => {
                certificate::not_after(pem).map_or(CredentialEnd::Unknown, CredentialEnd::At)
            }
            Self::ClientSecret { secret } => {
                let hint = secret.chars().take(SecretHint::LENGTH).collect();
                CredentialEnd::Registered(SecretHint(hint))
            }
            Self::FederatedToken { .. } => CredentialEnd::Unknown,
        }
    }
}

/// When a credential ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialEnd {
    /// It says so itself.
    At(Timestamp),
    /// The registration of the application knows it, of its secret that begins like this.
    Registered(SecretHint),
    /// Nobody says so, or it is replaced before it ends.
    Unknown,
}

/// How a client secret begins, by which its registration tells it from others (learn.microsoft.com: passwordCredential). Even so
/// little of it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct SecretHint(String);

impl SecretHint {
    const LENGTH: usize = 3;
}

impl fmt::Debug for SecretHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHint")
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientSecret { .. } => f.write_str("ClientSecret"),
            Self::ClientCertificate { .. } => f.write_str("ClientCertificate"),
            Self::FederatedToken { file } => write!(f, "FederatedToken({})", file.display()),
        }
    }
}

/// An application of a tenant with its credential.
#[derive(Debug)]
pub(super) struct Application {
    pub(super) authority: String,
    pub(super) tenant: TenantId,
    pub(super) client: ClientId,
    pub(super) credential: Credential,
    pub(super) refused: CredentialRefused,
}

impl Application {
    /// A credential object of the sign-in library, which has no token yet and speaks through this client.
    pub(super) fn library(
        &self,
        http: Arc<dyn HttpClient>,
    ) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host.clone_from(&self.authority);
        let client_options = ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            transport: Some(AzureTransport::new(http)),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        };
        let (tenant, client) = (self.tenant.to_string(), self.client.to_string());
        Ok(match &self.credential {
            Credential::ClientSecret { secret } => ClientSecretCredential::new(
                &tenant,
                client,
                Secret::new(secret.clone()),
                Some(ClientSecretCredentialOptions { client_options }),
            )?,
            Credential::ClientCertificate { pem } => ClientAssertionCredential::new(
                tenant,
                client,
                self.proof(pem)?,
                Some(ClientAssertionCredentialOptions { client_options }),
            )?,
            Credential::FederatedToken { file } => {
                WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                    credential_options: ClientAssertionCredentialOptions { client_options },
                    client_id: Some(client),
                    tenant_id: Some(tenant),
                    token_file_path: Some(file.clone()),
                }))?
            }
        })
    }

    fn proof(&self, pem: &str) -> azure_core::Result<CertificateProof> {
        let audience = format!("{}/{}/oauth2/v2.0/token", self.authority, self.tenant);
        CertificateProof::new(pem, self.client, audience).map_err(|error| {
            azure_core::Error::with_message(ErrorKind::Credential, error.to_string())
        })
    }
}

/// A refusal of the authority, which holds for a while.
#[derive(Debug, Default)]
pub(super) struct CredentialRefused(Mutex<Option<(Instant, Error)>>);

impl CredentialRefused {
    /// The refusal, while it holds.
    pub(super) fn now(&self) -> Option<Error> {
        let refused = self.0.lock();
        let (until, error) = refused.as_ref()?;
        (Instant::now() < *until).then(|| error.clone())
    }

    pub(super) fn note(&self, error: &Error) {
        let rest = match error.retry_after {
            Some(wait) => wait,
            None if is_passing(error) => SILENT_FOR,
            None => REFUSED_FOR,
        };
        *self.0.lock() = Some((Instant::now() + rest, error.clone()));
    }
}

/// Whether it is the authority that is in trouble, and not what was sent to it.
pub(super) fn is_passing(error: &Error) -> bool {
    matches!(error.class, Class::Unreachable | Class::Throttled)
}
