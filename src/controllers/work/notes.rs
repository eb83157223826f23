//! What is remembered of writes: in status, before they are sent, and in memory, once the tenant has answered.

use std::time::Duration;

use jiff::SignedDuration;
use pim_core::action::{GrantVerb, Write};
use pim_core::desired::{Memo, PendingGroup};
use pim_core::ids::{GroupId, ObjectName, RoleDefinitionId};
use pim_core::knowledge::{Request, Sent};
use pim_core::memory::Answer;
use pim_core::plan::Plan;
use pim_core::schedule::{Key, Kind};
use pim_core::verdict::Row;

use super::Work;
use crate::controllers::apply::Applied;
use crate::controllers::events;
use crate::controllers::outcome::{Executed, Failure, Reach};
use crate::providers::Effect;

/// How soon a write that was taken may be sent again where it does not show; it doubles with each try.
const UNSHOWN: Duration = Duration::from_mins(1);

/// The longest wait between two sends of a write that never shows.
const LONGEST: Duration = Duration::from_mins(15);

/// What the status remembered before a stage.
pub(super) struct Memories {
    /// Of the subjects of each assignment.
    assignments: Vec<((Kind, ObjectName), Vec<Memo>)>,
    /// Of the role of each binding.
    bindings: Vec<(ObjectName, Option<RoleDefinitionId>, Option<Sent>)>,
    /// Of the making of the group.
    pending: Option<PendingGroup>,
}

/// The group that was made, if one was.
pub(super) fn made(applied: &[Applied]) -> Option<GroupId> {
    applied.iter().find_map(|one| match &one.result {
        Ok(Effect::Created(id)) => Some(*id),
        _ => None,
    })
}

