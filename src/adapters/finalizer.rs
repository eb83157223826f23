//! Adds and takes away our finalizer. It is added, and confirmed, before the first write to a tenant, and taken away
//! once nothing of the object is left there.

use kube::api::{PartialObjectMeta, Patch, PatchParams};
use kube::{Client, Resource, ResourceExt};
use pim_api::FINALIZER;
use serde_json::json;

use super::kinds::CustomKind;
use super::wish::version;

/// Whether an object bears our finalizer.
pub fn has<K: Resource>(object: &K) -> bool {
    object
        .finalizers()
        .iter()
        .any(|finalizer| finalizer == FINALIZER)
}

/// Adds the finalizer. If that changed the object and nobody else has, says under which version it stands now.
pub async fn add<K: CustomKind>(client: &Client, object: &K) -> Result<Option<u64>, kube::Error> {
    if has(object) {
        return Ok(None);
    }
    let mut finalizers = object.finalizers().to_vec();
    finalizers.push(FINALIZER.to_owned());
    let written = write(client, object, &finalizers).await?;
    let alone = written.metadata.generation == object.meta().generation;
    Ok(alone.then(|| version(&written)))
}

/// Takes the finalizer away. An object that is gone already is no error.
pub async fn remove<K: CustomKind>(client: &Client, object: &K) -> Result<(), kube::Error> {
    if !has(object) {
        return Ok(());
    }
    let finalizers: Vec<String> = object
        .finalizers()
        .iter()
        .filter(|finalizer| *finalizer != FINALIZER)
        .cloned()
        .collect();
    match write(client, object, &finalizers).await {
        Err(kube::Error::Api(refused)) if refused.is_not_found() => Ok(()),
        written => written.map(drop),
    }
}

/// Replaces the list of exactly this object: another object under the same name has another uid, and a list that
/// somebody else changed meanwhile differs from the one that was read.
async fn write<K: CustomKind>(
    client: &Client,
    object: &K,
    finalizers: &[String],
) -> Result<PartialObjectMeta<K>, kube::Error> {
    let api = K::api(client, object.namespace().as_deref());
    let known = match object.finalizers() {
        // There is no list to compare with; the version says whether somebody else began one.
        [] => {
            json!({"op": "test", "path": "/metadata/resourceVersion", "value": object.resource_version()})
        }
        known => json!({"op": "test", "path": "/metadata/finalizers", "value": known}),
    };
    let patch = json!([
        {"op": "test", "path": "/metadata/uid", "value": object.uid()},
        known,
        {"op": "add", "path": "/metadata/finalizers", "value": finalizers},
    ]);
    let patch: kube::core::params::Patch<()> = match serde_json::from_value(patch) {
        Ok(patch) => Patch::Json(patch),
        Err(error) => return Err(kube::Error::SerdeError(error)),
    };
    api.patch_metadata(&object.name_any(), &PatchParams::default(), &patch)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use memory_cluster::MemoryCluster;
    use pim_api::AccessBoundary;

    const FOREIGN: &str = "other.example/keep";

    fn boundary(finalizers: &[&str]) -> serde_json::Value {
        json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": "AccessBoundary",
            "metadata": {"name": "one", "finalizers": finalizers},
            "spec": {"namespaces": [], "tenants": [], "groups": {}, "policyFloor": {}},
        })
    }

    #[tokio::test]
    async fn a_finalizer_that_somebody_else_adds_meanwhile_stays() {
        for before in [&[][..], &["first.example/keep"]] {
            let cluster = MemoryCluster::new(pim_api::all_crds()).unwrap();
            let client = cluster.client();
            let api = AccessBoundary::api(&client, None);
            cluster.apply(boundary(before)).unwrap();
            let read = api.get("one").await.unwrap();
            let both: Vec<&str> = before.iter().copied().chain([FOREIGN]).collect();
            cluster.apply(boundary(&both)).unwrap();

            assert!(
                add(&client, &read).await.is_err(),
                "it was read before that"
            );
            let read = api.get("one").await.unwrap();
            assert_eq!(read.finalizers(), both);

            add(&client, &read).await.unwrap();
            let read = api.get("one").await.unwrap();
            assert!(has(&read) && read.finalizers().iter().any(|one| one == FOREIGN));
            remove(&client, &read).await.unwrap();
            assert_eq!(api.get("one").await.unwrap().finalizers(), both);
        }
    }
}
