//! The end of a pass: status, finalizers, and when to look again.

use kube::Resource;
use pim_core::action::Write;
use pim_core::observed::Presence;
use pim_core::plan::Plan;
use pim_core::verdict::State;

use super::{Work, wait};
use crate::adapters::events::EventReason;
use crate::controllers::last_look::LastLook;
use crate::controllers::reconcile::Pass;
use crate::controllers::report::Scope;
use crate::controllers::{measure, release};
use crate::reader::observe;

impl Work<'_> {
    /// The end of a pass: status, finalizers, and when to look again.
    pub(super) async fn finish(&mut self, plan: &Plan) -> Pass {
        if let Err(error) = self.report(plan, Scope::All).await {
            return Pass::from(error);
        }
        self.tell_of_remains(plan).await;
        measure::finished(self.context, self.manifests, plan);
        if let Err(error) = release::let_go(self.context, self.manifests, self.tenant, plan).await {
            return Pass::from(error);
        }
        self.context.notes.served(&self.target.name, &self.resync);
        if let Some(failure) = &self.stopped {
            return Pass::Incomplete(failure.clone());
        }
        let wait = wait(plan, &self.observed);
        if observe::id(&self.observed.group).is_some() && plan.needs.is_empty() {
            let look = LastLook::new(self.manifests, &self.observed, self.seen, wait);
            self.context.notes.keep_last_look(&self.target.name, look);
        }
        match self.failures.values().next() {
            Some(failure) => Pass::Partial(failure.clone(), wait),
            None => Pass::Settled(wait),
        }
    }

    /// A group that somebody else deleted holds everything that it held until it is purged: whoever restores it by hand
    /// brings that back, undeclared.
    async fn tell_of_remains(&self, plan: &Plan) {
        let Presence::Deleted { group, .. } = &self.observed.group else {
            return;
        };
        let was_us = self.memory.series(&Write::DeleteGroup(group.id)).is_some();
        if plan.group.state != State::Gone || was_us {
            return;
        }
        let note = format!(
            "{} ({}) was deleted in the tenant by somebody else; until it is purged, within 30 days, restoring it there brings back every role and person that it held; purge it if it must not come back",
            self.resolved.unit.group.display_name, group.id
        );
        let about = self.manifests.group.object_ref(&());
        let events = &self.context.events;
        events
            .publish(about, EventReason::GroupLeftDeleted, &note)
            .await;
    }
}
