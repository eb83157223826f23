//! What passes and writes mean in metrics and in the audit log. Counts and tells; decides nothing.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use pim_core::action::{Action, Cause, Difference, GrantVerb, Write};
use pim_core::desired::{Object, ObjectKind};
use pim_core::reason::Reason;

use super::apply::Applied;
use super::context::Context;
use super::outcome::Pace;
use crate::telemetry::metrics::{
    Metrics, ObjectKey, Ready, ResourceKind, WriteAction, WriteOutcome,
};

/// Counts the writes of a stage, and writes one audit line for each.
pub fn writes(context: &Context, applied: &[Applied]) {
    for outcome in applied {
        let action = &outcome.action;
        let kind: ResourceKind = action.object.kind.into();
        if let Cause::Drift(differences) = &action.cause {
            for found in differences {
                context.metrics.drift_detected(kind, field(&found.field));
            }
        }
        let ended = match &outcome.result {
            Ok(_) => WriteOutcome::Success,
            Err(failure) if failure.pace == Pace::Backoff => WriteOutcome::Unknown,
            Err(_) => WriteOutcome::Failure,
        };
        context
            .metrics
            .external_write(kind, verb(&action.write), ended);
        audit(action, ended);
    }
}

fn audit(action: &Action, ended: WriteOutcome) {
    tracing::info!(
        target: "audit",
        event = event(&action.write),
        kind = %action.object.kind,
        namespace = %action.object.name.namespace,
        name = %action.object.name.name,
        outcome = ended.as_str(),
        "{}",
        action.write
    );
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
        | Write::DeletePlainRole { .. } => WriteAction::Delete,
    }
}

fn event(write: &Write) -> &'static str {
    match write {
        Write::CreateGroup(_) => "GroupCreated",
        Write::RestoreGroup(_) => "GroupRestored",
        Write::UpdateGroup { .. } => "GroupUpdated",
        Write::DeleteGroup(_) => "GroupDeleted",
        Write::UpdatePolicy { .. } => "PolicyUpdated",
        Write::Grant { .. } => "AccessGranted",
        Write::Revoke { .. } => "AccessRevoked",
        Write::BindRole { .. } => "RoleAssigned",
        Write::UnbindRole { .. } | Write::DeletePlainRole { .. } => "RoleRevoked",
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
pub fn stands(metrics: &Metrics, object: &Object, conditions: &[Condition]) {
    let Some(ready) = conditions
        .iter()
        .find(|condition| condition.type_ == "Ready")
    else {
        return;
    };
    let truth = match ready.status.as_str() {
        "True" => Ready::True,
        "False" => Ready::False,
        _ => Ready::Unknown,
    };
    let reason = Reason::ALL
        .iter()
        .find(|reason| reason.as_str() == ready.reason);
    metrics.resource(
        &ObjectKey::from(object),
        truth,
        reason.copied().unwrap_or(Reason::Progressing),
    );
}
