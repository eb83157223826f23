//! Signs in at the authority with `azure_identity`: one credential, and a token for each audience that is asked for.
//!
//! Here belongs only which audience a request for a token is for. How one token is kept and asked for is in `audience`,
//! what is known of the credential in `credential`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use pim_core::ids::{ClientId, TenantId};

use super::audience::Audience;
use super::credential::{Application, Credential, CredentialRefused};
use super::wire::Wire;
use super::{AccessToken, TokenSource};
use crate::cloud::Endpoints;
use crate::error::Error;
use crate::recorder::Recorder;
use crate::transport::Transport;

/// A token source that signs in at the authority of a cloud.
pub struct SignIn {
    application: Application,
    transport: Arc<dyn Transport>,
    recorder: Arc<dyn Recorder>,
    /// By scope: as many as there are services.
    audiences: Mutex<HashMap<String, Arc<Audience>>>,
}

impl SignIn {
    /// Prepares the sign-in; nothing is sent before the first token is asked for.
    pub fn new(
        endpoints: &Endpoints,
        tenant: TenantId,
        client: ClientId,
        credential: Credential,
        transport: Arc<dyn Transport>,
        recorder: Arc<dyn Recorder>,
    ) -> Self {
        Self {
            application: Application {
                authority: endpoints.authority().to_owned(),
                tenant,
                client,
                credential,
                refused: CredentialRefused::default(),
            },
            transport,
            recorder,
            audiences: Mutex::default(),
        }
    }

    fn audience(&self, scope: &str) -> Arc<Audience> {
        let mut audiences = self.audiences.lock();
        let audience = audiences.entry(scope.to_owned()).or_insert_with(|| {
            let wire = Wire::new(Arc::clone(&self.transport), Arc::clone(&self.recorder));
            Arc::new(Audience::new(scope, wire))
        });
        Arc::clone(audience)
    }
}

#[async_trait]
impl TokenSource for SignIn {
    async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        let audience = self.audience(scope);
        audience
            .token(&self.application, self.recorder.as_ref())
            .await
    }

    fn forget(&self, scope: &str) {
        self.audience(scope).forget();
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("application", &self.application)
            .finish_non_exhaustive()
    }
}
