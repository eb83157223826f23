//! The controller of boundaries: counts what each one judges and what it does not admit. It judges nothing itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::ObjectRef;
use pim_api::{AccessBoundary, AccessBoundaryStatus, PrivilegedGroup};
use pim_core::ids::ObjectName;
use pim_core::verdict::State;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::conditions::Conditions;
use super::context::Context;
use super::measure;
use super::reconcile::guarded;
use crate::adapters::kinds::object_name;
use crate::telemetry::metrics::{Controller as Label, ObjectKey, ReconcileResult, ResourceKind};
use crate::telemetry::span;

/// How long counting waits for more to count: every pass of every group asks for it.
const DEBOUNCE: Duration = Duration::from_millis(500);

/// How soon a status that Kubernetes refused is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Runs the controller.
pub async fn run(
    context: Arc<Context>,
    mut wakes: mpsc::UnboundedReceiver<ObjectRef<AccessBoundary>>,
) {
    let config = Config::default()
        .concurrency(context.concurrency)
        .debounce(DEBOUNCE);
    let boundaries = context.stores.boundaries.clone();
    // A boundary has no finalizer of ours: one that is deleted is gone before its controller could be told.
    let of_gone = Arc::clone(&context);
    let wakes = futures::stream::poll_fn(move |task| wakes.poll_recv(task))
        .inspect(move |woken| forget_if_gone(&of_gone, &woken.name));
    Controller::for_stream(futures::stream::pending(), boundaries)
        .with_config(config)
        .reconcile_on(wakes)
        .graceful_shutdown_on(context.stop.clone().cancelled_owned())
        .run(
            reconcile,
            |_, _: &Infallible, _| Action::await_change(),
            context,
        )
        .for_each(|_| futures::future::ready(()))
        .await;
}

async fn reconcile(
    boundary: Arc<AccessBoundary>,
    context: Arc<Context>,
) -> Result<Action, Infallible> {
    let span = span::reconcile(
        ResourceKind::AccessBoundary,
        &object_name(&*boundary),
        (context.chance)(),
    );
    let count = count(&context, &boundary).instrument(span);
    let action = guarded(&context, Label::Boundary, count).await;
    forget_if_gone(&context, &boundary.name_any());
    Ok(action)
}

fn forget_if_gone(context: &Context, name: &str) {
    let reference = ObjectRef::new(name);
    if context.stores.boundaries.get(&reference).is_none() {
        context.metrics.forget(&key(name));
    }
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::new(ResourceKind::AccessBoundary, ObjectName::new("", name))
}

async fn count(context: &Context, boundary: &AccessBoundary) -> (Action, ReconcileResult) {
    let judged = judged(context, &boundary.name_any());
    let denied = judged
        .iter()
        .filter(|conditions| is_denied(conditions))
        .count();
    let known = context.statuses.latest(boundary);
    let mut conditions = Conditions::new(
        &known.conditions,
        boundary.metadata.generation,
        context.clock.now(),
    );
    conditions.state(&State::Ready);
    let status = AccessBoundaryStatus {
        observed_generation: boundary.metadata.generation,
        conditions: conditions.finish(),
        objects: i64::try_from(judged.len()).ok(),
        denied: i64::try_from(denied).ok(),
    };
    measure::stands(
        &context.metrics,
        &key(&boundary.name_any()),
        &status.conditions,
    );
    match context.statuses.apply(boundary, status).await {
        Ok(_) => (Action::await_change(), ReconcileResult::Success),
        Err(_) => (Action::requeue(AGAIN), ReconcileResult::Error),
    }
}

/// The conditions of every object that the boundary judges.
fn judged(context: &Context, boundary: &str) -> Vec<Vec<Condition>> {
    let stores = &context.stores;
    let groups = stores.groups.state();
    let mine: Vec<&Arc<PrivilegedGroup>> = groups
        .iter()
        .filter(|group| group.spec.boundary_ref.name == boundary)
        .collect();
    let of_mine = |namespace: Option<String>, reference: &str| {
        mine.iter()
            .any(|group| group.namespace() == namespace && group.name_any() == reference)
    };
    let mut all: Vec<Vec<Condition>> = mine
        .iter()
        .map(|group| context.statuses.latest(&***group).conditions)
        .collect();
    for object in stores
        .bindings
        .state()
        .iter()
        .filter(|object| of_mine(object.namespace(), &object.spec.group_ref.name))
    {
        all.push(context.statuses.latest(&**object).conditions);
    }
    for object in stores
        .eligible
        .state()
        .iter()
        .filter(|object| of_mine(object.namespace(), &object.spec.group_ref.name))
    {
        all.push(context.statuses.latest(&**object).conditions);
    }
    for object in stores
        .active
        .state()
        .iter()
        .filter(|object| of_mine(object.namespace(), &object.spec.group_ref.name))
    {
        all.push(context.statuses.latest(&**object).conditions);
    }
    all
}

fn is_denied(conditions: &[Condition]) -> bool {
    conditions
        .iter()
        .any(|condition| condition.type_ == "Authorized" && condition.status == "False")
}
