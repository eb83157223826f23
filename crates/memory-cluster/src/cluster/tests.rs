//! What only the in-memory server can do: faults, held watches, compaction, paused time.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt, TryStreamExt};
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

fn map(name: &str, value: &str) -> ConfigMap {
    serde_json::from_value(json!({"metadata": {"name": name}, "data": {"key": value}})).unwrap()
}

async fn next(
    events: &mut (impl StreamExt<Item = kube::Result<WatchEvent<ConfigMap>>> + Unpin),
) -> String {
    match events.next().await.unwrap().unwrap() {
        WatchEvent::Added(object) => format!("added {}", object.name_any()),
        WatchEvent::Modified(object) => format!("modified {}", object.name_any()),
        WatchEvent::Deleted(object) => format!("deleted {}", object.name_any()),
        WatchEvent::Bookmark(_) => "bookmark".to_owned(),
        WatchEvent::Error(status) => format!("error {}", status.code),
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_has_no_effect_and_a_lost_answer_has() {
    let cluster = cluster();
    let api = maps(&cluster);
    cluster.on_request(|request| match request.sequence {
        1 => Interception::Refuse(Refusal::forbidden("no")),
        2 => Interception::Disconnect,
        3 => Interception::LoseAnswer,
        _ => Interception::Pass,
    });
    let refused = api
        .create(&PostParams::default(), &map("one", "1"))
        .await
        .unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.is_forbidden()));
    assert!(matches!(
        api.create(&PostParams::default(), &map("two", "1")).await,
        Err(kube::Error::Service(_))
    ));
    assert!(matches!(
        api.create(&PostParams::default(), &map("three", "1")).await,
        Err(kube::Error::Service(_))
    ));
    let names: Vec<String> = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .iter()
        .map(ResourceExt::name_any)
        .collect();
    assert_eq!(names, vec!["three"]);
    assert_eq!(cluster.writes(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_interceptor_sees_who_does_what() {
    let cluster = cluster();
    let seen: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    cluster.on_request(move |request| {
        log.lock().unwrap().push(format!(
            "{} {} {} {}",
            request.client, request.verb, request.resource, request.name
        ));
        Interception::Pass
    });
    let api: Api<ConfigMap> = Api::default_namespaced(cluster.client_named("replica-b"));
    api.create(&PostParams::default(), &map("one", "1"))
        .await
        .unwrap();
    api.patch(
        "one",
        &PatchParams::default(),
        &Patch::Merge(json!({"data": {"key": "2"}})),
    )
    .await
    .unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        vec![
            "replica-b create configmaps ",
            "replica-b patch configmaps one"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_delayed_write_takes_effect_later() {
    let cluster = cluster();
    cluster.on_request(|_| Interception::Delay(Duration::from_secs(7)));
    let begun = Instant::now();
    maps(&cluster)
        .create(&PostParams::default(), &map("one", "1"))
        .await
        .unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn held_watches_hear_everything_in_order_when_released() {
    let cluster = cluster();
    let api = maps(&cluster);
    let mut events = api
        .watch(&WatchParams::default(), &cluster.revision().to_string())
        .await
        .unwrap()
        .boxed();
    cluster.hold_watches();
    api.create(&PostParams::default(), &map("one", "1"))
        .await
        .unwrap();
    cluster.delete("ConfigMap", None, "one").unwrap();
    let silence = tokio::time::timeout(Duration::from_secs(30), events.next()).await;
    assert!(silence.is_err());
    cluster.release_watches();
    assert_eq!(next(&mut events).await, "added one");
    assert_eq!(next(&mut events).await, "deleted one");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_starts_before_a_compaction_is_gone() {
    let cluster = cluster();
    let api = maps(&cluster);
    let before = cluster.revision().to_string();
    api.create(&PostParams::default(), &map("one", "1"))
        .await
        .unwrap();
    cluster.compact();
    let mut events = api
        .watch(&WatchParams::default(), &before)
        .await
        .unwrap()
        .boxed();
    assert_eq!(next(&mut events).await, "error 410");
    assert!(events.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_asked_for_after_a_compaction_is_gone() {
    let cluster = cluster();
    let api = maps(&cluster);
    for name in ["one", "two"] {
        api.create(&PostParams::default(), &map(name, "1"))
            .await
            .unwrap();
    }
    let first = api.list(&ListParams::default().limit(1)).await.unwrap();
    api.create(&PostParams::default(), &map("three", "1"))
        .await
        .unwrap();
    cluster.compact();
    let token = first.metadata.continue_.unwrap();
    let gone = api
        .list(&ListParams::default().limit(1).continue_token(&token))
        .await
        .unwrap_err();
    assert!(
        matches!(gone, kube::Error::Api(status) if status.code == 410 && status.reason == "Expired")
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_watch_ends_with_a_bookmark_at_its_timeout() {
    let cluster = cluster();
    let begun = Instant::now();
    let api = maps(&cluster);
    let mut events = api
        .watch(
            &WatchParams::default().timeout(20),
            &cluster.revision().to_string(),
        )
        .await
        .unwrap()
        .boxed();
    assert_eq!(next(&mut events).await, "bookmark");
    assert!(events.next().await.is_none());
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_reflector_survives_broken_watches_and_compactions() {
    let cluster = cluster();
    let api = maps(&cluster);
    let (store, writer) = reflector::store();
    let relists = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&relists);
    let stream = watcher(api.clone(), watcher::Config::default().page_size(2))
        .default_backoff()
        .inspect_ok(move |event| {
            if matches!(event, watcher::Event::Init) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        })
        .reflect(writer);
    let task = tokio::spawn(stream.for_each(|_| async {}));
    store.wait_until_ready().await.unwrap();
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        api.create(&PostParams::default(), &map(name, &index.to_string()))
            .await
            .unwrap();
    }
    cluster.drop_watches();
    cluster.delete("ConfigMap", None, "two").unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    let mut names: Vec<String> = store
        .state()
        .iter()
        .map(|object| object.name_any())
        .collect();
    names.sort();
    assert_eq!(names, vec!["one", "three"]);
    assert_eq!(relists.load(Ordering::Relaxed), 1);
    cluster.hold_watches();
    cluster.delete("ConfigMap", None, "one").unwrap();
    cluster.compact();
    cluster.release_watches();
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(store.state().len(), 1);
    assert_eq!(relists.load(Ordering::Relaxed), 2);
    task.abort();
}

#[tokio::test(start_paused = true)]
async fn a_manifest_without_a_field_removes_it_and_leaves_what_others_wrote() {
    let cluster = cluster();
    cluster
        .apply_yaml(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1', b: '2'}\n",
        )
        .unwrap();
    maps(&cluster)
        .patch(
            "one",
            &PatchParams::default(),
            &Patch::Merge(json!({"data": {"c": "3"}})),
        )
        .await
        .unwrap();
    let manifests = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '1'}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: two}\nstringData: {key: text}\n";
    cluster.apply_yaml(manifests).unwrap();
    assert_eq!(
        cluster.get("ConfigMap", Some("default"), "one").unwrap()["data"],
        json!({"a": "1", "c": "3"})
    );
    let secret: Secret = Api::default_namespaced(cluster.client())
        .get("two")
        .await
        .unwrap();
    assert_eq!(secret.data.unwrap()["key"].0, b"text");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_takes_its_content_along() {
    let cluster = cluster();
    cluster.create_namespace("team").unwrap();
    cluster
        .apply_yaml("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: team}\n")
        .unwrap();
    let held = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: team, finalizers: [memory.test/hold]}\n";
    cluster.apply_yaml(held).unwrap();
    cluster.delete("Namespace", None, "team").unwrap();
    assert!(cluster.get("ConfigMap", Some("team"), "one").is_none());
    assert_eq!(
        cluster.get("Namespace", None, "team").unwrap()["status"]["phase"],
        "Terminating"
    );
    let api: Api<ConfigMap> = Api::namespaced(cluster.client(), "team");
    let refused = api
        .create(&PostParams::default(), &map("three", "1"))
        .await
        .unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.is_forbidden()));
    api.patch(
        "two",
        &PatchParams::default(),
        &Patch::Merge(json!({"metadata": {"finalizers": null}})),
    )
    .await
    .unwrap();
    assert!(cluster.get("Namespace", None, "team").is_none());
}

#[tokio::test(start_paused = true)]
async fn two_equal_runs_store_equal_objects() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let cluster = cluster();
        let api = maps(&cluster);
        api.create(&PostParams::default(), &map("one", "1"))
            .await
            .unwrap();
        tokio::time::advance(Duration::from_hours(1)).await;
        api.patch(
            "one",
            &PatchParams::default(),
            &Patch::Merge(json!({"data": {"key": "2"}})),
        )
        .await
        .unwrap();
        runs.push(cluster.objects());
    }
    assert_eq!(runs[0], runs[1]);
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
