//! kube's own machinery on both servers: watcher, controller with finalizer, recorder of events.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::events::v1::Event as EventObject;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use kube::discovery::pinned_kind;
use kube::runtime::controller::Action;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::runtime::finalizer::{self, finalizer};
use kube::runtime::wait::{await_condition, conditions};
use kube::runtime::{Controller, watcher};
use kube::{Api, CustomResource, Resource as _, ResourceExt as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::wire::Wire;

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
#[kube(
    group = "memory.test",
    version = "v1",
    kind = "Widget",
    namespaced,
    status = "WidgetStatus",
    schema = "disabled"
)]
pub struct WidgetSpec {
    pub color: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WidgetStatus {
    pub observed_generation: Option<i64>,
    pub phase: Option<String>,
}

fn widgets(wire: &Wire) -> Api<Widget> {
    Api::namespaced(wire.client.clone(), &wire.namespace)
}

fn widget(name: &str, color: &str) -> Widget {
    Widget::new(
        name,
        WidgetSpec {
            color: color.to_owned(),
        },
    )
}

pub async fn a_watcher_pages_and_follows(wire: &mut Wire) -> Result<()> {
    let api = widgets(wire);
    for name in ["a", "b", "c"] {
        api.create(&PostParams::default(), &widget(name, "Red"))
            .await?;
    }
    let mut events = watcher(api.clone(), watcher::Config::default().page_size(2)).boxed();
    let mut told = Vec::new();
    while told.len() < 7 {
        let event = tokio::time::timeout(Duration::from_secs(20), events.try_next())
            .await
            .context("no event in time")??
            .context("the watcher ended")?;
        let line = match event {
            watcher::Event::Init => "init".to_owned(),
            watcher::Event::InitApply(object) => format!("listed {}", object.name_any()),
            watcher::Event::InitDone => {
                api.create(&PostParams::default(), &widget("d", "Blue"))
                    .await?;
                api.delete("a", &DeleteParams::default()).await?;
                "done".to_owned()
            }
            watcher::Event::Apply(object) => format!("applied {}", object.name_any()),
            watcher::Event::Delete(object) => format!("deleted {}", object.name_any()),
        };
        told.push(line);
    }
    ensure!(
        told == [
            "init",
            "listed a",
            "listed b",
            "listed c",
            "done",
            "applied d",
            "deleted a"
        ],
        "{told:?}"
    );
    wire.record(json!(told));
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum ReconcileError {
    #[error("kube: {0}")]
    Kube(#[from] kube::Error),
    #[error("finalizer: {0}")]
    Finalizer(#[source] Box<finalizer::Error<kube::Error>>),
}

async fn reconcile(object: Arc<Widget>, api: Arc<Api<Widget>>) -> Result<Action, ReconcileError> {
    let outcome = finalizer(&api, "memory.test/cleanup", object, |event| {
        let api = Arc::clone(&api);
        async move {
            if let finalizer::Event::Apply(object) = event {
                let status = json!({"apiVersion": "memory.test/v1", "kind": "Widget",
                    "status": {"observedGeneration": object.metadata.generation, "phase": object.spec.color}});
                api.patch_status(
                    &object.name_any(),
                    &PatchParams::apply("controller").force(),
                    &Patch::Apply(&status),
                )
                .await?;
            }
            Ok(Action::await_change())
        }
    });
    outcome
        .await
        .map_err(|error| ReconcileError::Finalizer(Box::new(error)))
}

pub async fn a_controller_finalizes_and_reports(wire: &mut Wire) -> Result<()> {
    let api = widgets(wire);
    let controller = Controller::new(api.clone(), watcher::Config::default()).run(
        reconcile,
        |_, _: &ReconcileError, _| Action::requeue(Duration::from_millis(50)),
        Arc::new(api.clone()),
    );
    let running = tokio::spawn(controller.for_each(|_| async {}));
    api.create(&PostParams::default(), &widget("one", "Red"))
        .await?;
    let reported = |generation: i64| {
        move |object: Option<&Widget>| {
            object
                .and_then(|object| object.status.as_ref())
                .is_some_and(|status| status.observed_generation == Some(generation))
        }
    };
    in_time(await_condition(api.clone(), "one", reported(1))).await?;
    let patch = Patch::Merge(json!({"spec": {"color": "Blue"}}));
    api.patch("one", &PatchParams::default(), &patch).await?;
    in_time(await_condition(api.clone(), "one", reported(2))).await?;
    let object = api.get("one").await?;
    let status = object.status.clone().context("a status")?;
    ensure!(status.phase.as_deref() == Some("Blue"));
    wire.record(serde_json::to_value(&status)?);
    wire.record(json!(object.metadata.finalizers));
    api.delete("one", &DeleteParams::default()).await?;
    let uid = object.uid().context("a uid")?;
    in_time(await_condition(api, "one", conditions::is_deleted(&uid))).await?;
    running.abort();
    Ok(())
}

async fn in_time<T, E: std::error::Error + Send + Sync + 'static>(
    condition: impl Future<Output = Result<T, E>>,
) -> Result<T> {
    Ok(tokio::time::timeout(Duration::from_secs(30), condition).await??)
}

pub async fn a_recorder_publishes_and_repeats(wire: &mut Wire) -> Result<()> {
    let object = widgets(wire)
        .create(&PostParams::default(), &widget("one", "Red"))
        .await?;
    let reporter = Reporter {
        controller: "memory.test/operator".to_owned(),
        instance: Some("pod-1".to_owned()),
    };
    let recorder = Recorder::new(wire.client.clone(), reporter);
    let event = Event {
        type_: EventType::Normal,
        reason: "Created".to_owned(),
        note: Some("made".to_owned()),
        action: "Create".to_owned(),
        secondary: None,
    };
    for _ in 0..2 {
        recorder.publish(&event, &object.object_ref(&())).await?;
    }
    let events: Api<EventObject> = Api::namespaced(wire.client.clone(), &wire.namespace);
    let list = events
        .list(&ListParams::default().fields("reason=Created"))
        .await?;
    ensure!(list.items.len() == 1);
    let series = list.items[0].series.as_ref().context("a series")?;
    ensure!(series.count == 2);
    wire.record(json!({"note": list.items[0].note, "count": series.count}));
    Ok(())
}

pub async fn kinds_are_discovered(wire: &mut Wire) -> Result<()> {
    for (group, version, kind) in [
        ("memory.test", "v1", "Widget"),
        ("memory.test", "v1", "Gadget"),
        ("", "v1", "ConfigMap"),
        ("events.k8s.io", "v1", "Event"),
    ] {
        let (resource, capabilities) =
            pinned_kind(&wire.client, &GroupVersionKind::gvk(group, version, kind)).await?;
        ensure!(resource.kind == kind);
        wire.record(json!({"apiVersion": resource.api_version, "plural": resource.plural, "scope": format!("{:?}", capabilities.scope)}));
    }
    ensure!(
        pinned_kind(
            &wire.client,
            &GroupVersionKind::gvk("memory.test", "v1", "Nothing")
        )
        .await
        .is_err()
    );
    let groups = wire.client.list_api_groups().await?;
    let group = groups
        .groups
        .into_iter()
        .find(|group| group.name == "memory.test")
        .context("the group")?;
    wire.record(serde_json::to_value(&group)?);
    Ok(())
}
