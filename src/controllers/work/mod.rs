//! The work of one pass over a group: resolve, observe, plan, apply, report, round by round, until nothing is left to
//! do. Each round plans on what was really seen, never on what was written; what has to be read is the planner's word.

mod begin;
mod finish;
mod namesakes;
mod notes;
mod requests;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use kube::ResourceExt;
use pim_core::action::WriteKey;
use pim_core::desired::Object;
use pim_core::knowledge::{Needs, Part};
use pim_core::memory::Memory;
use pim_core::observed;
use pim_core::plan::{Plan, Stage, plan};
use tokio::time::Instant;

use super::apply::{self, Applied, Means};
use super::context::Context;
use super::fence;
use super::last_look;
use super::news;
use super::outage::Turn;
use super::outcome::{Failure, Pace};
use super::reconcile::Pass;
use super::release;
use super::report::{self, Findings, Scope};
use super::tenants::{Check, Tenant};
use crate::adapters::{lenient, status};
use crate::reader::observe::{self, After};
use crate::reader::{Depth, Target};
use crate::resolve::{self, Manifests, Resolved};

/// The most rounds of one pass. A creation takes about eight; what is not done by then goes on in the next pass.
const ROUNDS: usize = 24;

/// One pass over a group.
pub async fn steps(context: &Context, manifests: &Manifests) -> Pass {
    if let Some(fault) = unreadable(manifests) {
        let reason = pim_core::reason::Reason::InvalidSpec;
        return Pass::Failed(Failure::local(reason, fault, Pace::Slow));
    }
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
    // One pass at a time asks a tenant that did not answer; the others say so at once.
    let probe = match tenant.outage.enter() {
        Ok(probe) => probe,
        Err(failure) => return Pass::Failed(*failure),
    };
    let pass = Box::pin(rounds(context, manifests, &tenant)).await;
    let name = manifests.tenant.name_any();
    match probe.ended(pass.failure()) {
        // The tenant's own status says so, too, and the others need not wait for their next try.
        Turn::Fell => context.waker.tenant(&name),
        Turn::Returned => {
            context.waker.tenant(&name);
            context
                .waker
                .groups_where(&context.stores, |group| group.spec.tenant_ref.name == name);
        }
        Turn::Stayed => {}
    }
    pass
}

/// What keeps everything from being done: without group or tenant nothing that concerns the group is known.
fn unreadable(manifests: &Manifests) -> Option<String> {
    lenient::fault(&*manifests.tenant).or_else(|| lenient::fault(&*manifests.group))
}

async fn rounds(context: &Context, manifests: &Manifests, tenant: &Tenant) -> Pass {
    let mut work = match Box::pin(Work::begin(context, manifests, tenant)).await {
        Ok(work) => work,
        Err(failure) => return Pass::Failed(failure),
    };
    for _ in 0..ROUNDS {
        match work.round().await {
            Ok(Round::Again) => {}
            Ok(Round::Finished(pass)) => return work.end(pass),
            Err(failure) => return work.end(Pass::Failed(failure)),
        }
    }
    let message = "the pass took too many rounds and goes on later";
    let reason = pim_core::reason::Reason::Progressing;
    work.end(Pass::Failed(Failure::local(reason, message, Pace::Backoff)))
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
    memory: Memory,
    /// When the oldest list in it was read.
    seen: Instant,
    /// What was read because a plan needed it, since it was last written to.
    served: Needs,
    /// What failed in this pass, by object, for their status.
    failures: HashMap<Object, Failure>,
    /// What ends the pass after this round.
    stopped: Option<Failure>,
    /// Why some list could not be read. Nothing is done but taking away what the others show.
    refused: Option<Failure>,
    withdrawn: bool,
    resync: String,
}

