//! Signs in at the authority with `azure_identity`.
//!
//! The library keeps tokens but cannot be told to drop one, so after a refusal a new credential object is made. It
//! repeats nothing: a POST that failed is repeated here, a few times and only when there was no answer. A refused
//! credential is remembered for a while, because a client that asks again and again with a wrong secret gets its
//! application throttled (AADSTS50196).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, RetryOptions, Transport as AzureTransport};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use jiff::Timestamp;
use pim_core::ids::{ClientId, TenantId};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::wire::Wire;
use super::{AccessToken, TokenSource};
use crate::cloud::Endpoints;
use crate::error::{Class, Error};
use crate::recorder::Recorder;
use crate::transport::Transport;

/// How often a request without an answer is made in all.
const ATTEMPTS: u32 = 3;
/// How long a refusal of the credential is taken as still true.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How long a silent authority is left alone.
const SILENT_FOR: Duration = Duration::from_secs(5);
/// A kept token is given out during trouble while this much of it is left.
const LAST_RESORT: Duration = Duration::from_mins(1);

/// What to sign in with.
pub enum Credential {
    /// A secret of the application.
    ClientSecret {
        /// The secret's value.
        secret: String,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientSecret { .. } => f.write_str("ClientSecret"),
        }
    }
}

/// A token source that signs in at the authority of a cloud.
pub struct SignIn {
    authority: String,
    tenant: TenantId,
    client: ClientId,
    credential: Credential,
    wire: Arc<Wire>,
    recorder: Arc<dyn Recorder>,
    stale: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    library: Option<Arc<dyn TokenCredential>>,
    kept: Option<(String, AccessToken)>,
    refused: Option<(Instant, Error)>,
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
            authority: endpoints.authority().to_owned(),
            tenant,
            client,
            credential,
            wire: Arc::new(Wire::new(transport, Arc::clone(&recorder))),
            recorder,
            stale: AtomicBool::new(false),
            state: Mutex::new(State::default()),
        }
    }

    fn client_options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host.clone_from(&self.authority);
        ClientOptions {
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            transport: Some(AzureTransport::new(Arc::clone(&self.wire) as _)),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        }
    }

    fn make(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let Credential::ClientSecret { secret } = &self.credential;
        let options = ClientSecretCredentialOptions {
            client_options: self.client_options(),
        };
        let credential: Arc<dyn TokenCredential> = ClientSecretCredential::new(
            &self.tenant.to_string(),
            self.client.to_string(),
            Secret::new(secret.clone()),
            Some(options),
        )?;
        Ok(credential)
    }

    fn library(&self, state: &mut State) -> Result<Arc<dyn TokenCredential>, Error> {
        if self.stale.swap(false, Ordering::AcqRel) {
            state.library = None;
            state.kept = None;
            state.refused = None;
        }
        if let Some(library) = &state.library {
            return Ok(Arc::clone(library));
        }
        let made = self
            .make()
            .map_err(|reason| Error::of_sign_in(Class::CredentialInvalid, reason.to_string()))?;
        state.library = Some(Arc::clone(&made));
        Ok(made)
    }

    async fn ask(&self, library: &dyn TokenCredential, scope: &str) -> Result<AccessToken, Error> {
        let mut attempt = 1;
        loop {
            self.wire.take_refusal();
            let answer = library.get_token(&[scope], None).await;
            let error = match answer {
                Ok(token) => {
                    let expires = Timestamp::from_second(token.expires_on.unix_timestamp());
                    let expires = expires.unwrap_or(Timestamp::MAX);
                    return Ok(AccessToken::new(token.token.secret(), expires));
                }
                Err(reason) => match self.wire.take_refusal() {
                    Some(refusal) => refusal.into_error(),
                    None => unanswered(&reason),
                },
            };
            let silent = error.class == Class::Unreachable && error.status.is_none();
            if !silent || attempt == ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(500) * attempt).await;
            attempt += 1;
        }
    }
}

/// No refusal of the authority, so the fault is on the way or in what we sign in with.
fn unanswered(reason: &azure_core::Error) -> Error {
    use std::error::Error as _;
    let mut cause = reason.source();
    let mut text = reason.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        if let Some(inner) = inner.downcast_ref::<azure_core::Error>()
            && matches!(
                inner.kind(),
                azure_core::error::ErrorKind::Io | azure_core::error::ErrorKind::Connection
            )
        {
            return Error::of_sign_in(Class::Unreachable, text);
        }
        cause = inner.source();
    }
    Error::of_sign_in(Class::CredentialInvalid, text)
}

impl State {
    fn settle(
        &mut self,
        scope: &str,
        answer: Result<AccessToken, Error>,
    ) -> Result<AccessToken, Error> {
        let error = match answer {
            Ok(token) => {
                self.refused = None;
                self.kept = Some((scope.to_owned(), token.clone()));
                return Ok(token);
            }
            Err(error) => error,
        };
        let passing = matches!(error.class, Class::Unreachable | Class::Throttled);
        let rest = match error.retry_after {
            Some(wait) => wait,
            None if passing => SILENT_FOR,
            None => REFUSED_FOR,
        };
        self.refused = Some((Instant::now() + rest, error.clone()));
        if passing {
            self.last_resort(scope).ok_or(error)
        } else {
            self.kept = None;
            Err(error)
        }
    }

    /// The library asks anew five minutes before the end; while the authority is in trouble the kept token still works.
    fn last_resort(&self, scope: &str) -> Option<AccessToken> {
        let (kept_scope, token) = self.kept.as_ref()?;
        let left = token.expires().duration_since(Timestamp::now());
        let enough = Duration::try_from(left).is_ok_and(|left| left > LAST_RESORT);
        (kept_scope == scope && enough).then(|| token.clone())
    }
}

#[async_trait]
impl TokenSource for SignIn {
    async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        let mut state = self.state.lock().await;
        let library = self.library(&mut state)?;
        if let Some((until, error)) = &state.refused
            && Instant::now() < *until
        {
            let error = error.clone();
            return state.last_resort(scope).ok_or(error);
        }
        let before = state.kept.as_ref().map(|(_, token)| token.expires());
        let answer = self.ask(library.as_ref(), scope).await;
        let asked = match &answer {
            Ok(token) => Some(token.expires()) != before,
            Err(_) => true,
        };
        if asked {
            self.recorder
                .token_refresh(answer.as_ref().err().map(|error| &error.class));
        }
        state.settle(scope, answer)
    }

    fn forget(&self) {
        self.stale.store(true, Ordering::Release);
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("authority", &self.authority)
            .field("tenant", &self.tenant)
            .field("client", &self.client)
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
