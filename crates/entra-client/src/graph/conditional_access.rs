//! Authentication contexts. The service does not check that the context of a policy exists; we must.
//!
//! One request a second for all applications of the tenant, so keep the answer for a while.

use pim_core::ids::AuthenticationContextId;
use serde::Deserialize;

use super::Graph;
use crate::error::Error;
use crate::operation::{Operation, OperationName};

/// An authentication context.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationContext {
    /// `c1` to `c99`.
    pub id: AuthenticationContextId,
    /// Its name.
    pub display_name: Option<String>,
    /// Whether it is published to applications; only those are of use.
    pub is_available: Option<bool>,
}

impl Graph {
    /// All authentication contexts.
    pub async fn authentication_contexts(&self) -> Result<Vec<AuthenticationContext>, Error> {
        let path = "/identity/conditionalAccess/authenticationContextClassReferences";
        self.list(Operation::get(
            OperationName::ListAuthenticationContexts,
            path,
        ))
        .await
    }
}