impl Work<'_> {
    async fn round(&mut self) -> Result<Round, Failure> {
        let plan = plan(&self.resolved.unit, &self.observed, &self.memory);
        let missing: Needs = plan.needs.difference(&self.served).copied().collect();
        if !missing.is_empty() {
            self.read(&missing).await?;
            return Ok(Round::Again);
        }
        self.memory = plan.memory.clone();
        if self.withdrawn {
            return Ok(Round::Finished(Pass::Outdated));
        }
        let stage = plan.stages.first().filter(|_| self.stopped.is_none());
        if let Some(failure) = &self.refused
            && !stage.is_some_and(|stage| stage.kind.only_reduces())
        {
            return Err(failure.clone());
        }
        match stage {
            Some(stage) => self.act(&plan, &stage.clone()).await,
            None => Ok(Round::Finished(self.finish(&plan).await)),
        }
    }

    /// Reads what a plan needs: names and lists at the same time, so that they travel together.
    async fn read(&mut self, parts: &Needs) -> Result<(), Failure> {
        let names = async {
            if !parts.contains(&Part::Names) {
                return Ok(None);
            }
            let unit = &self.resolved.unit;
            let found = resolve::names(
                &self.tenant.reader,
                self.manifests,
                unit,
                &self.memory,
                Depth::Full,
            )
            .await?;
            Ok(Some(found.with_accounts()))
        };
        let lists = observe::read(
            &self.tenant.reader,
            &self.target,
            &self.resolved.roles,
            self.observed.clone(),
            parts,
        );
        let (names, observed) =
            futures::try_join!(names, lists).map_err(|error| Failure::from(&error))?;
        self.observed = observed;
        if let Some(names) = names {
            self.resolved.unit.names = names;
        }
        self.served.extend(parts);
        Ok(())
    }

    /// Writes what is about to happen into status, carries out one stage, and lets what it changed be read again.
    async fn act(&mut self, plan: &Plan, stage: &Stage) -> Result<Round, Failure> {
        let fence = fence::of(self.context, self.manifests, stage);
        if fence.as_ref().is_some_and(|fence| !fence.holds()) {
            return Ok(Round::Finished(Pass::Outdated));
        }
        match self.report(plan, Scope::Before(stage)).await {
            // Taking away waits for no object that somebody edits again and again.
            Err(status::Error::Outdated) if stage.kind.only_reduces() => {}
            Err(error) => return Ok(Round::Finished(Pass::from(error))),
            Ok(()) => {}
        }
        let before = self.remember(plan);
        let means = Means {
            context: self.context,
            tenant: self.tenant,
            unit: &self.resolved.unit,
            fence: fence.map(fence::Fence::into_gate),
        };
        let applied = apply::apply(&means, stage).await;
        self.note(&before, &applied).await;
        self.look_again(&applied).await?;
        Ok(Round::Again)
    }

    /// What was written to counts as of an earlier look; a group that was written to is looked for.
    async fn look_again(&mut self, applied: &[Applied]) -> Result<(), Failure> {
        let keys: Vec<WriteKey> = applied.iter().map(|one| one.action.write.key()).collect();
        let touched: BTreeSet<Part> = keys
            .iter()
            .flat_map(|key| key.touches().iter().copied())
            .collect();
        self.observed
            .demote(&touched.iter().copied().collect::<Vec<_>>());
        self.served.retain(|part| !touched.contains(part));
        let is_of_group = |key: &WriteKey| key.touches().is_empty();
        if keys.iter().any(is_of_group) {
            let made = notes::made(applied);
            let after = if keys.contains(&WriteKey::Delete) {
                After::Deletion
            } else {
                After::Change
            };
            let (reader, before) = (&self.tenant.reader, self.observed.clone());
            let found = observe::find_again(reader, &self.target, before, after);
            let own = made.or_else(|| observe::id(&self.observed.group));
            let named = namesakes::tell(self, applied, own);
            let (found, ()) = futures::join!(found, named);
            self.observed = found.map_err(|error| Failure::from(&error))?;
            if let Some(id) = made
                && observe::id(&self.observed.group) == Some(id)
            {
                // The service has just made it, and without owners: nobody is in it, and it holds nothing.
                self.observed.nobody_is_in_it();
            }
            self.served.clear();
        }
        Ok(())
    }

    async fn report(&self, plan: &Plan, scope: Scope<'_>) -> Result<(), status::Error> {
        news::tell(self.context, self.manifests, &self.resolved.unit, plan).await;
        let findings = Findings {
            plan: Some(plan),
            failures: self.failures.clone(),
            failure: None,
            scope,
            key: self.target.key.to_string(),
        };
        report::report(self.context, self.manifests, &findings).await
    }

    /// Keeps what is remembered for the next pass, however this one ended.
    fn end(&self, pass: Pass) -> Pass {
        let of = last_look::Versions::of(self.manifests);
        let memory = self.memory.clone();
        self.context
            .notes
            .keep_memory(&self.target.name, memory, of);
        pass
    }
}

/// How long until time alone changes something, by the service's clock.
fn wait(plan: &Plan, observed: &observed::Unit) -> Option<Duration> {
    let until = plan.wake_at?.duration_since(observed.now);
    // A second more, because the service's clock is known to the second only.
    Some(Duration::try_from(until).unwrap_or_default() + Duration::from_secs(1))
}
