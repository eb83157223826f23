//! What the status of a boundary says: how many objects it judges and which of them it does not admit. It judges nothing
//! itself.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::runtime::reflector::Store;
use kube::{Resource, ResourceExt};
use pim_api::{AccessBoundary, AccessBoundaryStatus, PrivilegedGroup};
use pim_core::boundary::RoleLists;
use pim_core::desired::Role;
use pim_core::event::EventReason;
use pim_core::reason::{ConditionType, Reason};
use pim_core::role::RoleReference;
use pim_core::verdict::State;

use super::conditions::{Conditions, cut};
use super::context::Context;
use super::summary::{Summarized, groups_of, tenants_of, topic};
use crate::adapters::kinds::{Manifest, Stores, each_manifest};
use crate::adapters::lenient;
use crate::adapters::wish::object_name;
use crate::resolve::{self, memory};
use crate::telemetry::metrics::Controller as Label;

/// The most denied objects of one count that events tell of; status has them all.
const MOST: usize = 20;

impl Summarized for AccessBoundary {
    const LABEL: Label = Label::Boundary;

    fn store(stores: &Stores) -> &Store<Self> {
        &stores.boundaries
    }

    fn named_by(group: &PrivilegedGroup) -> Option<&str> {
        Some(&group.spec.boundary_ref.name)
    }

    async fn summarize(&self, context: &Context) -> AccessBoundaryStatus {
        let judged = judged(context, &self.name_any());
        let denied: Vec<&Judged> = judged.iter().filter(|one| one.denial.is_some()).collect();
        let known = context.statuses.latest(self);
        announce(context, self, &known.conditions, &denied).await;
        let (generation, now) = (self.metadata.generation, context.clock.now());
        let mut conditions = Conditions::new(&known.conditions, generation, now);
        match fault(context, self).await {
            Some((reason, message)) => conditions.state(&State::stuck(reason, message)),
            None => conditions.ready(&told(&denied)),
        };
        AccessBoundaryStatus {
            observed_generation: generation,
            conditions: conditions.finish(),
            objects: i64::try_from(judged.len()).ok(),
            denied: i64::try_from(denied.len()).ok(),
            namespaces: Some(cut(&self.spec.rules.namespaces.join(", "), 256)),
        }
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
    for tenant in tenants_of::<AccessBoundary>(context, &boundary.name_any()) {
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
        let topic = format!(
            "{}/{}",
            topic::<AccessBoundary>(&boundary.name_any()),
            one.object
        );
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
    let groups = groups_of::<AccessBoundary>(context, boundary);
    let units = groups.into_iter().flat_map(|group| {
        let mut unit = context.stores.members(&object_name(&*group));
        unit.push(Manifest::PrivilegedGroup(group));
        unit
    });
    let mut all: Vec<Judged> = units.map(|one| Judged::of(context, &one)).collect();
    all.sort_by(|one, other| one.object.cmp(&other.object));
    all
}
