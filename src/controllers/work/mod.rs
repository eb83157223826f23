//! The work of one pass over a group: resolve, observe, plan, apply, report, round by round, until nothing is left to
//! do. Each round plans on what was really seen, never on what was written.

mod begin;
mod finish;
mod memory;

use std::collections::HashMap;
use std::time::Duration;

use pim_api::PendingWrite;
use pim_core::action::Write;
use pim_core::desired::Object;
use pim_core::observed;
use pim_core::plan::{Needs, Plan, Stage, StageKind, plan};
use tokio::time::Instant;

use super::apply;
use super::context::Context;
use super::last_look;
use super::outcome::{Failure, Pace};
use super::reading::{self, Unread};
use super::reconcile::Pass;
use super::report::{self, Findings, Scope};
use super::tenants::{Check, Tenant};
use super::{pause, release};
use crate::adapters::status;
use crate::reader::{self, Depth, Onboarding, Previous, Target};
use crate::resolve::{self, Manifest, Manifests, Resolved};
use memory::pending;

/// The most rounds of one pass. A creation takes about eight; what is not done by then goes on in the next pass.
const ROUNDS: usize = 24;

/// One pass over a group.
pub async fn steps(context: &Context, manifests: &Manifests) -> Pass {
    if let Err(error) = release::hold(context, manifests).await {
        return Pass::from(error);
    }
    let tenant = match context
        .tenants
        .get(&manifests.tenant, Check::Manifest)
        .await
    {
        Ok(tenant) => tenant,
        Err(error) => {
            let reason = pim_core::reason::Reason::CredentialInvalid;
            return Pass::Failed(Failure::local(reason, error.to_string(), Pace::Backoff));
        }
    };
    if let Some(pass) = last_look::undisturbed(context, manifests) {
        return pass;
    }
    let mut work = match Work::begin(context, manifests, &tenant).await {
        Ok(work) => work,
        Err(failure) => return Pass::Failed(failure),
    };
    for _ in 0..ROUNDS {
        match work.round().await {
            Ok(Round::Again) => {}
            Ok(Round::Finished(pass)) => return pass,
            Err(failure) => return Pass::Failed(failure),
        }
    }
    Pass::Settled(Some(Duration::from_secs(1)))
}

/// What one round came to.
enum Round {
    /// Something was read or written; plan again.
    Again,
    /// Nothing is left to do now.
    Finished(Pass),
}

struct Work<'a> {
    context: &'a Context,
    manifests: &'a Manifests,
    tenant: &'a Tenant,
    target: Target,
    resolved: Resolved,
    observed: observed::Unit,
    /// What of it an earlier pass has read, and when.
    unread: Unread,
    seen: Instant,
    /// What was read because a plan needed it, since the last write.
    served: Needs,
    /// What the tenant has taken in this pass. It is not sent again in it, because a tenant may show it late.
    taken: Vec<Write>,
    failures: HashMap<Object, Failure>,
    resync: String,
}

impl Work<'_> {
    async fn round(&mut self) -> Result<Round, Failure> {
        let mut plan = plan(&self.resolved.unit, &self.observed);
        pause::pause(self.manifests, &mut plan);
        let unserved = reading::unserved(plan.needs, self.served);
        if !unserved.are_met() {
            self.served = reading::merged(self.served, unserved);
            self.look(|previous| reading::read_what_is_needed(previous, unserved))
                .await?;
            return Ok(Round::Again);
        }
        let next = plan
            .stages
            .first()
            .filter(|_| self.failures.is_empty())
            .cloned();
        if self.unread != Unread::NOTHING && !self.may_go_by_earlier_lists(next.as_ref()) {
            let unread = self.unread;
            self.look(|previous| unread.ask(previous)).await?;
            return Ok(Round::Again);
        }
        // What failed in this pass is not tried again in it.
        let Some(stage) = next.and_then(|stage| self.untaken(&stage)) else {
            return Ok(Round::Finished(self.finish(&plan).await));
        };
        if stage.kind == StageKind::Grant && self.resolved.depth == Depth::Confirm {
            self.resolve_fully().await?;
            return Ok(Round::Again);
        }
        self.act(&plan, &stage).await
    }

    /// Whether it is harmless that lists were read in an earlier pass. Objects are let go only by what was read now.
    fn may_go_by_earlier_lists(&self, next: Option<&Stage>) -> bool {
        match next {
            Some(stage) => reading::may_rest_on_earlier_lists(stage.kind),
            None => !self
                .manifests
                .all()
                .any(|manifest| Manifest::is_deleting(&manifest)),
        }
    }

    /// Writes what is about to happen into status, carries out one stage, and looks at what it changed.
    async fn act(&mut self, plan: &Plan, stage: &Stage) -> Result<Round, Failure> {
        if !last_look::limits_stand(self.context, self.manifests) {
            return Ok(Round::Finished(Pass::Outdated));
        }
        let pending = pending(stage, self.context);
        if let Err(error) = self.report(plan, Scope::Before(stage), pending).await {
            return Ok(Round::Finished(Pass::from(error)));
        }
        self.remember(plan);
        let onboarding = self.tenant.reader.onboarding(&self.target.name);
        let applied =
            apply::apply(self.context, self.tenant, &as_onboarded(stage, onboarding)).await;
        self.note(&applied).await;
        self.served = Needs::default();
        self.look(|previous| reading::read_what_was_written(previous, &applied))
            .await?;
        Ok(Round::Again)
    }

    async fn look(&mut self, change: impl FnOnce(&mut Previous)) -> Result<(), Failure> {
        let mut previous = Previous::again(self.observed.clone());
        change(&mut previous);
        let unread = self.unread.after(&previous);
        let look = reader::observe(
            &self.tenant.reader,
            &self.target,
            &self.resolved.roles,
            previous,
        )
        .await;
        self.observed = look.map_err(|error| Failure::from(&error))?;
        self.unread = unread;
        if unread == Unread::NOTHING {
            self.seen = Instant::now();
        }
        Ok(())
    }

    /// Before anybody is granted anything, every account is looked at.
    async fn resolve_fully(&mut self) -> Result<(), Failure> {
        let fresh = resolve::resolve(
            &self.tenant.reader,
            self.manifests,
            &self.context.statuses,
            Depth::Full,
        )
        .await;
        self.resolved.unit.names = fresh.map_err(|error| Failure::from(&error))?.unit.names;
        self.resolved.depth = Depth::Full;
        Ok(())
    }

    async fn report(
        &self,
        plan: &Plan,
        scope: Scope<'_>,
        pending: Option<PendingWrite>,
    ) -> Result<(), status::Error> {
        let findings = Findings {
            plan: Some(plan),
            failures: self.failures.clone(),
            failure: None,
            scope,
            pending,
            key: self.target.key.to_string(),
        };
        report::report(self.context, self.manifests, &findings).await
    }
}

/// The first change of its policies onboards a group, and gives both of them other ids: the second change waits until
/// they were read again.
fn as_onboarded(stage: &Stage, onboarding: Onboarding) -> Stage {
    let mut stage = stage.clone();
    if stage.kind == StageKind::Policy && onboarding == Onboarding::Ahead {
        stage.actions.truncate(1);
    }
    stage
}
