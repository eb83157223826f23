//! What passes and writes mean in metrics and in the audit log. Counts and tells; decides nothing.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use pim_core::action::{Action, Cause, Difference, GrantVerb, Write};
use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::Plan;
use pim_core::reason::{ConditionType, Reason};
use pim_core::schedule::End;
use pim_core::verdict::{Authorization, State, SubjectState};

use super::apply::Means;
use super::context::Context;
use super::events;
use super::outcome::{Executed, Failure};
use crate::providers::Effect;
use crate::resolve::Manifests;
use crate::telemetry::metrics::{
    Metrics, ObjectKey, Ready, ResourceKind, WriteAction, WriteOutcome,
};
use crate::telemetry::{logs, span};

/// A write that was sent. Its answer is counted and written to the audit log; if it is dropped before, because the pass
/// was cut off, it is said that nobody knows.
pub struct Sent<'a> {
    means: &'a Means<'a>,
    action: &'a Action,
    ended: WriteOutcome,
}

impl<'a> Sent<'a> {
    /// A write is about to be sent.
    pub fn new(means: &'a Means<'a>, action: &'a Action) -> Self {
        Self {
            means,
            action,
            ended: WriteOutcome::Unknown,
        }
    }

    /// Its answer came.
    pub fn answered(mut self, result: &Result<Effect, Failure>) {
        self.ended = match result {
            Ok(Effect::Accepted(_)) => WriteOutcome::Accepted,
            Ok(_) => WriteOutcome::Success,
            Err(failure) => match failure.executed {
                Executed::Unknown => WriteOutcome::Unknown,
                Executed::No => WriteOutcome::Failure,
            },
        };
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        let (metrics, action) = (&self.means.context.metrics, self.action);
        let kind: ResourceKind = action.object.kind.into();
        if let Cause::Drift(differences) = &action.cause {
            for found in differences {
                metrics.drift_detected(kind, field(&found.field));
            }
        }
        metrics.external_write(kind, verb(&action.write), self.ended);
        audit(self.means, action, self.ended);
    }
}

fn audit(means: &Means<'_>, action: &Action, ended: WriteOutcome) {
    let telling = means.unit.tell(&action.write);
    let text = match ended {
        WriteOutcome::Success => telling.done(),
        _ => telling.to_do(),
    };
    let object = &action.object;
    span::write(object.kind.into(), &object.name).in_scope(|| {
        tracing::info!(
            target: logs::AUDIT,
            event = %events::reason(&action.write),
            outcome = ended.as_str(),
            "{text}"
        );
    });
}

fn verb(write: &Write) -> WriteAction {
    match write {
        Write::CreateGroup(_)
        | Write::BindRole { .. }
        | Write::Grant {
            verb: GrantVerb::Assign,
            ..
        } => WriteAction::Create,
        Write::RestoreGroup(_) => WriteAction::Restore,
        Write::UpdateGroup { .. }
        | Write::UpdatePolicy { .. }
        | Write::Grant {
            verb: GrantVerb::Update,
            ..
        } => WriteAction::Update,
        Write::DeleteGroup(_)
        | Write::Revoke { .. }
        | Write::UnbindRole { .. }
        | Write::UnbindEligibleRole { .. }
        | Write::RemoveDirect { .. }
        | Write::DeletePlainRole { .. } => WriteAction::Delete,
    }
}

/// Counts differences that were put right.
pub fn corrected(metrics: &Metrics, kind: ObjectKind, differences: &[Difference]) {
    for difference in differences {
        metrics.drift_corrected(kind.into(), field(&difference.field));
    }
}

/// A field path without what it names inside brackets: label values come from a closed list.
fn field(path: &str) -> &str {
    path.split('[').next().unwrap_or(path)
}

/// Notes how an object stands.
pub fn stands(metrics: &Metrics, object: &ObjectKey, conditions: &[Condition]) {
    let Some(ready) = conditions
        .iter()
        .find(|condition| condition.type_ == ConditionType::Ready.as_str())
    else {
        return;
    };
    let truth = match ready.status.as_str() {
        "True" => Ready::True,
        "False" => Ready::False,
        _ => Ready::Unknown,
    };
    let reason = ready.reason.parse().unwrap_or(Reason::Progressing);
    metrics.resource(object, truth, reason);
}

/// Notes what a finished pass means for the objects of a group: who became ready how fast, who is denied, who expires
/// when.
pub fn finished(context: &Context, manifests: &Manifests, plan: &Plan) {
    let now = context.clock.now();
    for manifest in manifests.all() {
        let object = manifest.object();
        let (Some(state), Some(authorization)) = (plan.state(&object), plan.authorization(&object))
        else {
            continue;
        };
        let kind: ResourceKind = object.kind.into();
        let subject = object.to_string();
        if let Authorization::Denied(denial) = authorization
            && context
                .notes
                .is_news(&format!("{subject}/denied"), &denial.message)
        {
            context.metrics.boundary_denied(kind, denial.rule);
        }
        let ready_for = format!("{:?}", manifest.generation());
        if *state == State::Ready
            && context
                .notes
                .is_news(&format!("{subject}/ready"), &ready_for)
            && manifest.generation() == Some(1)
        {
            let took = manifest
                .created()
                .map(|created| now.duration_since(created));
            if let Some(took) = took.and_then(|took| Duration::try_from(took).ok()) {
                context.metrics.time_to_ready(kind, took);
            }
        }
        context.metrics.synced(kind, now);
    }
    for ((kind, name), verdict) in &plan.assignments {
        let key = ObjectKey::from(&Object {
            kind: ObjectKind::from(*kind),
            name: name.clone(),
        });
        let ends = verdict.rows.iter().filter_map(|row| match row.end {
            Some(End::At(end)) if row.state != SubjectState::Revoking => Some(end),
            _ => None,
        });
        context.metrics.schedule_expiry(&key, ends.min());
    }
}
