//! The end of a pass: status, finalizers, and when to look again.

use pim_core::plan::Plan;

use super::{Work, wait};
use crate::controllers::last_look::LastLook;
use crate::controllers::reconcile::Pass;
use crate::controllers::report::Scope;
use crate::controllers::{events, measure, release};
use crate::reader::observe;

impl Work<'_> {
    /// The end of a pass: status, finalizers, and when to look again.
    pub(super) async fn finish(&mut self, plan: &Plan) -> Pass {
        events::came_about(self.context, self.manifests, &self.resolved.unit, plan).await;
        if let Err(error) = self.report(plan, Scope::All).await {
            return Pass::from(error);
        }
        events::warn(self.context, self.manifests, plan).await;
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
}
