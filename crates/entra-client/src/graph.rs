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
use crate::operation::{Fence, Operation};
use crate::paging;
use crate::token::Claims;

pub use crate::listed::{Listed, Unreadable};

/// The client of one tenant. Cheap to clone; all clones share lanes and limits.
#[derive(Clone)]
pub struct Graph {
    dispatcher: Dispatcher,
    fence: Option<Fence>,
}

impl Graph {
    /// Connects to a tenant. Nothing is sent before the first request. Must be called inside a tokio runtime.
    pub fn connect(wiring: Wiring) -> Self {
        Self {
            dispatcher: Dispatcher::start(wiring),
            fence: None,
        }
    }

    /// The same client, whose writes leave only while a fence holds.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            dispatcher: self.dispatcher.clone(),
            fence: Some(fence),
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

    pub(crate) async fn submit(&self, mut operation: Operation) -> Result<Response, Error> {
        operation.fence.clone_from(&self.fence);
        self.dispatcher.submit(operation).await
    }

    /// A request of PIM by its id; nothing if the service has purged it.
    pub(crate) async fn receipt(
        &self,
        operation: Operation,
    ) -> Result<Option<schedule::Receipt>, Error> {
        match self.submit(operation).await {
            Ok(response) => response.json().map(Some),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        operation: Operation,
    ) -> Result<Listed<T>, Error> {
        paging::list(&self.dispatcher, operation).await
    }

    /// Several lists as one, all or nothing.
    pub(crate) async fn list_all<T: DeserializeOwned>(
        &self,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Result<Listed<T>, Error> {
        let lists = operations.into_iter().map(|operation| self.list(operation));
        let mut all = Listed::default();
        for listed in try_join_all(lists).await? {
            all.extend(listed);
        }
        Ok(all)
    }
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Graph")
            .field("dispatcher", &self.dispatcher)
            .finish_non_exhaustive()
    }
}
