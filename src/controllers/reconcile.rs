//! The skeleton of a pass over one group: finalizers, deadline, panic guard, the five steps, and what comes after. What
//! the steps do stands in their own modules.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use kube::runtime::controller::Action;
use pim_core::ids::ObjectName;
use pim_core::reason::Reason;
use tracing::Instrument;

use super::context::Context;
use super::outcome::{Failure, Pace, SLOW, backoff};
use super::{report, work};
use crate::adapters::events::EventReason;
use crate::adapters::kinds::object_name;
use crate::adapters::status;
use crate::each_manifest;
use crate::resolve::{Manifest, Manifests, identity};
use crate::telemetry::metrics::{Controller as Label, ReconcileResult, ResourceKind};
use crate::telemetry::span;

/// The longest pass. What is not done by then goes on in the next one.
const DEADLINE: Duration = Duration::from_mins(3);

/// At once, but not in the same instant: what changed must have time to be seen.
const AT_ONCE: Duration = Duration::from_millis(200);

/// How long a controller leaves an object alone that made it panic.
const AFTER_PANIC: Duration = Duration::from_mins(1);

/// What a pass came to.
#[derive(Debug)]
pub enum Pass {
    /// Everything stands, or waits for a change; look again after so long, if time alone changes something.
    Settled(Option<Duration>),
    /// Something failed for the whole group, and nothing of it has been reported.
    Failed(Failure),
    /// The tenant failed in the middle, and was reported with the objects concerned.
    Incomplete(Failure),
    /// Some writes failed, each for itself, and were reported there; look again after so long.
    Partial(Failure, Option<Duration>),
    /// An object changed meanwhile.
    Outdated,
}

impl Pass {
    /// What failed for the tenant as a whole, if anything did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::Incomplete(failure) => Some(failure),
            Self::Settled(_) | Self::Partial(..) | Self::Outdated => None,
        }
    }
}

impl From<status::Error> for Pass {
    fn from(error: status::Error) -> Self {
        match error {
            status::Error::Outdated => Self::Outdated,
            status::Error::Write(error) => Self::Failed(Failure::kubernetes(&error)),
        }
    }
}

/// A patch of a finalizer says on what it rests, so a refused one usually means that somebody was faster.
impl From<kube::Error> for Pass {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(refused)
                if refused.is_conflict() || refused.is_not_found() || refused.is_invalid() =>
            {
                Self::Outdated
            }
            error => Self::Failed(Failure::kubernetes(&error)),
        }
    }
}

/// Runs one turn of a controller. A panic in it is counted and never stops the controller.
pub async fn guarded(
    context: &Context,
    controller: Label,
    turn: impl Future<Output = (Action, ReconcileResult)>,
) -> Action {
    let timer = context.metrics.reconcile(controller);
    let ended = AssertUnwindSafe(turn).catch_unwind().await;
    if let Ok((action, result)) = ended {
        timer.finish(result);
        return action;
    }
    timer.panicked();
    Action::requeue(AFTER_PANIC)
}

/// One pass over a group, whatever happens in it.
pub async fn pass(context: &Context, manifests: &Manifests) -> (Action, ReconcileResult) {
    let name = object_name(&*manifests.group);
    let span = span::reconcile(ResourceKind::PrivilegedGroup, &name, (context.chance)());
    within_deadline(context, manifests).instrument(span).await
}

async fn within_deadline(context: &Context, manifests: &Manifests) -> (Action, ReconcileResult) {
    let said = said(context, manifests);
    let guarded = AssertUnwindSafe(work::steps(context, manifests)).catch_unwind();
    let pass = match tokio::time::timeout(DEADLINE, guarded).await {
        Ok(Ok(pass)) => pass,
        Ok(Err(_)) => {
            let message = "the pass stopped on a fault of the operator; see its log";
            Pass::Failed(Failure::local(
                Reason::InternalError,
                message,
                Pace::Backoff,
            ))
        }
        Err(_) => {
            let message = "the pass took too long and goes on later";
            Pass::Failed(Failure::local(
                Reason::TenantUnreachable,
                message,
                Pace::Backoff,
            ))
        }
    };
    if let Pass::Failed(failure) = &pass {
        tracing::warn!(reason = %failure.reason, error = %failure.message, "pass failed");
        tell(context, manifests, failure).await;
        announce(context, manifests, failure, &said).await;
    }
    if let Pass::Incomplete(failure) | Pass::Partial(failure, _) = &pass {
        tracing::info!(reason = %failure.reason, error = %failure.message, "pass incomplete");
        announce(context, manifests, failure, &said).await;
    }
    next(context, manifests, &pass)
}

/// Says what failed for the whole group.
async fn tell(context: &Context, manifests: &Manifests, failure: &Failure) {
    let name = object_name(&*manifests.group);
    let findings = report::Findings {
        plan: None,
        failures: std::collections::HashMap::new(),
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
    let conditions = |manifest: &Manifest| each_manifest!(manifest, object => context.statuses.latest(&**object).conditions);
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

fn next(context: &Context, manifests: &Manifests, pass: &Pass) -> (Action, ReconcileResult) {
    let name = object_name(&*manifests.group);
    if matches!(pass, Pass::Settled(_)) {
        // A failure that is over is news again if it comes again.
        context.notes.is_news(&failure_topic(&name), "");
    }
    match pass {
        Pass::Settled(wait) => {
            context.notes.succeeded(&name);
            match wait {
                Some(wait) => (Action::requeue(*wait), ReconcileResult::RequeueAfter),
                None => (Action::await_change(), ReconcileResult::Success),
            }
        }
        Pass::Partial(_, wait) => {
            context.notes.succeeded(&name);
            (
                Action::requeue(wait.unwrap_or(SLOW)),
                ReconcileResult::Error,
            )
        }
        Pass::Outdated => {
            let wait = match context.notes.failed(&name) {
                1 => AT_ONCE,
                attempt => backoff(attempt, (context.chance)()),
            };
            (Action::requeue(wait), ReconcileResult::Requeue)
        }
        Pass::Failed(failure) | Pass::Incomplete(failure) => {
            let wait = failure.wait(context.notes.failed(&name), (context.chance)());
            (Action::requeue(wait), ReconcileResult::Error)
        }
    }
}
