//! Writes status by server-side apply, and only when something changed. Remembers what was written, because the watch
//! shows our own writes late and planning on an older memory could forget a grant.

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, Request};
use kube::{Api, Client, ResourceExt};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kinds::CustomKind;
use super::wish::{Uid, Wish, uid, version};

/// The field manager of all status.
pub const MANAGER: &str = "entra-pim-operator-status";

/// Why a status could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object changed or was replaced by another one; the caller reads it again.
    #[error("the object changed while its status was written")]
    Outdated,
    /// The API server refused the write.
    #[error("status cannot be written: {0}")]
    Write(#[source] Box<kube::Error>),
}

impl Error {
    /// Whether Kubernetes finds the object itself wrong: no later try comes to anything else.
    pub fn is_refusal(&self) -> bool {
        let Self::Write(error) = self else {
            return false;
        };
        matches!(&**error, kube::Error::Api(refused) if refused.code == 422)
    }
}

struct Known {
    resource_version: u64,
    status: Arc<dyn Any + Send + Sync>,
}

/// Whether a status was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusWrite {
    /// The status was sent.
    Yes,
    /// The status had not changed, so nothing was sent.
    No,
}

/// A status as it is applied.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusBody<'a, S> {
    api_version: Cow<'static, str>,
    kind: Cow<'static, str>,
    metadata: Value,
    status: &'a S,
}

