//! The controller of boundaries: counts what each one judges and what it does not admit. It judges nothing itself.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt};
use pim_api::{AccessBoundary, AccessBoundaryStatus};
use pim_core::boundary::RoleLists;
use pim_core::desired::Role;
use pim_core::desired::{Object, ObjectKind};
use pim_core::ids::ObjectName;
use pim_core::reason::{ConditionType, Reason};
use pim_core::role::RoleReference;
use pim_core::verdict::State;
use tokio::sync::mpsc;
use tracing::Instrument;

use super::conditions::{Conditions, cut};
use super::context::Context;
use super::debounce::debounced;
use super::metrics;
use super::turn::guarded;
use crate::adapters::events::EventReason;
use crate::adapters::kinds::{Manifest, each_manifest};
use crate::adapters::lenient;
use crate::adapters::wish::object_name;
use crate::resolve::{self, memory};
use crate::telemetry::metrics::{Controller as Label, ReconcileResult};
use crate::telemetry::span;

/// How long counting waits for more to count: every pass of every group asks for it.
const DEBOUNCE: Duration = Duration::from_millis(500);

/// How soon a status that Kubernetes refused is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// The most denied objects of one count that events tell of; status has them all.
const MOST: usize = 20;

/// Reconciles boundaries until the context's `stop` is cancelled.
pub async fn run(context: Arc<Context>, wakes: mpsc::UnboundedReceiver<ObjectRef<AccessBoundary>>) {
    let config = Config::default().concurrency(context.concurrency);
    let boundaries = context.stores.boundaries.clone();
    // A boundary has no finalizer of ours: one that is deleted is gone before its controller could be told.
    let of_gone = Arc::clone(&context);
    let wakes =
        debounced(wakes, DEBOUNCE).inspect(move |woken| forget_if_gone(&of_gone, &woken.name));
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
        ObjectKind::AccessBoundary,
        &object_name(&*boundary),
        (context.jitter)(),
    );
    let count = count(&context, &boundary).instrument(span);
    let count = Box::pin(guarded(&context, Label::Boundary, count));
    // Its groups may lie in tenants of several releases: one of them counts.
    let tenants = tenants_of(&context, &boundary.name_any());
    let action = context.while_acting(&tenants, count).await;
    forget_if_gone(&context, &boundary.name_any());
    Ok(action.unwrap_or_else(Action::await_change))
}

fn forget_if_gone(context: &Context, name: &str) {
    let reference = ObjectRef::new(name);
    if context.stores.boundaries.get(&reference).is_none() {
        context.metrics.forget(&key(name));
        context.notes.forget_said(&format!("AccessBoundary {name}"));
    }
}

fn key(name: &str) -> Object {
    Object::new(ObjectKind::AccessBoundary, ObjectName::new("", name))
}

async fn count(context: &Context, boundary: &AccessBoundary) -> (Action, ReconcileResult) {
    let judged = judged(context, &boundary.name_any());
    let denied: Vec<&Judged> = judged.iter().filter(|one| one.denial.is_some()).collect();
    let known = context.statuses.latest(boundary);
    announce(context, boundary, &known.conditions, &denied).await;
    let mut conditions = Conditions::new(
        &known.conditions,
        boundary.metadata.generation,
        context.clock.now(),
    );
    match fault(context, boundary).await {
        Some((reason, message)) => conditions.state(&State::stuck(reason, message)),
        None => conditions.ready(&told(&denied)),
    };
    let status = AccessBoundaryStatus {
        observed_generation: boundary.metadata.generation,
        conditions: conditions.finish(),
        objects: i64::try_from(judged.len()).ok(),
        denied: i64::try_from(denied.len()).ok(),
        namespaces: Some(cut(&boundary.spec.rules.namespaces.join(", "), 256)),
    };
    metrics::stands(
        &context.metrics,
        &key(&boundary.name_any()),
        &status.conditions,
    );
    match context.statuses.apply(boundary, status).await {
        Ok(_) => (Action::await_change(), ReconcileResult::Success),
        Err(_) => (Action::requeue(AGAIN), ReconcileResult::Error),
    }
}

