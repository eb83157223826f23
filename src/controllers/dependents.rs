//! Objects whose group does not exist: they say so, and are let go at once when they are deleted. While the group
//! exists they are part of its unit and nothing is done here.

use std::sync::Arc;

use futures::StreamExt;
use kube::ResourceExt;
use kube::runtime::reflector::{ObjectRef, Store};
use pim_core::reason::Reason;
use tokio::sync::{Semaphore, mpsc};

use super::context::Context;
use super::outcome::backoff;
use super::stuck::{self, HasConditions};
use super::watches::Dependent;
use crate::adapters::kinds::{Kind, uid};
use crate::adapters::{finalizer, lenient};
use crate::telemetry::metrics::{Controller, ReconcileResult};

/// Runs the controller.
pub async fn run(context: Arc<Context>, wakes: mpsc::UnboundedReceiver<Dependent>) {
    if context.stores.wait_until_ready().await.is_err() {
        return;
    }
    let wakes = futures::stream::unfold(wakes, |mut wakes| async move {
        Some((wakes.recv().await?, wakes))
    });
    // Whoever waits for the next try takes no slot from the others.
    let slots = Arc::new(Semaphore::new(usize::from(context.concurrency)));
    wakes
        .take_until(context.stop.clone().cancelled_owned())
        .for_each_concurrent(None, |woken| {
            let (context, slots) = (Arc::clone(&context), Arc::clone(&slots));
            async move {
                context
                    .stop
                    .run_until_cancelled(until_done(&context, &slots, &woken))
                    .await;
            }
        })
        .await;
}

/// Tries until Kubernetes takes it: nothing else would wake an object that is to be let go.
async fn until_done(context: &Context, slots: &Semaphore, woken: &Dependent) {
    for attempt in 1.. {
        let slot = slots.acquire().await;
        let timer = context.metrics.reconcile(Controller::Dependent);
        let done = look(context, woken).await;
        timer.finish(if done {
            ReconcileResult::Success
        } else {
            ReconcileResult::Error
        });
        drop(slot);
        if done {
            return;
        }
        tokio::time::sleep(backoff(attempt, (context.chance)())).await;
    }
}

/// Looks at whichever object it is; false if it should be tried again.
async fn look(context: &Context, woken: &Dependent) -> bool {
    let stores = &context.stores;
    match woken {
        Dependent::Binding(reference) => {
            one(context, &stores.bindings, reference, |object| {
                &object.spec.group_ref.name
            })
            .await
        }
        Dependent::Eligible(reference) => {
            one(context, &stores.eligible, reference, |object| {
                &object.spec.group_ref.name
            })
            .await
        }
        Dependent::Active(reference) => {
            one(context, &stores.active, reference, |object| {
                &object.spec.group_ref.name
            })
            .await
        }
    }
}

/// Looks at one object; false if it should be tried again.
async fn one<K: Kind>(
    context: &Context,
    store: &Store<K>,
    reference: &ObjectRef<K>,
    group: fn(&K) -> &String,
) -> bool
where
    K::Status: HasConditions,
{
    let Some(object) = store.get(reference) else {
        return true;
    };
    let group_name = group(&object);
    let group_reference =
        ObjectRef::new(group_name).within(&object.namespace().unwrap_or_default());
    if context.stores.groups.get(&group_reference).is_some() {
        return true;
    }
    if let Some(fault) = lenient::fault(&*object).filter(|_| group_name.is_empty()) {
        // Which group it names is not known, and so not whether anything is left of it.
        let said = stuck::say(context, &*object, Reason::InvalidSpec, &fault);
        return said.await.is_ok();
    }
    if object.meta().deletion_timestamp.is_some() {
        // The group holds its own finalizer until everything of it is gone, so nothing is left of this object either.
        context.statuses.forget(&uid(&*object));
        return finalizer::remove(&context.client, &*object).await.is_ok();
    }
    let message = format!(
        "PrivilegedGroup {group_name} does not exist in this namespace; create it, or delete this object"
    );
    stuck::say(context, &*object, Reason::ReferenceNotFound, &message)
        .await
        .is_ok()
}
