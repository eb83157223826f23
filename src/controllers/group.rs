//! The controller of groups: collects a group with its boundary, bindings and assignments, and has it worked on as one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::ObjectRef;
use pim_api::PrivilegedGroup;
use pim_core::ids::ObjectName;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::context::Context;
use super::debounce::debounced;
use super::failure::SOON;
use super::missing_reference;
use super::nesting;
use super::pass::pass;
use super::template;
use super::turn::guarded;
use crate::adapters::wish::object_name;
use crate::reader::Precedence;
use crate::resolve::Manifests;
use crate::resolve::precedence;
use crate::telemetry::metrics::Controller as Label;

/// Edits of one moment, such as `kubectl apply -f folder`, are worked on together.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Reconciles groups until the context's `stop` is cancelled.
pub async fn run(
    context: Arc<Context>,
    wakes: mpsc::UnboundedReceiver<ObjectRef<PrivilegedGroup>>,
) {
    // No limit here: each tenant has its own slots, so that nobody waits for the groups of another one.
    let config = Config::default().concurrency(0);
    // One that waits for its turn is not begun a second time: it hears of what has changed here.
    let waiting = Arc::clone(&context);
    let wakes = debounced(wakes, DEBOUNCE).inspect(move |woken| {
        let namespace = woken.namespace.as_deref().unwrap_or_default();
        waiting
            .slots
            .changed(&ObjectName::new(namespace, &woken.name));
    });
    Controller::for_stream(futures::stream::pending(), context.stores.groups.clone())
        .with_config(config)
        .reconcile_on(wakes)
        .graceful_shutdown_on(context.stop.clone().cancelled_owned())
        .run(
            reconcile,
            |_, _: &Infallible, _| Action::requeue(SOON),
            context,
        )
        .for_each(|_| futures::future::ready(()))
        .await;
}

async fn reconcile(
    group: Arc<PrivilegedGroup>,
    context: Arc<Context>,
) -> Result<Action, Infallible> {
    let reference = ObjectRef::from_obj(&*group);
    let turn = turn(&context, &group);
    let Some(_turn) = context.stop.run_until_cancelled(turn).await else {
        return Ok(Action::await_change());
    };
    // Waiting takes time: what is worked on is what stands now.
    let Some(group) = context.stores.groups.get(&reference) else {
        return Ok(Action::await_change());
    };
    let members = context.stores.members(&object_name(&*group));
    let work = Box::pin(async {
        match Manifests::gather(&context.stores, &context.statuses, &group) {
            Some(manifests) => pass(&context, &manifests).await,
            None => missing_reference::of_tenant(&context, &group).await,
        }
    });
    let tenant = [group.spec.tenant_ref.name.clone()];
    let precedence = precedence::of(&context.stores, &context.statuses, &group);
    let work = precedence.reads_of(work);
    let work = guarded(&context, Label::Group, work);
    let action = context.while_acting(&tenant, work).await;
    for object in group.spec.references() {
        context.waker.counts(&object);
    }
    template::pass_turn_on(&context, &group);
    nesting::pass_on(&context, &group, &members);
    Ok(action.unwrap_or_else(Action::await_change))
}

/// Waits for the turn of a group. One whose tenant is not declared has nothing to wait for.
async fn turn(context: &Context, group: &PrivilegedGroup) -> Option<OwnedSemaphorePermit> {
    let tenant = &group.spec.tenant_ref.name;
    context.stores.tenants.get(&ObjectRef::new(tenant))?;
    let (stores, statuses) = (&context.stores, &context.statuses);
    let precedence = || {
        let newest = stores.groups.get(&ObjectRef::from_obj(group));
        newest.map_or(Precedence::Usual, |group| {
            precedence::of(stores, statuses, &group)
        })
    };
    let slots = &context.slots;
    slots.turn(tenant, &object_name(group), precedence).await
}
