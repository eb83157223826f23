//! kube's own machinery on both servers: watcher, controller with finalizer.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::controller::Action;
use kube::runtime::finalizer::{self, finalizer};
use kube::runtime::{Controller, watcher};
use kube::{Api, CustomResource, ResourceExt as _};
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

pub async fn a_watcher_lists_and_follows(wire: &mut Wire) -> Result<()> {
    let api = widgets(wire);
    for name in ["a", "b", "c"] {
        api.create(&PostParams::default(), &widget(name, "Red"))
            .await?;
    }
    let mut events = watcher(api.clone(), watcher::Config::default()).boxed();
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
    in_time(&api, |object| observed(object) == Some(1)).await?;
    let patch = Patch::Merge(json!({"spec": {"color": "Blue"}}));
    api.patch("one", &PatchParams::default(), &patch).await?;
    in_time(&api, |object| observed(object) == Some(2)).await?;
    let object = api.get("one").await?;
    let status = object.status.clone().context("a status")?;
    ensure!(status.phase.as_deref() == Some("Blue"));
    wire.record(serde_json::to_value(&status)?);
    wire.record(json!(object.metadata.finalizers));
    api.delete("one", &DeleteParams::default()).await?;
    in_time(&api, |object| object.is_none()).await?;
    running.abort();
    Ok(())
}

/// The generation that the controller reported on.
fn observed(object: Option<&Widget>) -> Option<i64> {
    object?.status.as_ref()?.observed_generation
}

/// Reads the widget `one` until it is as it should be.
async fn in_time(api: &Api<Widget>, holds: impl Fn(Option<&Widget>) -> bool) -> Result<()> {
    let reads = async {
        while !holds(api.get_opt("one").await?.as_ref()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), reads).await?
}
