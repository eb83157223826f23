//! What one reconcile knows and has done so far.

use std::collections::{BTreeSet, HashMap};

use kube::ResourceExt;
use kube::runtime::reflector::ObjectRef;
use pim_core::desired::{Object, Undeclared, Unit};
use pim_core::ids::PrincipalId;
use pim_core::knowledge::Needs;
use pim_core::memory::Memory;
use pim_core::observed::{self, ScopeFault};
use pim_core::plan::{Plan, Stage, plan};
use pim_core::reason::Reason;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::applied::Applied;
use super::apply::{StageContext, apply};
use super::fence::{self, Fencing, WishFence};
use super::outcome::{Ended, Outcome};
use super::requests;
use crate::adapters::wish::object_name;
use crate::adapters::{lenient, status};
use crate::controllers::connections::Tenant;
use crate::controllers::context::Context;
use crate::controllers::failure::{Failure, Retry};
use crate::controllers::news;
use crate::controllers::notes::Resync;
use crate::controllers::report::{self, Findings, Scope};
use crate::controllers::snapshot::Versions;
use crate::reader::{Depth, GroupTarget, PlainPeople, Refresh, UnitLook, observe};
use crate::resolve::{self, AskedResync, Manifests, identity};

/// What one reconcile knows and has done so far.
pub struct Reconciliation<'a> {
    pub(super) context: &'a Context,
    pub(super) manifests: &'a Manifests,
    pub(super) tenant: &'a Tenant,
    pub(super) target: GroupTarget,
    /// What should be, and what its status remembers.
    pub(super) desired: Unit,
    pub(super) observed: observed::Unit,
    pub(super) memory: Memory,
    /// When it began: its manifests are as old.
    begun: Instant,
    /// When the oldest list in it was read.
    pub(super) seen: Instant,
    /// Whose names were asked for.
    pub(super) met: BTreeSet<PrincipalId>,
    /// What was read because a plan needed it, since it was last written to.
    pub(super) served: Needs,
    /// What failed, by object, for their status.
    pub(super) failures: HashMap<Object, Failure>,
    /// What ends the reconcile after this round.
    pub(super) stopped: Option<Failure>,
    /// Why some list could not be read. Nothing is done but taking away what the others show.
    pub(super) refused: Option<Failure>,
    /// Whether what asked for a write has changed before it left.
    pub(super) withdrawn: bool,
    /// Whether anything was sent to the tenant.
    pub(super) has_sent: bool,
    /// The resync that was asked for.
    pub(super) resync: AskedResync,
}

impl<'a> Reconciliation<'a> {
    /// Looks up what the manifests mean, and reads the tenant for the first time: both at once, so that what they ask
    /// travels together.
    pub async fn begin(
        context: &'a Context,
        manifests: &'a Manifests,
        tenant: &'a Tenant,
    ) -> Result<Self, Failure> {
        let begun = Instant::now();
        let name = object_name(&*manifests.group);
        let resync = manifests.asked_resync();
        let mut memory = context.notes.memory(&name, &Versions::of(manifests));
        let snapshot = context.notes.take_snapshot(&name);
        let unserved = context.notes.unserved_resync(&name, &resync);
        let (snapshot, policies) = if unserved.is_some() {
            memory.forget_refusals();
            (None, Refresh::Always)
        } else {
            (snapshot, Refresh::IfStale)
        };
        let start = snapshot.and_then(|known| Some((known.start(manifests)?, known.seen())));
        let status = context.statuses.latest(&*manifests.group);
        let made = status.pending_write.and_then(|pending| pending.id);
        let role_scopes = resolve::role_scopes(manifests, &context.statuses);
        let adopted = manifests.group.spec.adopt.as_ref().map(|group| group.id);
        let target = GroupTarget {
            key: identity::group_key(&manifests.tenant.spec.installation, &name),
            name,
            assignability: manifests.assignability(),
            adopted,
            known: adopted.or(status.external_id).or(made),
            schedule_scopes: resolve::schedule_scopes(manifests, &context.statuses, &role_scopes),
            role_scopes,
            undeclared_roles: manifests.group.spec.undeclared.roles,
            plain_people: plain_people(manifests, unserved),
            unit: match manifests.group.spec.administrative_unit_id {
                Some(_) => UnitLook::EachPass,
                None => UnitLook::Never,
            },
        };
        let resolving = resolve::resolve(
            &tenant.reader,
            manifests,
            &context.statuses,
            &memory,
            &target.role_scopes,
            Depth::Confirm,
            resolve::template::turn(&context.stores, &context.statuses, manifests),
        );
        let seen = start.as_ref().map_or_else(Instant::now, |(_, seen)| *seen);
        let is_never_admitted = resolve::is_never_admitted(manifests, &context.statuses);
        let reading = async {
            if is_never_admitted {
                return Ok((observe::nothing(&tenant.reader), None));
            }
            tenant.reader.roles().warm().await?;
            let start = start.map(|(unit, _)| unit);
            Box::pin(observe::first(&tenant.reader, &target, start, policies)).await
        };
        let (desired, (observed, refused)) =
            futures::try_join!(resolving, reading).map_err(|error| Failure::from(&error))?;
        let mut group = Self {
            context,
            manifests,
            tenant,
            target,
            desired,
            observed,
            memory,
            begun,
            seen,
            has_sent: false,
            met: BTreeSet::new(),
            served: Needs::new(),
            failures: HashMap::new(),
            stopped: None,
            refused: refused.map(|error| Failure::from(&error)),
            withdrawn: false,
            resync,
        };
        group.name_roles();
        group.desired.operator = tenant.reader.own_principal().await;
        group.desired.strangers = tenant.reader.strangers(&group.target.name);
        let id = group.observed.group.living_id();
        group.desired.audit = tenant.reader.deeds().of(id);
        let now = group.observed.now;
        requests::ask(tenant, &mut group.desired, now).await;
        group.tell_of_credential();
        Ok(group)
    }

