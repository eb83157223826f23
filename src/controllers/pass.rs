//! What surrounds the reconcile of a group: the deadline, what is reported of a failure of the whole group, and when the
//! group is reconciled again, which is decided nowhere else.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use kube::runtime::controller::Action;
use pim_core::desired::ObjectKind;
use pim_core::event::EventReason;
use pim_core::ids::ObjectName;
use pim_core::reason::Reason;
use tracing::Instrument;

use super::context::Context;
use super::failure::{Failure, Retry, SLOW, backoff};
use super::reconcile::{Outcome, reconcile};
use super::report;
use super::turn::unless_it_panics;
use crate::adapters::kinds::{Manifest, each_manifest};
use crate::adapters::wish::object_name;
use crate::resolve::{Manifests, identity};
use crate::telemetry::metrics::ReconcileResult;
use crate::telemetry::span;

/// The longest pass. What is not done by then goes on in the next one.
const DEADLINE: Duration = Duration::from_mins(3);

/// At once, but not in the same instant: what changed must have time to be seen.
const AT_ONCE: Duration = Duration::from_millis(200);

/// One pass over a group, whatever happens in it.
pub async fn pass(context: &Context, manifests: &Manifests) -> (Action, ReconcileResult) {
    let name = object_name(&*manifests.group);
    let span = span::reconcile(ObjectKind::PrivilegedGroup, &name, (context.jitter)());
    within_deadline(context, manifests).instrument(span).await
}

async fn within_deadline(context: &Context, manifests: &Manifests) -> (Action, ReconcileResult) {
    let said = said(context, manifests);
    let guarded = unless_it_panics(reconcile(context, manifests));
    let outcome = match tokio::time::timeout(DEADLINE, guarded).await {
        Ok(Some(outcome)) => outcome,
        Ok(None) => {
            let message = "the pass stopped on a fault of the operator; see its log";
            Outcome::Failed(Failure::local(
                Reason::InternalError,
                message,
                Retry::Backoff,
            ))
        }
        Err(_) => {
            let message = "the pass took too long and goes on later";
            Outcome::Failed(Failure::local(
                Reason::TenantUnreachable,
                message,
                Retry::Backoff,
            ))
        }
    };
    if let Outcome::Failed(failure) = &outcome {
        if failure.is_throttle() {
            tracing::info!(error = %failure.message, "pass put off");
        } else {
            tracing::warn!(reason = %failure.reason, error = %failure.message, "pass failed");
        }
        tell(context, manifests, failure).await;
        announce(context, manifests, failure, &said).await;
    }
    if let Outcome::Incomplete(failure) | Outcome::Partial(failure, _) = &outcome {
        tracing::info!(reason = %failure.reason, error = %failure.message, "pass incomplete");
        announce(context, manifests, failure, &said).await;
    }
    next(context, manifests, &outcome)
}

/// Says what failed for the whole group.
async fn tell(context: &Context, manifests: &Manifests, failure: &Failure) {
    let name = object_name(&*manifests.group);
    let findings = report::Findings {
        plan: None,
        failures: HashMap::new(),
        failure: Some(failure.clone()),
        scope: report::Scope::All,
        key: identity::group_key(&manifests.tenant.spec.installation, &name).to_string(),
    };
    if let Err(error) = report::report(context, manifests, &findings).await {
        tracing::warn!(error = %error, "status cannot be written");
    }
}

/// The reasons that stand in the status of the objects of a group.
fn said(context: &Context, manifests: &Manifests) -> BTreeSet<String> {
    let conditions = |manifest: &Manifest| each_manifest!(manifest, one => context.statuses.latest(&**one).conditions);
    let all = manifests.all();
    let all = all.flat_map(|manifest| conditions(&manifest));
    all.map(|condition| condition.reason).collect()
}

/// Tells in an event of a failure that somebody has to do something about, once: what status said before is no news.
async fn announce(
    context: &Context,
    manifests: &Manifests,
    failure: &Failure,
    said: &BTreeSet<String>,
) {
    let name = object_name(&*manifests.group);
    let reason = match failure.reason {
        Reason::CredentialInvalid => EventReason::CredentialInvalid,
        Reason::PermissionDenied => EventReason::PermissionDenied,
        Reason::InternalError => EventReason::InternalError,
        _ => return,
    };
    let is_news = context
        .notes
        .is_news(&failure_topic(&name), failure.reason.as_str());
    if is_news && !said.contains(failure.reason.as_str()) {
        use kube::Resource;
        context
            .events
            .publish(manifests.group.object_ref(&()), reason, &failure.message)
            .await;
    }
}

fn failure_topic(group: &ObjectName) -> String {
    format!("{group}/failure")
}

fn next(context: &Context, manifests: &Manifests, outcome: &Outcome) -> (Action, ReconcileResult) {
    let name = object_name(&*manifests.group);
    if matches!(outcome, Outcome::Settled(_)) {
        // A failure that is over is news again if it comes again.
        context.notes.is_news(&failure_topic(&name), "");
    }
    match outcome {
        Outcome::Settled(wait) => {
            context.notes.succeeded(&name);
            match wait {
                Some(wait) => (Action::requeue(*wait), ReconcileResult::RequeueAfter),
                None => (Action::await_change(), ReconcileResult::Success),
            }
        }
        Outcome::Partial(failure, wait) => {
            context.notes.succeeded(&name);
            (Action::requeue(wait.unwrap_or(SLOW)), counted(failure))
        }
        Outcome::Outdated => {
            let wait = match context.notes.failed(&name) {
                1 => AT_ONCE,
                attempt => backoff(attempt, (context.jitter)()),
            };
            (Action::requeue(wait), ReconcileResult::Requeue)
        }
        Outcome::Failed(failure) | Outcome::Incomplete(failure) => {
            let attempt = match failure.retry {
                // The tenant has said when to come again. That is no failed try, and makes no later wait longer.
                Retry::After(_) if failure.is_throttle() => 1,
                _ => context.notes.failed(&name),
            };
            let wait = failure.wait(attempt, (context.jitter)());
            (Action::requeue(wait), counted(failure))
        }
    }
}

/// As what a pass counts that met a failure.
fn counted(failure: &Failure) -> ReconcileResult {
    if failure.is_throttle() {
        ReconcileResult::RequeueAfter
    } else {
        ReconcileResult::Error
    }
}
