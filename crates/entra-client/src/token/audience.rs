//! The token for one audience: kept, refreshed and dropped on its own, and asked for once however many wait for it.
//!
//! The library keeps tokens but cannot be told to drop one, so after a refusal a new credential object is made. It
//! repeats nothing: a POST that failed is repeated here, a few times and only when there was no answer. What the
//! authority says of the credential itself is kept with that (`credential`), because it holds for every audience.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::AccessToken;
use super::credential::{Application, CredentialRefused, is_passing};
use super::refusal::is_of_audience;
use super::wire::Wire;
use crate::error::{Class, Error};
use crate::recorder::Recorder;

/// How often a request without an answer is made in all.
const ATTEMPTS: u32 = 3;
/// A kept token is given out during trouble while this much of it is left.
const LAST_RESORT: Duration = Duration::from_mins(1);

/// Whom tokens are for, and the latest of them.
pub(super) struct Audience {
    scope: String,
    /// Of its own, because it holds the last refusal: those of two audiences must not be mixed up.
    wire: Arc<Wire>,
    stale: AtomicBool,
    /// What the authority refused to this audience only.
    refused: CredentialRefused,
    state: Mutex<AudienceState>,
}

#[derive(Default)]
struct AudienceState {
    library: Option<Arc<dyn TokenCredential>>,
    kept: Option<AccessToken>,
}

impl Audience {
    pub(super) fn new(scope: &str, wire: Wire) -> Self {
        Self {
            scope: scope.to_owned(),
            wire: Arc::new(wire),
            stale: AtomicBool::new(false),
            refused: CredentialRefused::default(),
            state: Mutex::default(),
        }
    }

    /// The kept token must not be given out again.
    pub(super) fn forget(&self) {
        self.stale.store(true, Ordering::Release);
    }

    /// The kept token, or another one. Whoever comes while it is asked for waits for the same answer.
    pub(super) async fn token(
        &self,
        application: &Application,
        recorder: &dyn Recorder,
    ) -> Result<AccessToken, Error> {
        let mut state = self.state.lock().await;
        let library = self.library(&mut state, application)?;
        if let Some(error) = application.refused.now().or_else(|| self.refused.now()) {
            return state.last_resort().ok_or(error);
        }
        let before = state.kept.as_ref().map(AccessToken::expires);
        let answer = self.ask(library.as_ref()).await;
        let asked = match &answer {
            Ok(token) => Some(token.expires()) != before,
            Err(_) => true,
        };
        if asked {
            recorder.token_refresh(answer.as_ref().err().map(|error| &error.class));
        }
        match answer {
            Ok(token) => Ok(state.kept.insert(token).clone()),
            Err(error) => self.failed(&mut state, application, error),
        }
    }

    fn library(
        &self,
        state: &mut AudienceState,
        application: &Application,
    ) -> Result<Arc<dyn TokenCredential>, Error> {
        if self.stale.swap(false, Ordering::AcqRel) {
            *state = AudienceState::default();
        }
        if let Some(library) = &state.library {
            return Ok(Arc::clone(library));
        }
        let made = application
            .library(Arc::clone(&self.wire) as _)
            .map_err(|reason| Error::of_sign_in(Class::CredentialInvalid, reason.to_string()))?;
        state.library = Some(Arc::clone(&made));
        Ok(made)
    }

    async fn ask(&self, library: &dyn TokenCredential) -> Result<AccessToken, Error> {
        let mut attempt = 1;
        loop {
            self.wire.take_refusal();
            let answer = library.get_token(&[self.scope.as_str()], None).await;
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

    fn failed(
        &self,
        state: &mut AudienceState,
        application: &Application,
        error: Error,
    ) -> Result<AccessToken, Error> {
        if is_of_audience(&error) {
            self.refused.note(&error);
        } else {
            application.refused.note(&error);
        }
        if is_passing(&error) {
            return state.last_resort().ok_or(error);
        }
        // What was shown may have been replaced meanwhile, where the library keeps it for a while.
        *state = AudienceState::default();
        Err(error)
    }
}

impl AudienceState {
    /// The library asks anew five minutes before the end; while the authority is in trouble the kept token still works.
    fn last_resort(&self) -> Option<AccessToken> {
        let token = self.kept.as_ref()?;
        let left = token.expires().duration_since(Timestamp::now());
        let enough = Duration::try_from(left).is_ok_and(|left| left > LAST_RESORT);
        enough.then(|| token.clone())
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
