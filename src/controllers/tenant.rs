//! The controller of tenants: signs in, says what may be done there, and has every group of the tenant reconciled once
//! in an interval.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt};
use pim_api::EntraTenant;
use pim_core::desired::{Object, ObjectKind};
use pim_core::event::EventReason;
use pim_core::ids::ObjectName;
use pim_core::reason::{ConditionType, Reason};
use pim_core::verdict::State;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::conditions::{Conditions, Truth, whole_second};
use super::context::Context;
use super::debounce::debounced;
use super::failure::{Failure, Retry, SLOW, backoff};
use super::metrics;
use super::preflight;
use super::sign_in::{SignedIn, sign_in};
use super::turn::guarded;
use super::watches::is_of;
use crate::adapters::wish::object_name;
use crate::adapters::{lenient, status};
use crate::election::claims::TenantClaim;
use crate::resolve::memory;
use crate::telemetry::metrics::{Controller as Label, ReconcileResult};
use crate::telemetry::span;

/// Wake-ups that come within this time lead to one reconcile.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// The longest wait before a credential that was refused is read and tried again.
const CREDENTIAL: Duration = Duration::from_mins(1);

/// How soon a status that Kubernetes did not take is written again.
const AGAIN: Duration = Duration::from_secs(2);

/// Groups that are reconciled together: as many as one batch of lists carries, two for each group. More at once would meet
/// the limits of PIM, which takes some dozens of requests in one moment.
const TOGETHER: usize = 10;

/// How much earlier or later than its interval a tenant is checked, so that many tenants are not read at the same time.
const JITTER: f64 = 0.1;

/// Reconciles tenants until the context's `stop` is cancelled.
pub async fn run(context: Arc<Context>, wakes: mpsc::UnboundedReceiver<ObjectRef<EntraTenant>>) {
    let config = Config::default().concurrency(context.concurrency);
    let tenants = context.stores.tenants.clone();
    // A tenant has no finalizer of ours: one that is deleted is gone before its controller could be told.
    let of_gone = Arc::clone(&context);
    let wakes =
        debounced(wakes, DEBOUNCE).inspect(move |woken| forget_if_gone(&of_gone, &woken.name));
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
        ObjectKind::EntraTenant,
        &object_name(&*tenant),
        (context.jitter)(),
    );
    let work = Box::pin(guarded(&context, Label::Tenant, visit(&context, &tenant)));
    let acting = [tenant.name_any()];
    let action = async {
        let done = context.while_acting(&acting, work).await;
        if done.is_none() {
            tell_who_acts(&context, &tenant).await;
        }
        done.unwrap_or_else(Action::await_change)
    };
    let action = action.instrument(span).await;
    forget_if_gone(&context, &tenant.name_any());
    Ok(action)
}

fn forget_if_gone(context: &Context, name: &str) {
    if context.stores.tenants.get(&ObjectRef::new(name)).is_none() {
        context.claims.ask();
        context.connections.forget(name);
        context.slots.forget(name);
        context.notes.forget_tenant(name);
        context.metrics.forget(&key(name));
        context.metrics.forget_tenant_facts(name);
    }
}

fn key(name: &str) -> Object {
    Object::new(ObjectKind::EntraTenant, ObjectName::new("", name))
}

