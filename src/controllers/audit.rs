//! Writes to a tenant in metrics and in the audit log. Counts and tells; decides nothing.

use pim_core::action::{Action, Cause, GrantVerb, Write};
use pim_core::desired::Unit;

use super::events;
use super::failure::{Executed, Failure};
use crate::providers::Effect;
use crate::telemetry::metrics::{Metrics, WriteAction, WriteOutcome};
use crate::telemetry::{logs, span};

/// A write that was sent. Its answer is counted and written to the audit log; if it is dropped before, because the pass
/// was cut off, it is said that nobody knows.
pub struct InFlightWrite<'a> {
    metrics: &'a Metrics,
    unit: &'a Unit,
    action: &'a Action,
    ended: WriteOutcome,
}

impl<'a> InFlightWrite<'a> {
    /// A write is about to be sent.
    pub fn new(metrics: &'a Metrics, unit: &'a Unit, action: &'a Action) -> Self {
        Self {
            metrics,
            unit,
            action,
            ended: WriteOutcome::Unknown,
        }
    }

    /// Records what the answer says of the write; a write that is dropped without an answer counts as unknown.
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

impl Drop for InFlightWrite<'_> {
    fn drop(&mut self) {
        let (action, kind) = (self.action, self.action.object.kind);
        if let Cause::Drift(differences) = &action.cause {
            for found in differences {
                self.metrics.drift_detected(kind, &found.field);
            }
        }
        self.metrics
            .external_write(kind, verb(&action.write), self.ended);
        audit(self.unit, action, self.ended);
    }
}

fn audit(unit: &Unit, action: &Action, ended: WriteOutcome) {
    let telling = unit.tell(&action.write);
    let text = match ended {
        WriteOutcome::Success => telling.done(),
        _ => telling.to_do(),
    };
    let object = &action.object;
    span::write(object.kind, &object.name).in_scope(|| {
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
        | Write::BindRole {
            verb: GrantVerb::Assign,
            ..
        }
        | Write::Grant {
            verb: GrantVerb::Assign,
            ..
        } => WriteAction::Create,
        Write::RestoreGroup(_) => WriteAction::Restore,
        Write::UpdateGroup { .. }
        | Write::JoinUnit { .. }
        | Write::UpdatePolicy { .. }
        | Write::BindRole {
            verb: GrantVerb::Update,
            ..
        }
        | Write::Grant {
            verb: GrantVerb::Update,
            ..
        } => WriteAction::Update,
        Write::DeleteGroup(_)
        | Write::Revoke { .. }
        | Write::UnbindRole { .. }
        | Write::RemoveDirect { .. }
        | Write::DeletePlainRole { .. } => WriteAction::Delete,
    }
}
