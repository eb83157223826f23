//! What is remembered of writes: in status, before they are sent, and in the pass, once the tenant has taken them.

use pim_api::PendingWrite;
use pim_core::action::Write;
use pim_core::desired::{Memo, Seen};
use pim_core::plan::{Plan, Stage};
use pim_core::verdict::{Row, SubjectState};

use super::Work;
use crate::controllers::apply::{Applied, Done};
use crate::controllers::conditions::whole_second;
use crate::controllers::context::Context;
use crate::controllers::events;
use crate::controllers::outcome::Failure;

impl Work<'_> {
    /// Keeps the memory of the manifests in step with what was just written into status.
    pub(super) fn remember(&mut self, plan: &Plan) {
        for assignment in &mut self.resolved.unit.assignments {
            let Some(verdict) = plan
                .assignments
                .get(&(assignment.kind, assignment.name.clone()))
            else {
                continue;
            };
            let known = std::mem::take(&mut assignment.memory);
            assignment.memory = verdict
                .rows
                .iter()
                .filter_map(|row| memo(row, &known))
                .collect();
        }
        for binding in &mut self.resolved.unit.bindings {
            if let Some(verdict) = plan.bindings.get(&binding.name) {
                binding.bound = verdict.role;
            }
        }
    }

    /// Takes down what became of the writes of a stage.
    pub(super) async fn note(&mut self, applied: &[Applied]) {
        for outcome in applied {
            match &outcome.result {
                Ok(Done::Created(id)) => {
                    self.target.last_seen = Some(*id);
                    self.resolved.unit.group.last_seen = Some(*id);
                }
                Ok(Done::Written | Done::WasGone) => self.taken.push(outcome.action.write.clone()),
                Err(failure) => {
                    tracing::info!(object = %outcome.action.object, write = %outcome.action.write, error = %failure.message, "write failed");
                    self.failures
                        .insert(outcome.action.object.clone(), failure.clone());
                }
            }
        }
        events::publish(self.context, self.manifests, applied).await;
    }

    /// What of a stage the tenant has not taken yet. If nothing is left, its objects wait until what was taken shows.
    pub(super) fn untaken(&mut self, stage: &Stage) -> Option<Stage> {
        let mut left = stage.clone();
        left.actions
            .retain(|action| !self.taken.contains(&action.write));
        if !left.actions.is_empty() {
            return Some(left);
        }
        for action in &stage.actions {
            self.failures
                .insert(action.object.clone(), Failure::unshown());
        }
        None
    }

    /// A creation stays noted until the group is seen: its answer may be lost, and a replica may show it late.
    pub(super) fn still_pending(&self, plan: &Plan) -> Option<PendingWrite> {
        self.context
            .statuses
            .latest(&*self.manifests.group)
            .pending_write
            .filter(|_| plan.group.id.is_none())
    }
}

/// What a status row remembers.
fn memo(row: &Row, known: &[Memo]) -> Option<Memo> {
    let stands = matches!(
        row.state,
        SubjectState::Eligible | SubjectState::Active | SubjectState::Scheduled
    );
    let stood = known
        .iter()
        .any(|memo| memo.subject == row.subject && memo.seen == Seen::Standing);
    Some(Memo {
        subject: row.subject.clone(),
        principal: row.principal?,
        first_granted: Some(row.first_granted?),
        seen: if stands || stood {
            Seen::Standing
        } else {
            Seen::NotYet
        },
    })
}

/// A creation by a plain request is the one write that is not idempotent: it is noted before it is sent.
pub(super) fn pending(stage: &Stage, context: &Context) -> Option<PendingWrite> {
    stage.actions.iter().find_map(|action| match &action.write {
        Write::CreateGroup(group) => Some(PendingWrite {
            operation: "create_group".to_owned(),
            key: group.key.to_string(),
            since: whole_second(context.clock.now()),
        }),
        _ => None,
    })
}
