//! What is remembered of writes: in status, before they are sent, and in memory, once the tenant has answered.

use std::time::Duration;

use jiff::SignedDuration;
use pim_core::action::Cause;
use pim_core::desired::Unit;
use pim_core::ids::GroupId;
use pim_core::memory::Answer;
use pim_core::plan::{self, Plan};

use super::applied::Applied;
use super::reconciliation::Reconciliation;
use crate::controllers::events;
use crate::controllers::failure::{Executed, Failure, Reach};
use crate::providers::Effect;

/// How soon a write that was taken may be sent again where it does not show; it doubles with each try.
const UNSHOWN: Duration = Duration::from_mins(1);

/// The longest wait between two sends of a write that never shows.
const LONGEST: Duration = Duration::from_mins(15);

impl Reconciliation<'_> {
    /// Keeps what the manifests remember in step with what was just written into status, and returns what they did before.
    pub fn remember(&mut self, plan: &Plan) -> Unit {
        let before = self.desired.clone();
        plan::remember(&mut self.desired, plan);
        before
    }

    /// Takes down what became of the writes of a stage.
    pub async fn record(&mut self, before: &Unit, applied: &[Applied]) {
        self.has_sent = true;
        for outcome in applied {
            match &outcome.result {
                Ok(effect) => self.taken(before, outcome, effect),
                Err(failure) => self.failed(before, outcome, failure),
            }
        }
        events::publish(self.context, self.manifests, &self.desired, applied).await;
    }

    fn taken(&mut self, before: &Unit, outcome: &Applied, effect: &Effect) {
        if let Cause::Drift(differences) = &outcome.action.cause {
            let now = self.observed.now;
            self.memory
                .corrected(&outcome.action.object, differences, now);
        }
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
                plan::requested(&mut self.desired, write, request);
            }
            Effect::Existed => plan::existed(&mut self.desired, before, write),
            Effect::Done(None) | Effect::WasGone => {}
        }
    }

    /// An answered creation is a fact: it is kept at once, and never repeated.
    fn created(&mut self, id: GroupId) {
        self.target.known = Some(id);
        self.tenant.reader.found(&self.target.name);
        let group = &mut self.desired.group;
        group.last_seen = Some(id);
        if let Some(pending) = &mut group.pending {
            pending.group = Some(id);
        }
    }

    fn failed(&mut self, before: &Unit, outcome: &Applied, failure: &Failure) {
        let (object, write) = (&outcome.action.object, &outcome.action.write);
        let told = self.desired.tell(write).to_do();
        tracing::info!(object = %object, write = told, error = %failure.message, "write failed");
        if failure.executed == Executed::No {
            plan::never_sent(&mut self.desired, before, write);
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
                let wait = failure.wait(times.saturating_add(1), (self.context.jitter)());
                let answer = Answer::Refused(failure.state());
                self.memory.tried(write, now, signed(wait), answer);
                self.failures.insert(object.clone(), failure);
            }
        }
    }
}

fn signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or_default()
}
