//! The controllers of those cluster-wide kinds that groups name and whose status sums up how these groups stand: one for each
//! kind. They judge nothing and write nothing to a tenant.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::ResourceExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::{ObjectRef, Store};
use pim_api::PrivilegedGroup;
use pim_core::desired::Object;
use pim_core::ids::ObjectName;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::context::Context;
use super::debounce::debounced;
use super::metrics;
use super::turn::guarded;
use crate::adapters::kinds::{CustomKind, Stores};
use crate::adapters::wish::object_name;
use crate::telemetry::metrics::{Controller as Label, ReconcileResult};
use crate::telemetry::span;

/// How long counting waits for more to count: every pass of every group asks for it.
const DEBOUNCE: Duration = Duration::from_millis(500);

/// How soon a status that Kubernetes refused is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// A kind whose status sums up the groups that name its objects.
pub trait Summarized: CustomKind {
    /// What its controller is called in metrics.
    const LABEL: Label;

    /// Where its objects are kept.
    fn store(stores: &Stores) -> &Store<Self>;

    /// The object that a group names.
    fn named_by(group: &PrivilegedGroup) -> Option<&str>;

    /// What the status is to say now; events of what is new in it are published here.
    fn summarize(&self, context: &Context) -> impl Future<Output = Self::Status> + Send;
}

/// Reconciles the objects of a kind until the context's `stop` is cancelled.
pub async fn run<K: Summarized>(
    context: Arc<Context>,
    wakes: mpsc::UnboundedReceiver<ObjectRef<K>>,
) {
    let config = Config::default().concurrency(context.concurrency);
    let objects = K::store(&context.stores).clone();
    // They have no finalizer of ours: one that is deleted is gone before its controller could be told.
    let of_gone = Arc::clone(&context);
    let wakes =
        debounced(wakes, DEBOUNCE).inspect(move |woken| forget_if_gone::<K>(&of_gone, &woken.name));
    Controller::for_stream(futures::stream::pending(), objects)
        .with_config(config)
        .reconcile_on(wakes)
        .graceful_shutdown_on(context.stop.clone().cancelled_owned())
        .run(
            reconcile::<K>,
            |_, _: &Infallible, _| Action::await_change(),
            context,
        )
        .for_each(|_| futures::future::ready(()))
        .await;
}

async fn reconcile<K: Summarized>(
    object: Arc<K>,
    context: Arc<Context>,
) -> Result<Action, Infallible> {
    let span = span::reconcile(K::KIND, &object_name(&*object), (context.jitter)());
    let count = count(&context, &*object).instrument(span);
    let count = Box::pin(guarded(&context, K::LABEL, count));
    // Its groups may lie in tenants of several releases: one of them counts.
    let tenants = tenants_of::<K>(&context, &object.name_any());
    let action = context.while_acting(&tenants, count).await;
    forget_if_gone::<K>(&context, &object.name_any());
    Ok(action.unwrap_or_else(Action::await_change))
}

async fn count<K: Summarized>(context: &Context, object: &K) -> (Action, ReconcileResult) {
    let status = object.summarize(context).await;
    let key = key::<K>(&object.name_any());
    metrics::stands(&context.metrics, &key, K::conditions(&status));
    match context.statuses.apply(object, status).await {
        Ok(_) => (Action::await_change(), ReconcileResult::Success),
        Err(_) => (Action::requeue(AGAIN), ReconcileResult::Error),
    }
}

fn forget_if_gone<K: Summarized>(context: &Context, name: &str) {
    if K::store(&context.stores)
        .get(&ObjectRef::new(name))
        .is_none()
    {
        context.metrics.forget(&key::<K>(name));
        context.notes.forget_said(&topic::<K>(name));
    }
}

fn key<K: Summarized>(name: &str) -> Object {
    Object::new(K::KIND, ObjectName::new("", name))
}

/// Under what is noted what was said of an object.
pub fn topic<K: CustomKind>(name: &str) -> String {
    format!("{} {name}", K::KIND)
}

/// The groups that name an object.
pub fn groups_of<K: Summarized>(context: &Context, name: &str) -> Vec<Arc<PrivilegedGroup>> {
    let mut groups = context.stores.groups.state();
    groups.retain(|group| K::named_by(group) == Some(name));
    groups
}

/// The tenants of the groups that name an object, by name.
pub fn tenants_of<K: Summarized>(context: &Context, name: &str) -> Vec<String> {
    let groups = groups_of::<K>(context, name);
    let tenants = groups.iter();
    let tenants: BTreeSet<String> = tenants
        .map(|group| group.spec.tenant_ref.name.clone())
        .collect();
    tenants.into_iter().collect()
}
