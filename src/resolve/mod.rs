//! Turns a group's manifests into what the planner takes: every name looked up, every status read as memory. Reads the
//! tenant, writes nothing, and knows no time.

mod assignment;
mod binding;
mod boundary;
mod group;
pub mod identity;
mod manifests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use pim_core::desired::{self, Lifecycle, Settlement, Standing};
use pim_core::ids::PrincipalId;
use pim_core::principal::Principal;
use pim_core::reason::Reason;
use pim_core::settings;

pub use manifests::{Manifest, Manifests};

use crate::adapters::status::Statuses;
use crate::reader::{Depth, Error, Found, Reader, RoleDirectory};

/// What resolving needed and found.
pub struct Resolved {
    /// What should be.
    pub unit: desired::Unit,
    /// The roles of the tenant, for the look that follows.
    pub roles: Arc<RoleDirectory>,
    /// How much was found out about every name.
    pub depth: Depth,
}

/// Looks up every name.
pub async fn resolve(
    reader: &Reader,
    manifests: &Manifests,
    statuses: &Statuses,
    depth: Depth,
) -> Result<Resolved, Error> {
    let assignments = assignment::all(manifests, statuses);
    let (found, roles) = futures::try_join!(
        names(reader, manifests, &assignments, depth),
        roles(reader, manifests)
    )?;
    let unit = desired::Unit {
        group: group::group(manifests, statuses),
        boundary: manifests
            .boundary
            .as_ref()
            .map(|boundary| boundary::boundary(boundary, &roles)),
        names: found.names,
        bindings: binding::all(manifests, statuses, &roles),
        assignments,
    };
    Ok(Resolved {
        unit,
        roles,
        depth: found.depth,
    })
}

async fn names(
    reader: &Reader,
    manifests: &Manifests,
    assignments: &[desired::Assignment],
    depth: Depth,
) -> Result<Found, Error> {
    let policy = &manifests.group.spec.policy;
    let approvers = [&policy.member, &policy.owner]
        .into_iter()
        .flatten()
        .flat_map(settings::principals);
    let floor = manifests
        .boundary
        .iter()
        .flat_map(|boundary| boundary::principals(boundary));
    let living = assignments
        .iter()
        .filter(|assignment| assignment.lifecycle == Lifecycle::Living);
    let subjects = living.flat_map(|assignment| assignment.subjects.iter().cloned());
    let names: BTreeSet<Principal> = approvers.chain(floor).chain(subjects).collect();
    let memory = assignments
        .iter()
        .flat_map(|assignment| assignment.memory.iter());
    let known: HashMap<Principal, PrincipalId> = memory
        .map(|memo| (memo.subject.clone(), memo.principal))
        .collect();
    reader
        .names(&names.into_iter().collect::<Vec<_>>(), &known, depth)
        .await
}

async fn roles(reader: &Reader, manifests: &Manifests) -> Result<Arc<RoleDirectory>, Error> {
    let bound = manifests
        .bindings
        .iter()
        .map(|binding| binding.spec.directory_role.role.as_str());
    let admitted = manifests
        .boundary
        .iter()
        .flat_map(|boundary| boundary.spec.rules.directory_roles.iter());
    let admitted = admitted.flat_map(|entry| entry.roles.iter().map(String::as_str));
    let names: Vec<&str> = bound.chain(admitted).collect();
    if names.is_empty() {
        return Ok(Arc::default());
    }
    reader.roles(&names).await
}

fn lifecycle<K: Resource>(object: &K) -> Lifecycle {
    if object.meta().deletion_timestamp.is_some() {
        Lifecycle::Deleting
    } else {
        Lifecycle::Living
    }
}

fn condition<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Whether the boundary admitted an object before: its last report says so, or says that this has changed.
fn standing(conditions: &[Condition]) -> Standing {
    match condition(conditions, "Authorized") {
        Some(authorized)
            if authorized.status == "True"
                || authorized.reason == Reason::BoundaryViolated.as_str() =>
        {
            Standing::AdmittedBefore
        }
        _ => Standing::New,
    }
}

/// Whether the last report was about this very manifest and said that the tenant matched.
fn settlement<K: Resource>(object: &K, conditions: &[Condition]) -> Settlement {
    match condition(conditions, "Ready") {
        Some(ready)
            if ready.status == "True" && ready.observed_generation == object.meta().generation =>
        {
            Settlement::Settled
        }
        _ => Settlement::Unsettled,
    }
}