/// What is wrong with the boundary itself.
async fn fault(context: &Context, boundary: &AccessBoundary) -> Option<(Reason, String)> {
    if let Some(message) = lenient::fault(boundary) {
        return Some((Reason::InvalidSpec, message));
    }
    let named: Vec<RoleReference<'_>> = resolve::roles_of(boundary).collect();
    if named.is_empty() {
        return None;
    }
    for tenant in tenants_of(context, &boundary.name_any()) {
        let Some(connected) = context.connections.connected(&tenant) else {
            continue;
        };
        // A tenant that does not answer says so itself.
        let Ok(catalogues) = connected.reader.roles().catalogues(&named).await else {
            continue;
        };
        for role in &named {
            let (reason, what) = match catalogues.find(role) {
                // What cannot be read is told by whoever needs it.
                Role::Found(_) | Role::Unread(_) => continue,
                Role::NotFound => (Reason::RoleNotFound, "no role"),
                Role::Ambiguous(_) => (Reason::AmbiguousName, "several roles"),
            };
            let list = RoleLists::field_of(role.system);
            let message = format!(
                "\"{}\" in {list} names {what} of tenant {tenant}, so it admits nothing there; use the exact display name or the id of the role",
                role.role
            );
            return Some((reason, message));
        }
    }
    None
}

/// The tenants of the groups that a boundary judges, by name.
fn tenants_of(context: &Context, boundary: &str) -> Vec<String> {
    let mut groups = context.stores.groups.state();
    groups.retain(|group| group.spec.boundary_ref.name == boundary);
    let tenants = groups
        .iter()
        .map(|group| group.spec.tenant_ref.name.clone());
    let tenants: BTreeSet<String> = tenants.collect();
    tenants.into_iter().collect()
}

/// An object that the boundary judges.
struct Judged {
    object: String,
    /// Why it is not admitted, if it is not.
    denial: Option<String>,
}

impl Judged {
    fn of(context: &Context, manifest: &Manifest) -> Self {
        let conditions =
            each_manifest!(manifest, one => context.statuses.latest(&**one).conditions);
        let authorized = memory::condition(&conditions, ConditionType::Authorized);
        let denied = authorized.filter(|authorized| authorized.status == "False");
        Self {
            object: manifest.object().to_string(),
            denial: denied.map(|denied| denied.message.clone()),
        }
    }
}

/// Says which objects are not admitted.
fn told(denied: &[&Judged]) -> String {
    if denied.is_empty() {
        return "admits every object that names it".to_owned();
    }
    let names: Vec<&str> = denied.iter().map(|one| one.object.as_str()).collect();
    format!("denies {}: {}", names.len(), names.join(", "))
}

/// Tells of each object that is newly denied; what status names already is no news.
async fn announce(
    context: &Context,
    boundary: &AccessBoundary,
    known: &[Condition],
    denied: &[&Judged],
) {
    let said = memory::condition(known, ConditionType::Ready).map(|ready| ready.message.as_str());
    let is_told = |object: &str| {
        said.is_some_and(|said| said.split([',', ':']).any(|one| one.trim() == object))
    };
    for one in denied.iter().take(MOST) {
        let topic = format!("AccessBoundary {}/{}", boundary.name_any(), one.object);
        let message = one.denial.as_deref().unwrap_or_default();
        if context.notes.is_news(&topic, message) && !is_told(&one.object) {
            let note = format!("denies {}: {message}", one.object);
            let about = boundary.object_ref(&());
            context
                .events
                .publish(about, EventReason::BoundaryDenied, &note)
                .await;
        }
    }
}

/// Every object that the boundary judges.
fn judged(context: &Context, boundary: &str) -> Vec<Judged> {
    let stores = &context.stores;
    let mut groups = stores.groups.state();
    groups.retain(|group| group.spec.boundary_ref.name == boundary);
    let units = groups.into_iter().flat_map(|group| {
        let mut unit = stores.members(&object_name(&*group));
        unit.push(Manifest::PrivilegedGroup(group));
        unit
    });
    let mut all: Vec<Judged> = units.map(|one| Judged::of(context, &one)).collect();
    all.sort_by(|one, other| one.object.cmp(&other.object));
    all
}