/// What is read of an object as it was stored.
#[derive(Deserialize)]
struct StoredVersion {
    metadata: StoredMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredMetadata {
    #[serde(default)]
    resource_version: String,
}

/// All status of one process.
#[derive(Clone)]
pub struct Statuses {
    client: Client,
    known: Arc<Mutex<HashMap<Uid, Known>>>,
}

impl Statuses {
    /// Creates the writer; it remembers no status yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            known: Arc::default(),
        }
    }

    /// The newest status that is known: the one last written or seen, unless the object as it was read is newer. A pass
    /// holds the object as it was when the pass began, while others have seen later ones, so what is newest is kept.
    pub fn latest<K: CustomKind>(&self, object: &K) -> K::Status {
        self.read(object, K::Status::clone)
    }

    /// Reads something of the newest status that is known. What reads must ask for no other status.
    pub fn read<K: CustomKind, T>(&self, object: &K, read: impl FnOnce(&K::Status) -> T) -> T {
        let mut all = self.known.lock();
        let own = || object.status().cloned().unwrap_or_default();
        if let Some(known) = all.get_mut(&uid(object)) {
            if version(object) > known.resource_version {
                *known = Known {
                    resource_version: version(object),
                    status: Arc::new(own()),
                };
            }
            if let Some(status) = known.status.downcast_ref() {
                return read(status);
            }
        }
        drop(all);
        match object.status() {
            Some(status) => read(status),
            None => read(&K::Status::default()),
        }
    }

    /// Notes under which version an object stands after something else of it than its status was written: the watch
    /// shows that late, and a status for an older version would be refused.
    pub fn note_version<K: CustomKind>(&self, object: &K, resource_version: u64) {
        let status = self.latest(object);
        let mut all = self.known.lock();
        let known = all.entry(uid(object)).or_insert_with(|| Known {
            resource_version: version(object),
            status: Arc::new(status),
        });
        known.resource_version = known.resource_version.max(resource_version);
    }

    /// Forgets an object that is gone.
    pub fn forget(&self, uid: &Uid) {
        self.known.lock().remove(uid);
    }

    /// Writes a status unless it equals the newest one.
    pub async fn apply<K: CustomKind>(
        &self,
        object: &K,
        status: K::Status,
    ) -> Result<StatusWrite, Error> {
        if self.latest(object) == status && object.status().is_some() {
            return Ok(StatusWrite::No);
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
        let written = Known {
            resource_version: stored,
            status: Arc::new(status),
        };
        self.known.lock().insert(uid(object), written);
        Ok(StatusWrite::Yes)
    }

    fn known_version<K: CustomKind>(&self, object: &K) -> String {
        let all = self.known.lock();
        let known = all
            .get(&uid(object))
            .map_or(0, |known| known.resource_version);
        if known > version(object) {
            known.to_string()
        } else {
            object.resource_version().unwrap_or_default()
        }
    }

    /// Sends a status, and says under which version it is stored. The answer repeats the whole object, of which nothing else is
    /// kept.
    async fn send<K: CustomKind>(
        &self,
        object: &K,
        resource_version: &str,
        status: &K::Status,
    ) -> Result<u64, kube::Error> {
        let body = StatusBody {
            api_version: K::api_version(&()),
            kind: K::kind(&()),
            metadata: json!({"name": object.name_any(), "uid": uid(object).0, "resourceVersion": resource_version}),
            status,
        };
        let api = self.api::<K>(object);
        let request = Request::new(api.resource_url())
            .patch_subresource(
                "status",
                &object.name_any(),
                &PatchParams::apply(MANAGER).force(),
                &Patch::Apply(body),
            )
            .map_err(kube::Error::BuildRequest)?;
        let stored: StoredVersion = self.client.request(request).await?;
        Ok(stored.metadata.resource_version.parse().unwrap_or_default())
    }

    /// Where an object stands; one that cannot be read as its kind takes a status all the same.
    fn api<K: CustomKind>(&self, object: &K) -> Api<DynamicObject> {
        let (client, resource) = (self.client.clone(), ApiResource::erase::<K>(&()));
        match object.namespace() {
            Some(namespace) => Api::namespaced_with(client, &namespace, &resource),
            None => Api::all_with(client, &resource),
        }
    }

    /// The version to write on after a conflict: a finalizer or annotation may have moved it. What was reported must
    /// still be about this object and this generation, and rest on the status that stands: another process may have written a
    /// newer one, which remembers what this one does not know.
    async fn fresh<K: CustomKind>(&self, object: &K) -> Result<String, Error> {
        let api = self.api::<K>(object);
        let fresh = api
            .get_opt(&object.name_any())
            .await
            .map_err(|error| Error::Write(Box::new(error)))?;
        let known = json!(self.latest(object));
        let is_known = |fresh: &DynamicObject| {
            let stands = fresh.data["status"].clone();
            let stands: Result<K::Status, _> = match stands {
                Value::Null => Ok(K::Status::default()),
                stands => serde_json::from_value(stands),
            };
            stands.is_ok_and(|stands| json!(stands) == known)
        };
        match fresh {
            Some(fresh) if Wish::of(&fresh) == Wish::of(object) && is_known(&fresh) => {
                Ok(fresh.resource_version().unwrap_or_default())
            }
            _ => Err(Error::Outdated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::finalizer;
    use memory_cluster::MemoryCluster;
    use pim_api::{AccessBoundary, AccessBoundaryStatus};

    fn counting(objects: i64) -> AccessBoundaryStatus {
        AccessBoundaryStatus {
            objects: Some(objects),
            ..AccessBoundaryStatus::default()
        }
    }

    fn boundary() -> serde_json::Value {
        json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary", "metadata": {"name": "one"},
            "spec": {"namespaces": [], "tenants": [], "groups": {}, "policyFloor": {}},
        })
    }

    #[tokio::test]
    async fn a_status_is_written_back_although_somebody_has_seen_what_was_between() {
        let cluster = MemoryCluster::new(pim_api::all_crds()).unwrap();
        cluster.apply(boundary()).unwrap();
        let (statuses, api) = (
            Statuses::new(cluster.client()),
            AccessBoundary::api(&cluster.client(), None),
        );
        let empty = api.get("one").await.unwrap();
        statuses.apply(&empty, counting(1)).await.unwrap();

        let begun = api.get("one").await.unwrap();
        let write = async |count| statuses.apply(&begun, counting(count)).await.unwrap();
        assert_eq!(write(2).await, StatusWrite::Yes);
        let between = api.get("one").await.unwrap();
        assert_eq!(statuses.latest(&between), counting(2));
        assert_eq!(statuses.latest(&begun), counting(2), "the newest is kept");
        assert_eq!(write(1).await, StatusWrite::Yes);
        assert_eq!(api.get("one").await.unwrap().status, Some(counting(1)));
        assert_eq!(write(1).await, StatusWrite::No, "nothing is written twice");
    }

    #[tokio::test]
    async fn a_status_takes_one_write_although_the_watch_does_not_show_the_finalizer_yet() {
        let cluster = MemoryCluster::new(pim_api::all_crds()).unwrap();
        cluster.apply(boundary()).unwrap();
        let client = cluster.client();
        let statuses = Statuses::new(client.clone());
        let api = AccessBoundary::api(&client, None);
        let shown = api.get("one").await.unwrap();

        let version = finalizer::add(&client, &shown).await.unwrap().unwrap();
        statuses.note_version(&shown, version);

        let before = cluster.writes();
        let sent = statuses.apply(&shown, counting(1)).await.unwrap();
        assert_eq!(sent, StatusWrite::Yes);
        assert_eq!(cluster.writes() - before, 1);
        assert_eq!(api.get("one").await.unwrap().status, Some(counting(1)));
    }
}