async fn visit(context: &Arc<Context>, tenant: &EntraTenant) -> (Action, ReconcileResult) {
    let tenant_name = tenant.name_any();
    if let Some(fault) = lenient::fault(tenant) {
        let invalid = Failure::local(Reason::InvalidSpec, fault, Retry::Slow);
        let told = report(context, tenant, Err(invalid)).await;
        let action = told.map_or_else(|_| Action::requeue(AGAIN), |()| Action::await_change());
        return (action, ReconcileResult::Error);
    }
    let connection = context.connections.connection(&tenant_name);
    let found = sign_in(context, tenant).await;
    if context.connections.connection(&tenant_name) != connection {
        // Its credential was taken away or changed. The groups shall say so, and not wait for their next reconcile.
        context
            .waker
            .groups_where(&context.stores, |group| is_of(group, &tenant_name));
    }
    let failure = found.as_ref().err().cloned();
    let told = report(context, tenant, found).await;
    let name = ObjectName::new("", tenant_name.clone());
    let mut wait = look_when_due(context, tenant);
    if told.is_err() {
        wait = wait.min(AGAIN);
    }
    if let Some(failure) = failure {
        let growing = backoff(context.notes.failed(&name), (context.jitter)());
        let wait = match (failure.reason, failure.retry) {
            (Reason::CredentialInvalid, _) => growing.min(CREDENTIAL),
            (_, Retry::Slow) => SLOW,
            _ => growing,
        };
        return (Action::requeue(wait), ReconcileResult::Error);
    }
    context.notes.succeeded(&name);
    (Action::requeue(wait), ReconcileResult::RequeueAfter)
}

/// Another release acts for the tenant: it writes the status, this one only says that it waits. Whether it may act itself is not
/// known before the claim was read, which is asked for here.
async fn tell_who_acts(context: &Context, tenant: &EntraTenant) {
    let name = tenant.name_any();
    let Some(TenantClaim::Waiting { acting }) = context.claims.of(&name) else {
        return context.claims.ask();
    };
    let note = format!(
        "{acting} acts for this tenant; this operator waits and changes nothing until that one is gone"
    );
    if context
        .notes
        .is_news(&format!("EntraTenant {name}/claim"), &note)
    {
        tracing::warn!(tenant = name, acting = %acting, "another release acts for the tenant; this one waits");
        let about = tenant.object_ref(&());
        let events = &context.events;
        events
            .publish(about, EventReason::AnotherOperator, &note)
            .await;
    }
}

