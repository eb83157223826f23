//! The end of a pass: status, finalizers, and when to look again.

use std::time::Duration;

use pim_core::observed;
use pim_core::plan::Plan;

use super::Work;
use crate::controllers::last_look::LastLook;
use crate::controllers::outcome::SOON;
use crate::controllers::reconcile::Pass;
use crate::controllers::report::Scope;
use crate::controllers::{events, measure, reading, release};

impl Work<'_> {
    /// The end of a pass: status, finalizers, and when to look again.
    pub(super) async fn finish(&mut self, plan: &Plan) -> Pass {
        let pending = self.still_pending(plan);
        if let Err(error) = self.report(plan, Scope::All, pending).await {
            return Pass::from(error);
        }
        events::warn(self.context, self.manifests, plan).await;
        measure::finished(self.context, self.manifests, plan);
        if let Err(error) = release::let_go(self.context, self.manifests, self.tenant, plan).await {
            return Pass::from(error);
        }
        self.context.notes.served(&self.target.name, &self.resync);
        if let Some(failure) = self.failures.values().min_by_key(|failure| failure.pace) {
            return Pass::Incomplete(failure.clone());
        }
        let replicating = (!plan.needs.are_met()).then_some(SOON);
        let wait = [wait(plan, &self.observed), replicating]
            .into_iter()
            .flatten()
            .min();
        if reading::id(&self.observed.group).is_some() {
            let look = LastLook::new(self.manifests, &self.observed, self.seen, wait);
            self.context.notes.keep_last_look(&self.target.name, look);
        }
        Pass::Settled(wait)
    }
}

/// How long until time alone changes something, by the service's clock.
fn wait(plan: &Plan, observed: &observed::Unit) -> Option<Duration> {
    let until = plan.wake_at?.duration_since(observed.now);
    // A second more, because the service's clock is known to the second only.
    Some(Duration::try_from(until).unwrap_or_default() + Duration::from_secs(1))
}
