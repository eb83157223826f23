//! What only the in-memory server can do: faults, broken definitions, paused time.

use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, ResourceExt};

use super::*;

fn cluster() -> MemoryCluster {
    MemoryCluster::new([]).unwrap()
}

fn maps(cluster: &MemoryCluster) -> Api<ConfigMap> {
    Api::default_namespaced(cluster.client())
}

async fn create(api: &Api<ConfigMap>, name: &str) -> kube::Result<ConfigMap> {
    let map = json!({"metadata": {"name": name}, "data": {"key": "1"}});
    let map = serde_json::from_value(map).unwrap();
    api.create(&PostParams::default(), &map).await
}

async fn patch(api: &Api<ConfigMap>, name: &str, patch: Value) {
    let patch = Patch::Merge(patch);
    api.patch(name, &PatchParams::default(), &patch)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_has_no_effect() {
    let cluster = cluster();
    let api = maps(&cluster);
    let mut interceptions = vec![
        Interception::Disconnect,
        Interception::Refuse(Refusal::forbidden("no")),
    ];
    cluster.on_write(move |target| {
        assert_eq!(target, "configmaps");
        interceptions.pop().unwrap_or(Interception::Pass)
    });
    let refused = create(&api, "one").await.unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.is_forbidden()));
    let broken = create(&api, "two").await.unwrap_err();
    assert!(matches!(broken, kube::Error::Service(_)));
    create(&api, "three").await.unwrap();
    let list = api.list(&ListParams::default()).await.unwrap();
    let names: Vec<String> = list.iter().map(ResourceExt::name_any).collect();
    assert_eq!(names, vec!["three"]);
    assert_eq!(cluster.writes(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_idle_watch_ends_with_a_bookmark_at_its_timeout() {
    let cluster = cluster();
    let begun = Instant::now();
    let params = WatchParams::default().timeout(20);
    let events = maps(&cluster)
        .watch(&params, &cluster.revision().to_string())
        .await
        .unwrap();
    let events: Vec<_> = events.collect().await;
    assert!(matches!(events[..], [Ok(WatchEvent::Bookmark(_))]));
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_reflector_follows_through_many_watches() {
    let cluster = cluster();
    let api = maps(&cluster);
    let (store, writer) = reflector::store();
    let stream = watcher(api.clone(), watcher::Config::default()).default_backoff();
    let task = tokio::spawn(stream.reflect(writer).for_each(|_| async {}));
    store.wait_until_ready().await.unwrap();
    for name in ["one", "two", "three"] {
        create(&api, name).await.unwrap();
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    cluster.delete("ConfigMap", None, "two").unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    let known = store.state();
    let mut names: Vec<String> = known.iter().map(|object| object.name_any()).collect();
    names.sort();
    assert_eq!(names, vec!["one", "three"]);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_manifest_without_a_field_removes_it_and_leaves_what_others_wrote() {
    let cluster = cluster();
    let manifest =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1', b: '2'}\n";
    cluster.apply_yaml(manifest).unwrap();
    patch(&maps(&cluster), "one", json!({"data": {"c": "3"}})).await;
    let manifests = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: two}\nstringData: {key: text}\n";
    cluster.apply_yaml(manifests).unwrap();
    assert_eq!(
        cluster.get("ConfigMap", Some("default"), "one").unwrap()["data"],
        json!({"a": "1", "c": "3"})
    );
    let secrets: Api<Secret> = Api::default_namespaced(cluster.client());
    let secret = secrets.get("two").await.unwrap();
    assert_eq!(secret.data.unwrap()["key"].0, b"text");
}

#[tokio::test(start_paused = true)]
async fn two_equal_runs_store_equal_objects() {
    let run = async || {
        let cluster = cluster();
        let api = maps(&cluster);
        create(&api, "one").await.unwrap();
        tokio::time::advance(Duration::from_hours(1)).await;
        patch(&api, "one", json!({"data": {"key": "2"}})).await;
        cluster.objects()
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test(start_paused = true)]
async fn kinds_that_are_not_served_are_named() {
    let error = cluster()
        .apply_yaml("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: one}\n")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "kind apps/v1 Deployment is not served, pass its definition to MemoryCluster::new"
    );
}

#[test]
fn a_definition_with_what_is_not_known_here_is_refused() {
    for schema in [
        json!({"type": "object", "oneOf": [{"required": ["a"]}]}),
        json!({"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}),
    ] {
        let definition = json!({
            "metadata": {"name": "widgets.memory.test"},
            "spec": {"group": "memory.test", "scope": "Cluster", "names": {"kind": "Widget", "plural": "widgets"},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]},
        });
        let refused = MemoryCluster::new([serde_json::from_value(definition).unwrap()]);
        assert!(matches!(refused, Err(Error::Definition(_))));
    }
}
