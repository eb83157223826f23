//! Access tokens: where they come from and what they say about the operator's own rights.
//!
//! A token is never printed, and nothing here trusts its claims for a decision: they only tell early which permission
//! the service would miss.

mod audience;
mod certificate;
mod claims;
mod credential;
mod divided;
mod refusal;
mod sign_in;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::error::Error;

pub use claims::TokenClaims;
pub use credential::{Credential, CredentialEnd, SecretHint};
pub use divided::{DividedSignIn, NoSignIn};
pub use sign_in::SignIn;

/// Gives tokens, each for one scope, which names its audience. Implementations keep them until shortly before their end.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is good for at least the next minutes.
    async fn token(&self, scope: &str) -> Result<AccessToken, Error>;

    /// The service has refused a token: what is kept for this scope must not be given out again.
    fn forget(&self, scope: &str);
}

/// A bearer token with the moment at which it expires.
#[derive(Clone)]
pub struct AccessToken {
    secret: String,
    expires: Timestamp,
}

impl AccessToken {
    /// Takes the token and its end.
    pub fn new(secret: impl Into<String>, expires: Timestamp) -> Self {
        Self {
            secret: secret.into(),
            expires,
        }
    }

    /// The text that goes into the `Authorization` header, and nowhere else.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// When the token expires.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// What it says about its holder.
    pub fn claims(&self) -> Result<TokenClaims, claims::UnreadableToken> {
        claims::read(&self.secret)
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