/// Has all groups reconciled if it is time, and returns how long until it is time again. Also when the tenant cannot be
/// reached: their status has to say so.
fn look_when_due(context: &Arc<Context>, tenant: &EntraTenant) -> Duration {
    let name = tenant.name_any();
    // A group that comes or goes also leads here; that is no reason to reconcile all of them.
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

/// How often the groups of a tenant are to be looked at.
fn declared_interval(tenant: &EntraTenant) -> Duration {
    Duration::try_from(tenant.spec.resync_interval.length().to_signed()).unwrap_or(SLOW)
}

fn interval(context: &Context, tenant: &EntraTenant) -> Duration {
    declared_interval(tenant).mul_f64(1.0 - JITTER + 2.0 * JITTER * (context.jitter)())
}

/// Wakes the groups of a tenant: some at a time, spread evenly over the interval. A walk that still runs ends: the new
/// one meets everybody.
fn look_at_groups(context: &Arc<Context>, tenant: &EntraTenant) {
    let name = tenant.name_any();
    let names = group_names(context, &name);
    let rounds = u32::try_from(names.len().div_ceil(TOGETHER))
        .unwrap_or(u32::MAX)
        .max(1);
    let declared = declared_interval(tenant);
    let (walk, walker) = (context.notes.begin_walk(&name), Arc::clone(context));
    let walking = async move {
        for round in names.chunks(TOGETHER) {
            for group in round {
                walker.notes.take_snapshot(group);
                walker.waker.group(group);
            }
            tokio::time::sleep(declared.mul_f64(1.0 - 2.0 * JITTER) / rounds).await;
        }
    };
    let stop = context.stop.clone();
    let walking = async move { walk.run_until_cancelled(walking).await };
    tokio::spawn(async move { stop.run_until_cancelled(walking).await });
}

/// The groups of a tenant, by name.
fn group_names(context: &Context, tenant: &str) -> Vec<ObjectName> {
    let groups = context.stores.groups.state();
    let of_tenant = groups.iter().filter(|group| is_of(group, tenant));
    let mut names: Vec<ObjectName> = of_tenant.map(|group| object_name(&**group)).collect();
    names.sort();
    names
}

/// The longest that any group went without a look, in whole minutes, and at least what is declared: looks before their time
/// make no interval shorter. Nothing while no group was looked at twice.
fn effective_resync(
    context: &Context,
    tenant: &EntraTenant,
    groups: &[ObjectName],
) -> Option<String> {
    let declared = declared_interval(tenant);
    let gaps = groups.iter();
    let longest = gaps.filter_map(|name| context.notes.between_looks(name, declared));
    let minutes = longest.max()?.max(declared).as_secs_f64() / 60.0;
    Some(format!("PT{minutes:.0}M"))
}

/// Writes the status; an error if Kubernetes did not take it, so that it is written again soon.
async fn report(
    context: &Context,
    tenant: &EntraTenant,
    found: Result<SignedIn, Failure>,
) -> Result<(), status::Error> {
    let known = context.statuses.latest(tenant);
    let now = context.clock.now();
    let names = group_names(context, &tenant.name_any());
    let mut conditions = Conditions::new(&known.conditions, tenant.metadata.generation, now);
    announce(context, tenant, &known.conditions, &found).await;
    if let Some(TenantClaim::Held {
        waiting: Some(other),
        ..
    }) = context.claims.of(&tenant.name_any())
    {
        let message = format!(
            "{other} would act for this tenant, too, and waits; uninstall it, or this release to let it take over"
        );
        let (contested, reason) = (ConditionType::Contested, Reason::AnotherOperator);
        conditions.set(contested, Truth::True, reason, &message);
    }
    let mut status = known.clone();
    match found {
        Ok(found) => {
            conditions.state(&found.state());
            let preflight = &found.preflight;
            preflight
                .tell(context, tenant, &known.conditions, &mut conditions)
                .await;
            preflight.fill(&mut status);
            preflight.measure(context, tenant);
            let answered =
                now - SignedDuration::try_from(found.answered.elapsed()).unwrap_or_default();
            status.permissions = Some(found.permissions);
            // While the tenant says nothing time alone would move it on and on.
            status.effective_resync = effective_resync(context, tenant, &names);
            status.last_sync_time = Some(whole_second(answered));
        }
        Err(failure) => {
            if failure.reason == Reason::CredentialInvalid {
                conditions.state(&State::stuck(failure.reason, failure.message));
            } else {
                conditions.state(&failure.state());
            }
            preflight::keep(&mut conditions);
        }
    }
    status.observed_generation = tenant.metadata.generation;
    status.conditions = conditions.finish();
    status.groups = i64::try_from(names.len()).ok();
    metrics::stands(
        &context.metrics,
        &key(&tenant.name_any()),
        &status.conditions,
    );
    let written = context.statuses.apply(tenant, status).await;
    written
        .map(drop)
        .inspect_err(|error| tracing::warn!(error = %error, "status cannot be written"))
}

/// Tells when the tenant begins to fail, and when everything works again; status says already what is no news.
async fn announce(
    context: &Context,
    tenant: &EntraTenant,
    known: &[Condition],
    found: &Result<SignedIn, Failure>,
) {
    let state = match found {
        Ok(found) => found.state(),
        Err(failure) => failure.state(),
    };
    let ready = memory::condition(known, ConditionType::Ready);
    let about = tenant.object_ref(&());
    let events = &context.events;
    match &state {
        State::Ready | State::Expired | State::Gone => {
            if ready.is_none_or(|ready| ready.status != "True") {
                let note = "signed in; every permission that is needed is granted";
                events
                    .publish(about, EventReason::TenantConnected, note)
                    .await;
            }
        }
        State::Waiting { reason, message } | State::Stuck { reason, message } => {
            let event = match reason {
                Reason::CredentialInvalid | Reason::InvalidSpec => EventReason::CredentialInvalid,
                Reason::PermissionDenied => EventReason::PermissionDenied,
                _ => EventReason::TenantUnreachable,
            };
            if ready.is_none_or(|ready| ready.reason != reason.as_str()) {
                events.publish(about, event, message).await;
            }
        }
    }
}
