//! The controller of groups: collects a group with its boundary, bindings and assignments, and has it worked on as one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::ResourceExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::{ObjectRef, Store};
use pim_api::PrivilegedGroup;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::context::Context;
use super::debounce::debounced;
use super::missing_tenant::MissingTenant;
use super::reconcile;
use crate::adapters::kinds::Kind;
use crate::resolve::Manifests;
use crate::telemetry::metrics::Controller as Label;

/// Edits of one moment, such as `kubectl apply -f folder`, are worked on together.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// How soon something that Kubernetes refused is tried again.
pub const SOON: Duration = Duration::from_secs(5);

/// Runs the controller.
pub async fn run(
    context: Arc<Context>,
    wakes: mpsc::UnboundedReceiver<ObjectRef<PrivilegedGroup>>,
) {
    // No limit here: each tenant has its own slots, so that nobody waits for the groups of another one.
    let config = Config::default().concurrency(0);
    Controller::for_stream(futures::stream::pending(), context.stores.groups.clone())
        .with_config(config)
        .reconcile_on(debounced(wakes, DEBOUNCE))
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
    let turn = turn(&context, &group.spec.tenant_ref.name);
    let Some(_turn) = context.stop.run_until_cancelled(turn).await else {
        return Ok(Action::await_change());
    };
    // Waiting takes time: what is worked on is what stands now.
    let Some(group) = context.stores.groups.get(&reference) else {
        return Ok(Action::await_change());
    };
    let work = Box::pin(async {
        match gather(&context, &group) {
            Ok(manifests) => reconcile::pass(&context, &manifests).await,
            Err(missing) => missing.report(&context).await,
        }
    });
    let action = reconcile::guarded(&context, Label::Group, work).await;
    context.waker.boundary(&group.spec.boundary_ref.name);
    Ok(action)
}

/// Waits for the turn of a group. One whose tenant is not declared has nothing to wait for.
async fn turn(context: &Context, tenant: &str) -> Option<OwnedSemaphorePermit> {
    context.stores.tenants.get(&ObjectRef::new(tenant))?;
    context.tenants.turn(tenant).await
}

/// Collects everything that speaks about a group; without its tenant, which is named, there is nothing to be done.
fn gather(context: &Context, group: &Arc<PrivilegedGroup>) -> Result<Manifests, MissingTenant> {
    let stores = &context.stores;
    let name = &group.spec.tenant_ref.name;
    let tenant = stores.tenants.get(&ObjectRef::new(name));
    let (namespace, group_name) = (group.namespace(), group.name_any());
    let mine = |of: Option<String>, reference: &str| of == namespace && reference == group_name;
    let bindings = of_group(&stores.bindings, |object| {
        mine(object.namespace(), &object.spec.group_ref.name)
    });
    let eligible = of_group(&stores.eligible, |object| {
        mine(object.namespace(), &object.spec.group_ref.name)
    });
    let active = of_group(&stores.active, |object| {
        mine(object.namespace(), &object.spec.group_ref.name)
    });
    let group = Arc::clone(group);
    let Some(tenant) = tenant else {
        return Err(MissingTenant {
            name: name.clone(),
            group,
            bindings,
            eligible,
            active,
        });
    };
    let boundary = &group.spec.boundary_ref.name;
    Ok(Manifests {
        tenant,
        boundary: stores.boundaries.get(&ObjectRef::new(boundary)),
        group,
        bindings,
        eligible,
        active,
    })
}

fn of_group<K: Kind>(store: &Store<K>, belongs: impl Fn(&K) -> bool) -> Vec<Arc<K>> {
    let mut objects = store.state();
    objects.retain(|object| belongs(object));
    objects.sort_by_key(|object| object.name_any());
    objects
}
