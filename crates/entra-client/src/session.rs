//! What the typed clients of all services have in common: the way into the dispatcher, and the fence of their writes.

use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use crate::dispatch::{Dispatcher, Response};
use crate::error::{Class, Error};
use crate::listed::Listed;
use crate::operation::{Fence, Operation};
use crate::paging;
use crate::service::ServiceDescription;
use crate::token::TokenClaims;

/// Sends the operations of one typed client. Cheap to clone; all clones share lanes and limits.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) dispatcher: Dispatcher,
    fence: Option<Fence>,
}

impl Session {
    pub(crate) fn new(dispatcher: Dispatcher) -> Self {
        Self {
            dispatcher,
            fence: None,
        }
    }

    /// The same, whose writes leave only while a fence holds, if there is one.
    pub(crate) fn fenced(&self, fence: Option<&Fence>) -> Self {
        Self {
            dispatcher: self.dispatcher.clone(),
            fence: fence.cloned(),
        }
    }

    /// What the token for a service says of the operator.
    pub(crate) async fn claims(
        &self,
        service: &'static ServiceDescription,
    ) -> Result<TokenClaims, Error> {
        let token = self.dispatcher.token(service).await?;
        token
            .claims()
            .map_err(|reason| Error::of_sign_in(Class::Bug, reason.to_string()))
    }

    pub(crate) async fn submit(&self, mut operation: Operation) -> Result<Response, Error> {
        operation.fence.clone_from(&self.fence);
        self.dispatcher.submit(operation).await
    }

    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        operation: Operation,
    ) -> Result<Listed<T>, Error> {
        paging::list(&self.dispatcher, operation).await
    }

    /// A list, if it has no more pages than some; nothing if it has.
    pub(crate) async fn list_within<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        pages: usize,
    ) -> Result<Option<Listed<T>>, Error> {
        paging::list_within(&self.dispatcher, operation, pages).await
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

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("dispatcher", &self.dispatcher)
            .finish_non_exhaustive()
    }
}
