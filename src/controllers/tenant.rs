//! The controller of tenants: signs in, says what may be done there, and has every group of the tenant looked at once
//! in an interval.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use jiff::SignedDuration;
use kube::ResourceExt;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::ObjectRef;
use pim_api::{EntraTenant, EntraTenantStatus, PrivilegedGroup};
use pim_core::ids::ObjectName;
use pim_core::reason::Reason;
use pim_core::verdict::State;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::conditions::{Conditions, whole_second};
use super::context::Context;
use super::measure;
use super::outcome::{Failure, Pace, SLOW, backoff};
use super::reconcile::guarded;
use super::sign_in::{Found, sign_in};
use crate::adapters::kinds::object_name;
use crate::telemetry::metrics::{Controller as Label, ObjectKey, ReconcileResult, ResourceKind};
use crate::telemetry::span;

/// Groups that are looked at together: as many as one batch of reads carries.
const TOGETHER: usize = 20;

/// How much earlier or later than its interval a tenant is looked at, so that many tenants do not meet.
const JITTER: f64 = 0.1;

/// Runs the controller.
pub async fn run(
    context: Arc<Context>,
    mut wakes: mpsc::UnboundedReceiver<ObjectRef<EntraTenant>>,
) {
    let config = Config::default()
        .concurrency(context.concurrency)
        .debounce(Duration::from_millis(100));
    let tenants = context.stores.tenants.clone();
    // A tenant has no finalizer of ours: one that is deleted is gone before its controller could be told.
    let of_gone = Arc::clone(&context);
    let wakes = futures::stream::poll_fn(move |task| wakes.poll_recv(task))
        .inspect(move |woken| forget_if_gone(&of_gone, &woken.name));
    Controller::for_stream(futures::stream::pending(), tenants)
        .with_config(config)
        .reconcile_on(wakes)
        .graceful_shutdown_on(context.stop.clone().cancelled_owned())
        .run(
            reconcile,
            |_, _: &Infallible, _| Action::requeue(SLOW),
            context,
        )
        .for_each(|_| futures::future::ready(()))
        .await;
}

async fn reconcile(tenant: Arc<EntraTenant>, context: Arc<Context>) -> Result<Action, Infallible> {
    let span = span::reconcile(
        ResourceKind::EntraTenant,
        &object_name(&*tenant),
        (context.chance)(),
    );
    let visit = visit(&context, &tenant).instrument(span);
    let action = guarded(&context, Label::Tenant, visit).await;
    forget_if_gone(&context, &tenant.name_any());
    Ok(action)
}

fn forget_if_gone(context: &Context, name: &str) {
    if context.stores.tenants.get(&ObjectRef::new(name)).is_none() {
        context.tenants.forget(name);
        context.metrics.forget(&key(name));
    }
}

fn key(name: &str) -> ObjectKey {
    ObjectKey::new(ResourceKind::EntraTenant, ObjectName::new("", name))
}

async fn visit(context: &Arc<Context>, tenant: &EntraTenant) -> (Action, ReconcileResult) {
    let tenant_name = tenant.name_any();
    let was_connected = context.tenants.is_connected(&tenant_name);
    let found = sign_in(context, tenant).await;
    if was_connected && !context.tenants.is_connected(&tenant_name) {
        // Its credential was taken away. The groups shall say so, and not go on until their next look.
        context
            .waker
            .groups_where(&context.stores, |group| is_of(group, &tenant_name));
    }
    let failure = found.as_ref().err().cloned();
    report(context, tenant, found).await;
    let name = ObjectName::new("", tenant_name.clone());
    let wait = look_when_due(context, tenant);
    if let Some(failure) = failure {
        let wait = if failure.pace == Pace::Slow {
            SLOW
        } else {
            backoff(context.notes.failed(&name), (context.chance)())
        };
        return (Action::requeue(wait), ReconcileResult::Error);
    }
    context.notes.succeeded(&name);
    (Action::requeue(wait), ReconcileResult::RequeueAfter)
}

/// Looks at all groups if it is time, and says how long until it is time again. Also without the tenant they are looked
/// at: they have to say so.
fn look_when_due(context: &Arc<Context>, tenant: &EntraTenant) -> Duration {
    let name = tenant.name_any();
    // A group that comes or goes also leads here; that is no reason to look at all of them.
    let left = context.notes.next_look(&name, tenant.metadata.generation);
    left.unwrap_or_else(|| {
        let again = interval(context, tenant);
        context
            .notes
            .looked(&name, tenant.metadata.generation, again);
        look_at_groups(context, tenant);
        again
    })
}

fn is_of(group: &PrivilegedGroup, tenant: &str) -> bool {
    group.spec.tenant_ref.name == tenant
}

fn interval(context: &Context, tenant: &EntraTenant) -> Duration {
    let declared =
        Duration::try_from(tenant.spec.resync_interval.length().to_signed()).unwrap_or(SLOW);
    declared.mul_f64(1.0 - JITTER + 2.0 * JITTER * (context.chance)())
}

/// Wakes the groups of a tenant: twenty at a time, spread evenly over the interval.
fn look_at_groups(context: &Arc<Context>, tenant: &EntraTenant) {
    let name = tenant.name_any();
    let groups = context.stores.groups.state();
    let mut names: Vec<ObjectName> = groups
        .iter()
        .filter(|group| is_of(group, &name))
        .map(|group| object_name(&**group))
        .collect();
    names.sort();
    let rounds = u32::try_from(names.len().div_ceil(TOGETHER))
        .unwrap_or(u32::MAX)
        .max(1);
    let declared =
        Duration::try_from(tenant.spec.resync_interval.length().to_signed()).unwrap_or(SLOW);
    let context = Arc::clone(context);
    tokio::spawn(async move {
        for round in names.chunks(TOGETHER) {
            for group in round {
                context.notes.take_last_look(group);
                context.waker.group(group);
            }
            tokio::time::sleep(declared.mul_f64(1.0 - 2.0 * JITTER) / rounds).await;
        }
    });
}

async fn report(context: &Context, tenant: &EntraTenant, found: Result<Found, Failure>) {
    let known = context.statuses.latest(tenant);
    let now = context.clock.now();
    let groups = context
        .stores
        .groups
        .state()
        .iter()
        .filter(|group| is_of(group, &tenant.name_any()))
        .count();
    let mut conditions = Conditions::new(&known.conditions, tenant.metadata.generation, now);
    let (permissions, last_sync_time) = match found {
        Ok(found) => {
            conditions.state(&found.state());
            let answered =
                now - SignedDuration::try_from(found.answered.elapsed()).unwrap_or_default();
            (Some(found.permissions), Some(whole_second(answered)))
        }
        Err(failure) if failure.reason == Reason::CredentialInvalid => {
            conditions.state(&State::stuck(failure.reason, failure.message));
            (known.permissions.clone(), known.last_sync_time.clone())
        }
        Err(failure) => {
            conditions.state(&failure.state());
            (known.permissions.clone(), known.last_sync_time.clone())
        }
    };
    let status = EntraTenantStatus {
        observed_generation: tenant.metadata.generation,
        conditions: conditions.finish(),
        last_sync_time,
        groups: i64::try_from(groups).ok(),
        permissions,
    };
    measure::stands(
        &context.metrics,
        &key(&tenant.name_any()),
        &status.conditions,
    );
    if let Err(error) = context.statuses.apply(tenant, status).await {
        tracing::warn!(error = %error, "status cannot be written");
    }
}
