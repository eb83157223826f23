//! Objects that name what does not exist: a member whose group is not declared, and a group with its members whose tenant
//! is not. They say so, and are let go when they are deleted and nothing of them can be left. Nothing else of their status
//! changes: what was known of the tenant stays known.

use std::sync::Arc;

use futures::StreamExt;
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use pim_api::PrivilegedGroup;
use pim_core::desired::Object;
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::State;
use tokio::sync::{Semaphore, mpsc};

use super::conditions::{Conditions, Truth};
use super::context::Context;
use super::failure::{SOON, backoff};
use super::finalizers;
use crate::adapters::kinds::{CustomKind, Manifest, each_manifest};
use crate::adapters::lenient;
use crate::telemetry::metrics::{Controller, ReconcileResult};

/// Runs the controller of members: while their group exists they are part of its unit, and nothing is done here.
pub async fn run(context: Arc<Context>, wakes: mpsc::UnboundedReceiver<Object>) {
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
async fn until_done(context: &Context, slots: &Semaphore, woken: &Object) {
    for attempt in 1.. {
        let slot = slots.acquire().await;
        let timer = context.metrics.reconcile(Controller::Dependent);
        let work = Box::pin(member(context, woken));
        let done = context.while_acting(&[], work).await;
        // Where another release acts there is nothing to be done here.
        let done = done.unwrap_or(Ok(()));
        timer.finish(if done.is_ok() {
            ReconcileResult::Success
        } else {
            ReconcileResult::Error
        });
        drop(slot);
        if done.is_ok() {
            return;
        }
        tokio::time::sleep(backoff(attempt, (context.jitter)())).await;
    }
}

struct KubernetesRefused;

async fn member(context: &Context, woken: &Object) -> Result<(), KubernetesRefused> {
    let Some(manifest) = context.stores.get(woken) else {
        return Ok(());
    };
    let Some(group) = manifest.group() else {
        return Ok(());
    };
    let reference = ObjectRef::new(&group.name).within(&group.namespace);
    if context.stores.groups.get(&reference).is_some() {
        return Ok(());
    }
    let fault = each_manifest!(&manifest, one => lenient::fault(&**one));
    if let Some(fault) = fault.filter(|_| group.name.is_empty()) {
        // Which group it names is not known, and so not whether anything is left of it.
        return say(context, &manifest, Reason::InvalidSpec, &fault).await;
    }
    if manifest.is_deleting() {
        // The group holds its own finalizer until everything of it is gone, so nothing is left of this object either.
        return release(context, &manifest).await;
    }
    let message = format!(
        "PrivilegedGroup {} does not exist in this namespace; create it, or delete this object",
        group.name
    );
    say(context, &manifest, Reason::ReferenceNotFound, &message).await
}

/// A group whose tenant is declared nowhere. Nothing can be taken away from a tenant that nobody knows, so only what was
/// never in one is let go.
pub async fn of_tenant(
    context: &Context,
    group: &Arc<PrivilegedGroup>,
) -> (Action, ReconcileResult) {
    match unit_without_tenant(context, group).await {
        Ok(()) => (Action::await_change(), ReconcileResult::Success),
        Err(KubernetesRefused) => (Action::requeue(SOON), ReconcileResult::Error),
    }
}

async fn unit_without_tenant(
    context: &Context,
    group: &Arc<PrivilegedGroup>,
) -> Result<(), KubernetesRefused> {
    let tenant = &group.spec.tenant_ref.name;
    let status = context.statuses.latest(&**group);
    let never_made = status.external_id.is_none() && status.pending_write.is_none();
    let manifest = Manifest::PrivilegedGroup(Arc::clone(group));
    let name = manifest.object().name;
    let of_members = format!(
        "EntraTenant {tenant}, in which PrivilegedGroup {} is declared, does not exist; create it",
        name.name
    );
    let mut done = Ok(());
    for member in context.stores.members(&name) {
        let one = without_tenant(context, &member, never_made, &of_members).await;
        done = done.and(one);
    }
    // The group goes last: while it is there, its objects are part of it.
    done?;
    let message = if manifest.is_deleting() {
        format!("EntraTenant {tenant} does not exist; create it")
    } else {
        format!(
            "EntraTenant {tenant} does not exist; create it, or delete this object and recreate it with another spec.tenantRef"
        )
    };
    without_tenant(context, &manifest, never_made, &message).await
}

async fn without_tenant(
    context: &Context,
    manifest: &Manifest,
    never_made: bool,
    message: &str,
) -> Result<(), KubernetesRefused> {
    if manifest.is_deleting() && never_made {
        return release(context, manifest).await;
    }
    let what_may_be_left = if manifest.is_deleting() {
        "; until then nothing can be taken away there, so this object stays"
    } else {
        ""
    };
    let message = format!("{message}{what_may_be_left}");
    say(context, manifest, Reason::ReferenceNotFound, &message).await
}

async fn release(context: &Context, manifest: &Manifest) -> Result<(), KubernetesRefused> {
    let released = finalizers::release(context, manifest).await;
    released.map_err(|error| refused(&error))
}

fn refused(error: &dyn std::fmt::Display) -> KubernetesRefused {
    tracing::warn!(error = %error, "Kubernetes has refused a write");
    KubernetesRefused
}

/// Writes into the status of an object why nothing can be done for it.
async fn say(
    context: &Context,
    manifest: &Manifest,
    reason: Reason,
    message: &str,
) -> Result<(), KubernetesRefused> {
    each_manifest!(manifest, one => stalled(context, &**one, reason, message).await)
}

async fn stalled<K: CustomKind>(
    context: &Context,
    object: &K,
    reason: Reason,
    message: &str,
) -> Result<(), KubernetesRefused> {
    let status = context.statuses.latest(object);
    let generation = object.meta().generation;
    let mut conditions = Conditions::new(K::conditions(&status), generation, context.clock.now());
    conditions.state(&State::stuck(reason, message));
    if object.meta().deletion_timestamp.is_some() {
        conditions.set(ConditionType::Deleting, Truth::True, reason, message);
    }
    let conditions = conditions.finish_with_previous();
    let fresh = K::with_conditions(status.clone(), generation, conditions);
    let written = context.statuses.apply(object, fresh).await;
    written.map(drop).map_err(|error| refused(&error))
}
