//! The skeleton of a pass over one group: finalizers, deadline, panic guard, the five steps, and what comes after. What
//! the steps do stands in their own modules.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use kube::ResourceExt;
use kube::runtime::controller::Action;
use pim_core::reason::Reason;

use super::context::Context;
use super::outcome::{Failure, Pace, SLOW, backoff};
use super::{report, work};
use crate::adapters::events::EventReason;
use crate::adapters::kinds::object_name;
use crate::resolve::{Manifests, identity};
use crate::telemetry::metrics::Controller as Label;

/// The longest pass. What is not done by then goes on in the next one.
const DEADLINE: Duration = Duration::from_mins(3);

/// What a pass came to.
#[derive(Debug)]
pub enum Pass {
    /// Everything stands, or waits for a change; look again after so long, if time alone changes something.
    Settled(Option<Duration>),
    /// Something failed.
    Failed(Failure),
    /// An object changed meanwhile.
    Outdated,
}

/// One pass over a group, whatever happens in it.
pub async fn pass(context: &Context, manifests: &Manifests) -> Action {
    let name = object_name(&*manifests.group);
    let guarded = AssertUnwindSafe(work::steps(context, manifests)).catch_unwind();
    let pass = match tokio::time::timeout(DEADLINE, guarded).await {
        Ok(Ok(pass)) => pass,
        Ok(Err(_)) => {
            context.metrics.reconcile(Label::Group).panicked();
            Pass::Failed(Failure::local(
                Reason::InternalError,
                "the pass stopped on a fault of the operator; see its log",
                Pace::Backoff,
            ))
        }
        Err(_) => Pass::Failed(Failure::local(
            Reason::TenantUnreachable,
            "the pass took too long and goes on later",
            Pace::Backoff,
        )),
    };
    if let Pass::Failed(failure) = &pass {
        tracing::warn!(namespace = %name.namespace, name = %name.name, reason = %failure.reason, error = %failure.message, "pass failed");
        tell(context, manifests, failure).await;
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
        pending: context.statuses.latest(&*manifests.group).pending_write,
        key: identity::group_key(&manifests.tenant.spec.installation, &name).to_string(),
    };
    if let Err(error) = report::report(context, manifests, &findings).await {
        tracing::warn!(namespace = %name.namespace, name = %name.name, error = %error, "status cannot be written");
    }
    let reason = match failure.reason {
        Reason::CredentialInvalid => EventReason::CredentialInvalid,
        Reason::PermissionDenied => EventReason::PermissionDenied,
        Reason::InternalError => EventReason::InternalError,
        _ => return,
    };
    if context
        .notes
        .is_news(&format!("{name}/failure"), failure.reason.as_str())
    {
        use kube::Resource;
        context
            .events
            .publish(manifests.group.object_ref(&()), reason, &failure.message)
            .await;
    }
}

fn next(context: &Context, manifests: &Manifests, pass: &Pass) -> Action {
    let name = object_name(&*manifests.group);
    let wait = match pass {
        Pass::Settled(wait) => {
            context.notes.succeeded(&name);
            *wait
        }
        Pass::Outdated => Some(Duration::from_millis(200)),
        Pass::Failed(failure) => {
            if failure.reason == Reason::CredentialInvalid {
                // The secret may have been replaced; the next connection reads it again.
                context.tenants.forget(&manifests.tenant.name_any());
            }
            Some(match failure.pace {
                Pace::Now => Duration::from_millis(200),
                Pace::After(wait) => wait,
                Pace::Backoff => backoff(context.notes.failed(&name), (context.chance)()),
                Pace::Slow => SLOW,
            })
        }
    };
    wait.map_or_else(Action::await_change, Action::requeue)
}