    /// Takes down what the roles are called that the group holds.
    pub(super) fn name_roles(&mut self) {
        let names = self.tenant.reader.roles().names(self.observed.roles_held());
        self.desired.role_names = names;
    }

    /// A credential that a part of the services refuses may have been replaced: whoever looks after the tenant reads it anew.
    fn tell_of_credential(&self) {
        let refused =
            |fault: &ScopeFault| matches!(fault, ScopeFault::Unread(Reason::CredentialInvalid, _));
        if self.observed.scope_faults.values().any(refused) {
            self.context.waker.tenant(&self.manifests.tenant.name_any());
        }
    }

    /// Plans on what is known now. Of a group that cannot be read only that is done which its tenant alone says.
    pub fn plan(&self) -> Plan {
        let made = plan(&self.desired, &self.observed, &self.memory);
        match lenient::fault(&*self.manifests.group) {
            None => made,
            Some(_) => made.only_emergency_stop(),
        }
    }

    /// The stage that comes next, if any: where a list could not be read, only what takes away.
    pub fn next_stage(&mut self, plan: &Plan) -> Result<Option<Stage>, Ended> {
        self.memory = plan.memory.clone();
        let stage = plan.stages.first().filter(|_| self.stopped.is_none());
        if stage.is_none()
            && let Some(fault) = lenient::fault(&*self.manifests.group)
        {
            return Err(Failure::local(Reason::InvalidSpec, fault, Retry::Slow).into());
        }
        match &self.refused {
            Some(failure) if !stage.is_some_and(|stage| stage.kind.only_reduces()) => {
                Err(failure.clone().into())
            }
            _ => Ok(stage.cloned()),
        }
    }

    /// What holds a stage back should its wish be withdrawn; one that rests on caches that are not confirmed ends the
    /// reconcile.
    pub async fn fence(&self, stage: &Stage) -> Result<Fencing, Ended> {
        self.catch_up().await?;
        let Some(fence) = WishFence::of(self.context, self.manifests, stage) else {
            return Ok(Fencing::Stands(None));
        };
        fence.confirm().await?;
        Ok(if fence.holds() {
            Fencing::Stands(Some(Box::new(fence)))
        } else {
            Fencing::Withdrawn
        })
    }

    /// Makes sure that the caches show what stood after this release began to act for the tenant: whoever acted before may have
    /// carried out what no watch has shown here yet.
    async fn catch_up(&self) -> Result<(), Ended> {
        let since = self.context.acts_since(&self.manifests.tenant);
        let confirmed = self.context.confirmed.everything(since).await?;
        let is_current = || {
            let stores = &self.context.stores;
            let group = stores
                .groups
                .get(&ObjectRef::from_obj(&*self.manifests.group));
            let now =
                group.and_then(|group| Manifests::gather(stores, &self.context.statuses, &group));
            now.is_some_and(|now| Versions::of(&now) == Versions::of(self.manifests))
        };
        if confirmed.shown <= self.begun || is_current() {
            Ok(())
        } else {
            Err(Outcome::Outdated.into())
        }
    }

    /// Writes what is about to happen into status: a grant that nobody remembers is lost with the process.
    pub async fn report_intent(&self, plan: &Plan, stage: &Stage) -> Result<(), status::Error> {
        match self.report(plan, Scope::Before(stage)).await {
            // Taking away waits for no object that somebody edits again and again.
            Err(status::Error::Outdated) if stage.kind.only_reduces() => Ok(()),
            reported => reported,
        }
    }

    /// Carries out the writes of a stage and returns what became of each.
    pub async fn apply(&self, stage: &Stage, fence: Option<Box<WishFence>>) -> Vec<Applied> {
        let context = StageContext {
            metrics: &self.context.metrics,
            tenant: self.tenant,
            unit: &self.desired,
            fence: fence::gate(self.context, &self.manifests.tenant, fence.as_deref()),
        };
        let applying = apply(&context, stage);
        match &fence {
            Some(fence) => fence.while_confirmed(applying).await,
            None => applying.await,
        }
    }

    /// Tells what is new, and writes the statuses of some of the objects.
    pub async fn report(&self, plan: &Plan, scope: Scope<'_>) -> Result<(), status::Error> {
        news::tell(self.context, self.manifests, &self.desired, plan).await;
        let findings = Findings {
            plan: Some(plan),
            failures: self.failures.clone(),
            failure: None,
            scope,
            key: self.target.key.to_string(),
        };
        report::report(self.context, self.manifests, &findings).await
    }

    /// Cancelled when the process is to end.
    pub fn stop(&self) -> CancellationToken {
        self.context.stop.clone()
    }

    /// Keeps what is remembered for the next reconcile, however this one ended.
    pub fn keep_memory(&self) {
        let (memory, versions) = (self.memory.clone(), Versions::of(self.manifests));
        self.context
            .notes
            .keep_memory(&self.target.name, memory, versions);
    }
}

/// When members and owners are read as the directory lists them. Those of a group that is being deleted are read once it is
/// to lie empty.
fn plain_people(manifests: &Manifests, resync: Option<Resync>) -> PlainPeople {
    let is_going = manifests.group.metadata.deletion_timestamp.is_some();
    let is_ignored = manifests.group.spec.undeclared.standing == Undeclared::Ignore;
    if !manifests.tenant.spec.denied_principals.is_empty() {
        PlainPeople::AtOnce
    } else if is_going || is_ignored {
        PlainPeople::OnDemand
    } else if resync == Some(Resync::OfGroup) {
        PlainPeople::AtOnce
    } else {
        PlainPeople::Hourly
    }
}
