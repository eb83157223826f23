//! The objects of a workload in the cluster: applied, watched, deleted. What their state means for a phase is decided
//! elsewhere.

use std::collections::HashMap;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::runtime::reflector::Store;
use kube::runtime::reflector::store::Writer;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use pim_api::{
    AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PrivilegedGroup, RoleBinding,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use testenv::workload::{NAMESPACE, TENANT};

/// How many requests to the API server are under way at once.
const AT_ONCE: usize = 8;

/// Under which name objects are applied.
const MANAGER: &str = "bench";

/// The objects of a workload, as the API server shows them.
pub struct Cluster {
    client: Client,
    stores: Vec<Store<DynamicObject>>,
    _watches: JoinSet<()>,
}

impl Cluster {
    /// Watches the namespace of the workload.
    pub fn watch(client: Client) -> Self {
        let mut watches = JoinSet::new();
        let stores = namespaced()
            .into_iter()
            .map(|resource| {
                let api = in_namespace(&client, &resource);
                let writer = Writer::new(resource);
                let store = writer.as_reader();
                let stream = watcher(api, watcher::Config::default())
                    .default_backoff()
                    .reflect(writer);
                watches.spawn(stream.for_each(|_| std::future::ready(())));
                store
            })
            .collect();
        Self {
            client,
            stores,
            _watches: watches,
        }
    }

    /// Applies manifests, and says under which generation each one stands now.
    pub async fn apply(&self, manifests: Vec<Value>) -> anyhow::Result<HashMap<String, i64>> {
        futures::stream::iter(manifests)
            .map(|manifest| self.apply_one(manifest))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn apply_one(&self, manifest: Value) -> anyhow::Result<(String, i64)> {
        let object: DynamicObject = serde_json::from_value(manifest)?;
        let kind = object
            .types
            .as_ref()
            .map(|types| types.kind.clone())
            .unwrap_or_default();
        let name = object.name_any();
        let resource = resource(&kind).with_context(|| format!("{kind} is none of our kinds"))?;
        let api = match object.namespace() {
            Some(_) => in_namespace(&self.client, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        let parameters = PatchParams::apply(MANAGER).force();
        let applied = api.patch(&name, &parameters, &Patch::Apply(&object)).await;
        let applied = applied.with_context(|| format!("cannot apply {kind} {name}"))?;
        Ok((key(&kind, &name), generation(&applied)))
    }

    /// Has all groups of the tenant reconciled once, with everything that a reconcile can read.
    pub async fn ask_for_resync(&self) -> anyhow::Result<()> {
        let api: Api<EntraTenant> = Api::all(self.client.clone());
        let annotations = json!({"entra-pim.dev/resync": uuid::Uuid::new_v4().to_string()});
        let patch = Patch::Merge(json!({"metadata": {"annotations": annotations}}));
        let asked = api.patch(TENANT, &PatchParams::default(), &patch).await;
        asked.context("cannot annotate the tenant").map(drop)
    }

    /// Deletes all objects of the workload, as `kubectl delete` does: they go when nothing of them is left in the tenant.
    pub async fn delete_all(&self) -> anyhow::Result<()> {
        let kinds = namespaced().into_iter().map(|resource| async move {
            let api = in_namespace(&self.client, &resource);
            let (how, which) = (DeleteParams::background(), ListParams::default());
            let deleted = api.delete_collection(&how, &which).await;
            deleted.with_context(|| format!("cannot delete {}", resource.plural))
        });
        futures::future::try_join_all(kinds).await.map(drop)
    }

    /// Deletes the tenant of an earlier case, which has no finalizer. One that does not exist is no error.
    pub async fn delete_tenant(&self) -> anyhow::Result<()> {
        let api: Api<EntraTenant> = Api::all(self.client.clone());
        match api.delete(TENANT, &DeleteParams::default()).await {
            Err(kube::Error::Api(refused)) if refused.is_not_found() => Ok(()),
            deleted => deleted.context("cannot delete the tenant").map(drop),
        }
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.stores.iter().map(Store::len).sum()
    }

    /// Whether so many objects are Ready, none of them below a generation that was applied.
    pub fn are_ready(&self, count: usize, applied: &HashMap<String, i64>) -> bool {
        let ready = |object: &DynamicObject| {
            let kind = object.types.as_ref().map_or("", |types| &types.kind);
            let applied = applied.get(&key(kind, &object.name_any())).copied();
            generation(object) >= applied.unwrap_or_default() && unready(object).is_none()
        };
        self.count() == count
            && self
                .stores
                .iter()
                .flat_map(Store::state)
                .all(|object| ready(&object))
    }

    /// What keeps objects from being Ready, for whoever waits in vain.
    pub fn unready(&self) -> Vec<String> {
        let objects = self.stores.iter().flat_map(Store::state);
        objects
            .filter_map(|object| Some(format!("{}: {}", object.name_any(), unready(&object)?)))
            .collect()
    }
}

fn namespaced() -> [ApiResource; 4] {
    [
        ApiResource::erase::<EligibleAssignment>(&()),
        ApiResource::erase::<ActiveAssignment>(&()),
        ApiResource::erase::<RoleBinding>(&()),
        ApiResource::erase::<PrivilegedGroup>(&()),
    ]
}

fn resource(kind: &str) -> Option<ApiResource> {
    let cluster_wide = [
        ApiResource::erase::<AccessBoundary>(&()),
        ApiResource::erase::<EntraTenant>(&()),
    ];
    namespaced()
        .into_iter()
        .chain(cluster_wide)
        .find(|resource| resource.kind == kind)
}

fn in_namespace(client: &Client, resource: &ApiResource) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), NAMESPACE, resource)
}

fn key(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

fn generation(object: &DynamicObject) -> i64 {
    object.metadata.generation.unwrap_or_default()
}

/// Why an object is not Ready as it was last written, if so.
fn unready(object: &DynamicObject) -> Option<String> {
    let conditions = object.data.pointer("/status/conditions");
    let mut conditions = conditions.and_then(Value::as_array).into_iter().flatten();
    let Some(ready) = conditions.find(|condition| condition["type"] == "Ready") else {
        return Some("not reported yet".to_owned());
    };
    let current = ready["observedGeneration"].as_i64() == object.metadata.generation;
    if current && ready["status"] == "True" {
        return None;
    }
    Some(format!("{} {}", ready["reason"], ready["message"]))
}
