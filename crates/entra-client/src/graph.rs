//! Typed requests of Microsoft Graph v1.0, one file per noun.
//!
//! Every type here is ours and says only what the operator needs; unknown properties are ignored, unknown members of
//! enumerations are kept as text. Many requests at once are the normal case: await them together and they share a
//! `$batch`.

pub mod approval;
pub mod directory_roles;
pub mod group_pim;
pub mod groups;
pub mod policies;
pub mod principals;
pub mod rules;
pub mod schedule;

use futures::future::try_join_all;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::dispatch::{Dispatcher, Response, Wiring};
use crate::error::{Class, Error};
use crate::operation::Operation;
use crate::paging;
use crate::token::Claims;

/// The client of one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Clone)]
pub struct Graph {
    dispatcher: Dispatcher,
}

impl Graph {
    /// Connects to a tenant. Nothing is sent before the first request. Must be called inside a tokio runtime.
    pub fn connect(wiring: Wiring) -> Self {
        Self {
            dispatcher: Dispatcher::start(wiring),
        }
    }

    /// The time at the service, as its last answer told it. Nothing before the first answer.
    pub fn service_time(&self) -> Option<Timestamp> {
        self.dispatcher.clock().now()
    }

    /// What the operator's own token says: its permissions, tenant and identity.
    pub async fn claims(&self) -> Result<Claims, Error> {
        let token = self.dispatcher.token().await?;
        token
            .claims()
            .map_err(|reason| Error::of_sign_in(Class::Bug, reason.to_string()))
    }

    pub(crate) async fn submit(&self, operation: Operation) -> Result<Response, Error> {
        self.dispatcher.submit(operation).await
    }

    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        operation: Operation,
    ) -> Result<Vec<T>, Error> {
        paging::list(&self.dispatcher, operation).await
    }

    /// Several lists as one, all or nothing.
    pub(crate) async fn list_all<T: DeserializeOwned>(
        &self,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Result<Vec<T>, Error> {
        let lists = operations.into_iter().map(|operation| self.list(operation));
        Ok(try_join_all(lists).await?.into_iter().flatten().collect())
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("dispatcher", &self.dispatcher)
            .finish()
    }
}
