//! Writes status by server-side apply, and only when something changed. Remembers what was written, because the watch
//! shows our own writes late and planning on an older memory could forget a grant.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kube::api::{Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::kinds::{Kind, Uid, uid};

/// The field manager of all status.
pub const MANAGER: &str = "entra-pim-operator-status";

/// Why a status could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object changed or is another one by now; whoever asked looks again.
    #[error("the object changed while its status was written")]
    Outdated,
    /// Kubernetes refused.
    #[error("status cannot be written: {0}")]
    Write(#[source] Box<kube::Error>),
}

/// What was written last.
struct Written {
    resource_version: u64,
    status: Arc<dyn Any + Send + Sync>,
}

/// Whether a status was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It was.
    Yes,
    /// Nothing had changed.
    No,
}

/// All status of one process.
#[derive(Clone)]
pub struct Statuses {
    client: Client,
    written: Arc<Mutex<HashMap<Uid, Written>>>,
}

impl Statuses {
    /// Starts without memory.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            written: Arc::default(),
        }
    }

    /// The newest status that is known: ours, unless the object as it was read is newer.
    pub fn latest<K: Kind>(&self, object: &K) -> K::Status {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ours) = written.get(&uid(object)) {
            if version(object) < ours.resource_version
                && let Some(status) = ours.status.downcast_ref::<K::Status>()
            {
                return status.clone();
            }
            written.remove(&uid(object));
        }
        object.status().cloned().unwrap_or_default()
    }

    /// Forgets an object that is gone.
    pub fn forget(&self, uid: &Uid) {
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(uid);
    }

    /// Writes a status unless it equals the newest one.
    pub async fn apply<K: Kind>(&self, object: &K, status: K::Status) -> Result<Sent, Error> {
        if self.latest(object) == status && object.status().is_some() {
            return Ok(Sent::No);
        }
        let known = self.known_version(object);
        let answer = match self.send(object, &known, &status).await {
            Err(kube::Error::Api(refused)) if refused.is_conflict() => {
                let fresh = self.fresh(object).await?;
                self.send(object, &fresh, &status).await
            }
            answer => answer,
        };
        let stored = answer.map_err(|error| match error {
            kube::Error::Api(refused) if refused.is_conflict() || refused.is_not_found() => {
                Error::Outdated
            }
            error => Error::Write(Box::new(error)),
        })?;
        let written = Written {
            resource_version: version(&stored),
            status: Arc::new(status),
        };
        self.written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(uid(object), written);
        Ok(Sent::Yes)
    }

    fn known_version<K: Kind>(&self, object: &K) -> String {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = written
            .get(&uid(object))
            .map_or(0, |ours| ours.resource_version);
        if ours > version(object) {
            ours.to_string()
        } else {
            object.resource_version().unwrap_or_default()
        }
    }

    async fn send<K: Kind>(
        &self,
        object: &K,
        resource_version: &str,
        status: &K::Status,
    ) -> Result<K, kube::Error> {
        let body = json!({
            "apiVersion": K::api_version(&()),
            "kind": K::kind(&()),
            "metadata": {"name": object.name_any(), "uid": uid(object).0, "resourceVersion": resource_version},
            "status": status,
        });
        let api = K::api(&self.client, object.namespace().as_deref());
        api.patch_status(
            &object.name_any(),
            &PatchParams::apply(MANAGER).force(),
            &Patch::Apply(body),
        )
        .await
    }

    /// The version to write on after a conflict: a finalizer or annotation may have moved it. What was reported must
    /// still be about this object and this generation.
    async fn fresh<K: Kind>(&self, object: &K) -> Result<String, Error> {
        let api = K::api(&self.client, object.namespace().as_deref());
        let fresh = api
            .get_metadata_opt(&object.name_any())
            .await
            .map_err(|error| Error::Write(Box::new(error)))?;
        match fresh {
            Some(fresh)
                if fresh.uid() == object.uid()
                    && fresh.metadata.generation == object.meta().generation =>
            {
                Ok(fresh.resource_version().unwrap_or_default())
            }
            _ => Err(Error::Outdated),
        }
    }
}

/// Resource versions of one resource are ordered (kubernetes.io: api-concepts, "Resource versions"); one that is no
/// number counts as oldest.
fn version<K: Kind>(object: &K) -> u64 {
    object
        .resource_version()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
