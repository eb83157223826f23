//! The end of a reconcile: status, finalizers, and when to reconcile again.

use std::time::Duration;

use kube::Resource;
use pim_core::action::Write;
use pim_core::desired::{DeletionPolicy, Object};
use pim_core::event::EventReason;
use pim_core::observed::{PlainOrigin, Presence};
use pim_core::plan::Plan;
use pim_core::rollout::RolloutTurn;
use pim_core::verdict::State;

use super::left_behind;
use super::outcome::{Ended, Outcome};
use super::reconciliation::Reconciliation;
use crate::adapters::manifest::object;
use crate::adapters::wish::object_name;
use crate::controllers::failure::Failure;
use crate::controllers::report::Scope;
use crate::controllers::snapshot::Snapshot;
use crate::controllers::{finalizers, metrics};

impl Reconciliation<'_> {
    /// Ends a reconcile: writes status, removes finalizers, and decides when to reconcile again.
    pub async fn finish(&mut self, plan: &Plan) -> Result<Outcome, Ended> {
        self.report(plan, Scope::All).await?;
        self.tell_of_remains(plan).await;
        self.tell_of_roles_left(plan).await;
        left_behind::tell(self, plan).await;
        metrics::finished(self.context, self.manifests, plan);
        finalizers::remove(self.context, self.manifests, self.tenant, plan).await?;
        self.context.notes.served(&self.target.name, &self.resync);
        self.context.notes.looked_at(&self.target.name, self.seen);
        if let Some(failure) = &self.stopped {
            return Ok(Outcome::Incomplete(failure.clone()));
        }
        let wait = self.wait(plan);
        // Whose turn it is shows in no manifest, so whoever waits for it looks again.
        let has_turn = self.desired.group.turn() == RolloutTurn::Now;
        if self.observed.group.living_id().is_some() && plan.needs.is_empty() && has_turn {
            let snapshot = Snapshot::new(self.manifests, &self.observed, self.seen, wait);
            let notes = &self.context.notes;
            notes.keep_snapshot(&self.target.name, snapshot);
        }
        // One that is no fault speaks for the pass only where there is no other.
        let gravest = |failure: &&Failure| !failure.is_throttle();
        let Some(failure) = self.failures.values().max_by_key(gravest) else {
            let stands = |object: &Object| plan.state(object) == Some(&State::Ready);
            self.memory.stood(stands);
            return Ok(Outcome::Settled(wait));
        };
        Ok(Outcome::Partial(failure.clone(), wait))
    }

    /// Leaves off where it stands, because the process is to end or the wish was withdrawn: says what was sent, and begins
    /// nothing.
    pub async fn leave(&self, plan: &Plan) -> Result<Outcome, Ended> {
        if self.has_sent {
            self.report(plan, Scope::All).await?;
        }
        Ok(Outcome::Outdated)
    }

    /// How long until time alone changes something, by the service's clock.
    fn wait(&self, plan: &Plan) -> Option<Duration> {
        let until = plan.wake_at?.duration_since(self.observed.now);
        // A second more, because the service's clock is known to the second only.
        Some(Duration::try_from(until).unwrap_or_default() + Duration::from_secs(1))
    }

    /// What somebody else assigned counts for a binding, and stays when the binding goes.
    async fn tell_of_roles_left(&self, plan: &Plan) {
        let gone = self.manifests.bindings().filter(|binding| {
            binding.meta().deletion_timestamp.is_some()
                && binding.spec.deletion_policy == DeletionPolicy::Delete
                && plan.state(&object(*binding)) == Some(&State::Gone)
        });
        for binding in gone {
            let mut desired = self.desired.bindings.iter();
            let desired = desired.find(|one| one.name == object_name(binding));
            let target = desired.and_then(|one| one.bound.as_ref());
            let mut rows = self.observed.plain_roles.rows().iter();
            let Some(left) =
                rows.find(|row| row.origin == PlainOrigin::Another && Some(&row.target) == target)
            else {
                continue;
            };
            let note = format!(
                "the group goes on holding the {} {}: assignment {} was made by somebody else and is left alone; delete it where it was made if the group is to lose the role",
                left.target.system.title, left.target, left.id
            );
            let events = &self.context.events;
            events
                .publish(binding.object_ref(&()), EventReason::RoleLeft, &note)
                .await;
        }
    }

    /// A group that somebody else deleted holds everything that it held until it is purged: whoever restores it by hand
    /// brings that back, undeclared.
    async fn tell_of_remains(&self, plan: &Plan) {
        let Presence::Deleted { group, .. } = &self.observed.group else {
            return;
        };
        let was_us = self.memory.series(&Write::DeleteGroup(group.id)).is_some();
        let of_group = plan.state(&self.desired.group.object());
        if of_group != Some(&State::Gone) || was_us {
            return;
        }
        let note = format!(
            "{} ({}) was deleted in the tenant by somebody else; until it is purged, within 30 days, restoring it there brings back every role and person that it held; purge it if it must not come back",
            self.desired.group.display_name, group.id
        );
        let about = self.manifests.group.object_ref(&());
        let events = &self.context.events;
        events
            .publish(about, EventReason::GroupLeftDeleted, &note)
            .await;
    }
}
