//! The reconcile of one group: resolve, observe, plan, apply, report, until nothing is left to do. Each round plans on what
//! was really read, never on what was written; what has to be read is the planner's word. The whole way stands here, each
//! step in a file of its own.

mod applied;
mod apply;
mod duplicates;
mod fence;
mod finish;
mod left_behind;
mod observe;
mod outcome;
mod reconciliation;
mod record;
mod requests;

use kube::ResourceExt;
use pim_core::reason::Reason;

use super::connections::{Check, Tenant};
use super::context::Context;
use super::failure::{Failure, Retry};
use super::finalizers;
use super::outage::Turn;
use crate::adapters::lenient;
use crate::adapters::wish::object_name;
use crate::resolve::Manifests;
use reconciliation::Reconciliation;

pub use applied::Applied;
use fence::Fencing;
use outcome::Ended;
pub use outcome::Outcome;

/// The most rounds of one reconcile. A creation takes about eight; what is not done by then goes on in the next one.
const ROUNDS: usize = 24;

/// Brings a group and everything that is declared about it in line with the tenant, as far as that is possible now.
pub async fn reconcile(context: &Context, manifests: &Manifests) -> Outcome {
    connected(context, manifests)
        .await
        .unwrap_or_else(Ended::outcome)
}

async fn connected(context: &Context, manifests: &Manifests) -> Result<Outcome, Ended> {
    readable(manifests)?; // pure
    finalizers::add(context, manifests).await?; // writes Kubernetes
    let tenant = context
        .connections
        .get(&manifests.tenant, Check::Manifest) // reads Kubernetes: the Secret, where it is not known
        .await
        .map_err(|error| local(Reason::CredentialInvalid, error.to_string(), Retry::Backoff))?;
    if let Some(unchanged) = unchanged(context, manifests) {
        return Ok(unchanged);
    }
    // One reconcile at a time asks a tenant that did not answer; the others say so at once.
    let probe = tenant.outage.enter().map_err(|failure| *failure)?;
    let outcome = Box::pin(observed(context, manifests, &tenant)).await;
    tell_of_outage(context, manifests, probe.ended(outcome.failure()));
    Ok(outcome)
}

async fn observed(context: &Context, manifests: &Manifests, tenant: &Tenant) -> Outcome {
    let begin = Box::pin(Reconciliation::begin(context, manifests, tenant)); // reads Entra: resolve and observe
    let mut group = match context.stop.run_until_cancelled(begin).await {
        Some(Ok(group)) => group,
        Some(Err(failure)) => return Outcome::Failed(failure),
        None => return Outcome::Outdated,
    };
    let outcome = Box::pin(rounds(&mut group)).await;
    let outcome = outcome.unwrap_or_else(Ended::outcome);
    group.keep_memory();
    outcome
}

async fn rounds(group: &mut Reconciliation<'_>) -> Result<Outcome, Ended> {
    // Whoever is asked to stop waits for no read, and begins no stage: what was sent is told, and the next one goes on.
    let stop = group.stop();
    for _ in 0..ROUNDS {
        let mut plan = group.plan(); // pure
        if stop.is_cancelled() {
            return group.leave(&plan).await; // writes Kubernetes: status
        }
        if let Some(parts) = group.unread(&plan) {
            let read = stop.run_until_cancelled(group.observe(&parts)).await; // reads Entra
            read.unwrap_or(Ok(()))?;
            continue;
        }
        let names = stop.run_until_cancelled(group.meet_strangers(&plan)); // reads Entra
        if names.await == Some(true) {
            continue;
        }
        // What was withdrawn before it left is forgotten in status as well, or its note would count as a beginning.
        if group.withdrawn {
            return group.leave(&plan).await; // writes Kubernetes: status
        }
        let Some(stage) = group.next_stage(&plan)? else {
            return group.finish(&plan).await; // writes Kubernetes: status, finalizers
        };
        let fence = group.fence(&stage).await?; // reads Kubernetes: what is not confirmed
        let Fencing::Stands(fence) = fence else {
            return group.leave(&plan).await; // writes Kubernetes: status
        };
        plan.begin(group.observed.now); // pure
        group.report_intent(&plan, &stage).await?; // writes Kubernetes: status
        let before = group.remember(&plan); // pure
        let applied = group.apply(&stage, fence).await; // writes Entra
        group.record(&before, &applied).await; // writes Kubernetes: events
        let read = stop
            .run_until_cancelled(group.observe_again(&applied))
            .await; // reads Entra: only the group itself
        read.unwrap_or(Ok(()))?;
    }
    let message = "the pass took too many rounds and goes on later";
    Err(local(Reason::Progressing, message, Retry::Backoff))
}

/// Without group or tenant nothing that concerns the group is known, but for whom the tenant denies.
fn readable(manifests: &Manifests) -> Result<(), Ended> {
    let denies = !manifests.tenant.spec.denied_principals.is_empty();
    let of_group = lenient::fault(&*manifests.group).filter(|_| !denies);
    match lenient::fault(&*manifests.tenant).or(of_group) {
        Some(fault) => Err(local(Reason::InvalidSpec, fault, Retry::Slow)),
        None => Ok(()),
    }
}

fn local(reason: Reason, message: impl Into<String>, retry: Retry) -> Ended {
    Failure::local(reason, message, retry).into()
}

/// The outcome of a reconcile that the last one left nothing to do for: something woke the group, but nothing is new.
fn unchanged(context: &Context, manifests: &Manifests) -> Option<Outcome> {
    let (notes, name) = (&context.notes, object_name(&*manifests.group));
    let asked = notes.unserved_resync(&name, &manifests.asked_resync());
    if asked.is_some() {
        return None;
    }
    let snapshot = notes.take_snapshot(&name)?;
    let outcome = snapshot
        .is_of(manifests)
        .then(|| Outcome::Settled(snapshot.wait()));
    notes.keep_snapshot(&name, snapshot);
    outcome
}

/// The tenant's own status says so, too, and the others need not wait for their next try.
fn tell_of_outage(context: &Context, manifests: &Manifests, turn: Turn) {
    let name = manifests.tenant.name_any();
    match turn {
        Turn::Fell => context.waker.tenant(&name),
        Turn::Returned => {
            context.waker.tenant(&name);
            context
                .waker
                .groups_where(&context.stores, |group| group.spec.tenant_ref.name == name);
        }
        Turn::Stayed => {}
    }
}
