//! How objects stand, in metrics. Counts; decides nothing.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use pim_core::desired::Object;
use pim_core::plan::Plan;
use pim_core::reason::{ConditionType, Reason};
use pim_core::schedule::End;
use pim_core::verdict::{Authorization, State, SubjectState};

use super::context::Context;
use crate::resolve::Manifests;
use crate::telemetry::metrics::{Metrics, Ready};

/// Notes how an object stands.
pub fn stands(metrics: &Metrics, object: &Object, conditions: &[Condition]) {
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
        let Some(verdict) = plan.verdicts.get(&object) else {
            continue;
        };
        let kind = object.kind;
        let subject = object.to_string();
        if let Authorization::Denied(denial) = &verdict.authorization
            && context
                .notes
                .is_news(&format!("{subject}/denied"), &denial.message)
        {
            context.metrics.boundary_denied(kind, denial.rule);
        }
        let ready_for = format!("{:?}", manifest.generation());
        if verdict.state == State::Ready
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
    for (object, verdict) in &plan.verdicts {
        let ends = verdict.rows().iter().filter_map(|row| match row.end {
            Some(End::At(end)) if row.state != SubjectState::Revoking => Some(end),
            _ => None,
        });
        context.metrics.schedule_expiry(object, ends.min());
    }
}
