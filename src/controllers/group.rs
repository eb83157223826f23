//! The controller of groups: collects a group with its boundary, bindings and assignments, and has it worked on as one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::ResourceExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::{ObjectRef, Store};
use pim_api::{PrivilegedGroup, PrivilegedGroupStatus};
use pim_core::reason::Reason;
use pim_core::verdict::State;
use tokio::sync::mpsc;

use super::conditions::Conditions;
use super::context::Context;
use super::reconcile;
use crate::adapters::finalizer;
use crate::adapters::kinds::Kind;
use crate::resolve::Manifests;
use crate::telemetry::metrics::{Controller as Label, ReconcileResult};

/// Edits of one moment, such as `kubectl apply -f folder`, are worked on together.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// How soon something that Kubernetes refused is tried again.
const SOON: Duration = Duration::from_secs(5);

/// Runs the controller.
pub async fn run(
    context: Arc<Context>,
    mut wakes: mpsc::UnboundedReceiver<ObjectRef<PrivilegedGroup>>,
) {
    let config = Config::default()
        .concurrency(context.concurrency)
        .debounce(DEBOUNCE);
    Controller::for_stream(futures::stream::pending(), context.stores.groups.clone())
        .with_config(config)
        .reconcile_on(futures::stream::poll_fn(move |task| wakes.poll_recv(task)))
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
    let work = Box::pin(async {
        match gather(&context, &group) {
            Ok(manifests) => reconcile::pass(&context, &manifests).await,
            Err(missing) => (
                without_tenant(&context, &group, &missing).await,
                ReconcileResult::Success,
            ),
        }
    });
    let action = reconcile::guarded(&context, Label::Group, work).await;
    context.waker.boundary(&group.spec.boundary_ref.name);
    Ok(action)
}

/// The name of a tenant that does not exist.
struct MissingTenant(String);

/// Collects everything that speaks about a group.
fn gather(context: &Context, group: &Arc<PrivilegedGroup>) -> Result<Manifests, MissingTenant> {
    let stores = &context.stores;
    let tenant = &group.spec.tenant_ref.name;
    let (namespace, name) = (group.namespace(), group.name_any());
    let mine = |of: Option<String>, reference: &str| of == namespace && reference == name;
    Ok(Manifests {
        tenant: stores
            .tenants
            .get(&ObjectRef::new(tenant))
            .ok_or_else(|| MissingTenant(tenant.clone()))?,
        boundary: stores
            .boundaries
            .get(&ObjectRef::new(&group.spec.boundary_ref.name)),
        group: Arc::clone(group),
        bindings: of_group(&stores.bindings, |object| {
            mine(object.namespace(), &object.spec.group_ref.name)
        }),
        eligible: of_group(&stores.eligible, |object| {
            mine(object.namespace(), &object.spec.group_ref.name)
        }),
        active: of_group(&stores.active, |object| {
            mine(object.namespace(), &object.spec.group_ref.name)
        }),
    })
}

fn of_group<K: Kind>(store: &Store<K>, belongs: impl Fn(&K) -> bool) -> Vec<Arc<K>> {
    let mut objects = store.state();
    objects.retain(|object| belongs(object));
    objects.sort_by_key(|object| object.name_any());
    objects
}

/// Says that the tenant is missing. A group that never stood in one may go.
async fn without_tenant(
    context: &Context,
    group: &Arc<PrivilegedGroup>,
    missing: &MissingTenant,
) -> Action {
    let status = context.statuses.latest(&**group);
    let never_stood = status.external_id.is_none() && status.pending_write.is_none();
    if group.metadata.deletion_timestamp.is_some() && never_stood {
        return match finalizer::remove(&context.client, &**group).await {
            Ok(()) => Action::await_change(),
            Err(error) => {
                tracing::warn!(error = %error, "finalizer cannot be removed");
                Action::requeue(SOON)
            }
        };
    }
    let message = format!(
        "EntraTenant {} does not exist; create it, or delete this object and recreate it with another spec.tenantRef",
        missing.0
    );
    let mut conditions = Conditions::new(
        &status.conditions,
        group.metadata.generation,
        context.clock.now(),
    );
    conditions.state(&State::stuck(Reason::ReferenceNotFound, message));
    let conditions = conditions.finish();
    let status = PrivilegedGroupStatus {
        observed_generation: group.metadata.generation,
        conditions,
        ..status
    };
    match context.statuses.apply(&**group, status).await {
        Ok(_) => Action::await_change(),
        Err(_) => Action::requeue(SOON),
    }
}
