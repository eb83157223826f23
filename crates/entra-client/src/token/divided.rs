//! Two sign-ins for one tenant, so that no application must hold both powers; and one that cannot be made.

use std::sync::Arc;

use async_trait::async_trait;

use super::{AccessToken, TokenSource};
use crate::error::{Class, Error};

/// Gives tokens of one source for one scope, and of another for every other scope.
pub struct DividedSignIn {
    /// The scope that is set apart.
    pub scope: String,
    /// Signs in for it.
    pub apart: Arc<dyn TokenSource>,
    /// Signs in for all others.
    pub usual: Arc<dyn TokenSource>,
}

impl DividedSignIn {
    fn of(&self, scope: &str) -> &dyn TokenSource {
        if scope == self.scope {
            &*self.apart
        } else {
            &*self.usual
        }
    }
}

#[async_trait]
impl TokenSource for DividedSignIn {
    async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        self.of(scope).token(scope).await
    }

    fn forget(&self, scope: &str) {
        self.of(scope).forget(scope);
    }
}

/// Gives no token, and says why.
pub struct NoSignIn(pub String);

#[async_trait]
impl TokenSource for NoSignIn {
    async fn token(&self, _: &str) -> Result<AccessToken, Error> {
        Err(Error::of_sign_in(Class::CredentialInvalid, self.0.clone()))
    }

    fn forget(&self, _: &str) {}
}
