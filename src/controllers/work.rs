//! The work of one pass over a group: resolve, observe, plan, apply, report, round by round, until nothing is left to
//! do. Each round plans on what was really seen, never on what was written.

use std::collections::HashMap;
use std::time::Duration;

use pim_api::PendingWrite;
use pim_core::action::Write;
use pim_core::desired::{Memo, Object, Seen};
use pim_core::observed;
use pim_core::plan::{Needs, Plan, Stage, StageKind, plan};
use pim_core::verdict::{Row, SubjectState};
use tokio::time::Instant;

use super::apply::{self, Applied, Done};
use super::conditions::whole_second;
use super::context::Context;
use super::last_look::{self, LastLook};
use super::outcome::{Failure, Pace};
use super::reading::{self, Unread};
use super::reconcile::Pass;
use super::report::{self, Findings, Scope};
use super::tenants::{Check, Tenant};
use super::{events, measure, pause, release};
use crate::adapters::kinds::object_name;
use crate::adapters::status;
use crate::reader::{self, Depth, Onboarding, Previous, Reading, Target};
use crate::resolve::{self, Manifest, Manifests, Resolved, identity};

/// The most rounds of one pass. A creation takes about eight; what is not done by then goes on in the next pass.
const ROUNDS: usize = 24;

/// How soon what the service does not show yet is looked for again.
const REPLICATION: Duration = Duration::from_secs(2);

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

impl<'a> Work<'a> {
    async fn begin(
        context: &'a Context,
        manifests: &'a Manifests,
        tenant: &'a Tenant,
    ) -> Result<Self, Failure> {
        let name = object_name(&*manifests.group);
        let resync = manifests.asked_resync();
        let last = context.notes.take_last_look(&name);
        let (last, policies) = if context.notes.asks_for_resync(&name, &resync) {
            (None, Reading::Now)
        } else {
            (last, Reading::IfOld)
        };
        let start = last.and_then(|last| Some((last.start(manifests)?, last.seen())));
        let target = Target {
            key: identity::group_key(&manifests.tenant.spec.installation, &name),
            name,
            assignability: manifests.assignability(),
            last_seen: context.statuses.latest(&*manifests.group).external_id,
        };
        // Names and the group are looked up at the same time, so that what they ask travels together.
        let resolving =
            resolve::resolve(&tenant.reader, manifests, &context.statuses, Depth::Confirm);
        let looking = async {
            let roles = tenant.reader.roles(&[]).await?;
            reading::first_look(&tenant.reader, &target, &roles, start, policies).await
        };
        let (resolved, (observed, unread, seen)) =
            futures::try_join!(resolving, looking).map_err(|error| Failure::from(&error))?;
        let (served, failures) = (Needs::default(), HashMap::new());
        Ok(Self {
            context,
            manifests,
            tenant,
            target,
            resolved,
            observed,
            unread,
            seen,
            served,
            taken: Vec::new(),
            failures,
            resync,
        })
    }

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
        let Some(stage) = next else {
            return Ok(Round::Finished(self.finish(&plan).await));
        };
        let Some(stage) = self.untaken(&stage) else {
            return Ok(Round::Finished(self.finish(&plan).await));
        };
        if stage.kind == StageKind::Grant && self.resolved.depth == Depth::Confirm {
            self.resolve_fully().await?;
            return Ok(Round::Again);
        }
        self.act(&plan, &stage).await
    }

    /// What of a stage the tenant has not taken yet. If nothing is left, its objects wait until what was taken shows.
    fn untaken(&mut self, stage: &Stage) -> Option<Stage> {
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

    /// Keeps the memory of the manifests in step with what was just written into status.
    fn remember(&mut self, plan: &Plan) {
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
    async fn note(&mut self, applied: &[Applied]) {
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

    /// The end of a pass: status, finalizers, and when to look again.
    async fn finish(&mut self, plan: &Plan) -> Pass {
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
        let replicating = (!plan.needs.are_met()).then_some(REPLICATION);
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

    /// A creation stays noted until the group is seen: its answer may be lost, and a replica may show it late.
    fn still_pending(&self, plan: &Plan) -> Option<PendingWrite> {
        self.context
            .statuses
            .latest(&*self.manifests.group)
            .pending_write
            .filter(|_| plan.group.id.is_none())
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
fn pending(stage: &Stage, context: &Context) -> Option<PendingWrite> {
    stage.actions.iter().find_map(|action| match &action.write {
        Write::CreateGroup(group) => Some(PendingWrite {
            operation: "create_group".to_owned(),
            key: group.key.to_string(),
            since: whole_second(context.clock.now()),
        }),
        _ => None,
    })
}

/// How long until time alone changes something, by the service's clock.
fn wait(plan: &Plan, observed: &observed::Unit) -> Option<Duration> {
    let until = plan.wake_at?.duration_since(observed.now);
    // A second more, because the service's clock is known to the second only.
    Some(Duration::try_from(until).unwrap_or_default() + Duration::from_secs(1))
}