impl Work<'_> {
    /// Keeps the memory of the manifests in step with what was just written into status, and returns what it was.
    pub(super) fn remember(&mut self, plan: &Plan) -> Memories {
        let unit = &mut self.resolved.unit;
        let mut before = Memories {
            assignments: Vec::new(),
            bindings: Vec::new(),
            pending: unit.group.pending,
        };
        for assignment in &mut unit.assignments {
            let key = (assignment.kind, assignment.name.clone());
            if let Some(verdict) = plan.assignments.get(&key) {
                let memory = verdict.rows.iter().filter_map(Row::memo).collect();
                let known = std::mem::replace(&mut assignment.memory, memory);
                before.assignments.push((key, known));
            }
        }
        for binding in &mut unit.bindings {
            if let Some(verdict) = plan.bindings.get(&binding.name) {
                let sent = std::mem::replace(&mut binding.sent, verdict.sent.clone());
                let bound = std::mem::replace(&mut binding.bound, verdict.role);
                before.bindings.push((binding.name.clone(), bound, sent));
            }
        }
        unit.group.last_seen = plan.group.id;
        unit.group.pending = plan.group.pending;
        before
    }

    /// Takes down what became of the writes of a stage.
    pub(super) async fn note(&mut self, before: &Memories, applied: &[Applied]) {
        for outcome in applied {
            match &outcome.result {
                Ok(effect) => self.taken(outcome, effect),
                Err(failure) => self.failed(before, outcome, failure),
            }
        }
        events::publish(self.context, self.manifests, &self.resolved.unit, applied).await;
    }

    fn taken(&mut self, outcome: &Applied, effect: &Effect) {
        let write = &outcome.action.write;
        let times = self.memory.series(write).map_or(0, |series| series.times);
        let wait = UNSHOWN
            .saturating_mul(2_u32.saturating_pow(times.min(8)))
            .min(LONGEST);
        let answer = match effect {
            Effect::Created(_) | Effect::Done(_) | Effect::Existed => Answer::Taken,
            Effect::Accepted(_) => Answer::Accepted,
            Effect::WasGone => Answer::WasGone,
        };
        self.memory
            .tried(write, self.observed.now, signed(wait), answer);
        match effect {
            Effect::Created(id) => self.created(*id),
            Effect::Done(Some(request)) | Effect::Accepted(request) => {
                self.requested(write, request);
            }
            Effect::Done(None) | Effect::Existed | Effect::WasGone => {}
        }
    }

    /// An answered creation is a fact: it is kept at once, and never repeated.
    fn created(&mut self, id: GroupId) {
        self.target.known = Some(id);
        self.tenant.reader.found(&self.target.name);
        let group = &mut self.resolved.unit.group;
        group.last_seen = Some(id);
        if let Some(pending) = &mut group.pending {
            pending.group = Some(id);
        }
    }

    /// What the service made of a grant is remembered with it. A request that it is still at stays remembered, although
    /// the window of what somebody gave by hand meanwhile was changed by another one.
    fn requested(&mut self, write: &Write, request: &Request) {
        if let Some(sent) = self.sent_of(write).filter(|sent| !sent.is_underway()) {
            sent.request = Some(request.clone());
        }
    }

    fn sent_of(&mut self, write: &Write) -> Option<&mut Sent> {
        let unit = &mut self.resolved.unit;
        match write {
            Write::Grant { key, .. } => unit
                .assignments
                .iter_mut()
                .filter(|one| one.kind == key.kind && one.access == key.access)
                .filter_map(|one| one.sent_mut(key.principal))
                .max_by_key(|sent| sent.at),
            Write::BindRole { role, .. } => unit
                .bindings
                .iter_mut()
                .find(|one| one.bound == Some(role.role) && one.scope == role.scope)?
                .sent
                .as_mut(),
            _ => None,
        }
    }

    fn failed(&mut self, before: &Memories, outcome: &Applied, failure: &Failure) {
        let (object, write) = (&outcome.action.object, &outcome.action.write);
        let told = self.resolved.unit.tell(write).to_do();
        tracing::info!(object = %object, write = told, error = %failure.message, "write failed");
        if failure.executed == Executed::No {
            self.never_sent(before, write);
        }
        match failure.reach {
            Reach::Withdrawn => self.withdrawn = true,
            Reach::Tenant => {
                self.failures.insert(object.clone(), failure.clone());
                self.stopped.get_or_insert_with(|| failure.clone());
            }
            Reach::Write => {
                let now = self.observed.now;
                let series = self.memory.series(write);
                let (since, times) = series.map_or((now, 0), |series| (series.since, series.times));
                let failure = failure.clone().since(since, now);
                let wait = failure.wait(times.saturating_add(1), (self.context.chance)());
                let answer = Answer::Refused(failure.state());
                self.memory.tried(write, now, signed(wait), answer);
                self.failures.insert(object.clone(), failure);
            }
        }
    }

    /// What surely had no effect was not sent: nothing is remembered of it, but what was remembered before it stays. An
    /// earlier try of the same may have had an effect.
    fn never_sent(&mut self, before: &Memories, write: &Write) {
        let unit = &mut self.resolved.unit;
        match write {
            Write::CreateGroup(_) | Write::RestoreGroup(_) => unit.group.pending = before.pending,
            Write::BindRole {
                role,
                verb: GrantVerb::Assign,
                ..
            } => {
                for binding in &mut unit.bindings {
                    let known = before
                        .bindings
                        .iter()
                        .find(|(name, ..)| *name == binding.name);
                    if binding.bound == Some(role.role)
                        && binding.scope == role.scope
                        && let Some((_, bound, sent)) = known
                    {
                        binding.bound = *bound;
                        binding.sent.clone_from(sent);
                    }
                }
            }
            Write::Grant {
                key,
                verb: GrantVerb::Assign,
                ..
            } => self.restore_memo(before, *key),
            _ => {}
        }
    }

    fn restore_memo(&mut self, before: &Memories, key: Key) {
        for assignment in &mut self.resolved.unit.assignments {
            if assignment.kind != key.kind || assignment.access != key.access {
                continue;
            }
            let of = (assignment.kind, assignment.name.clone());
            let known = before.assignments.iter().find(|(object, _)| *object == of);
            let known = known.into_iter().flat_map(|(_, memos)| memos);
            let of_principal = |memo: &&Memo| memo.principal == key.principal;
            assignment
                .memory
                .retain(|memo| memo.principal != key.principal);
            assignment
                .memory
                .extend(known.filter(of_principal).cloned());
        }
    }
}

fn signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or_default()
}
