//! Nothing is written on manifests that may not be what stands. A withdrawn wish is not carried out: before a stage, and again
//! right before its writes leave, every object whose wish it carries out is compared with the newest that is known, and that is
//! confirmed by a direct read. What only reduces access needs no such fence, but for the first time in a term; what goes because
//! nobody declares it rests on all objects of the group, and on there being no others. What goes because a boundary does not admit
//! it carries out the boundary's wish, and rests on that: whoever may edit the group and its objects must not be able to put it off.

use std::convert::Infallible;
use std::sync::Arc;

use kube::runtime::reflector::ObjectRef;
use pim_api::{EntraTenant, PrivilegedGroup};
use pim_core::desired::{ManagementPolicy, Object, ObjectKind};
use pim_core::ids::ObjectName;
use pim_core::plan::{Stage, StageKind};
use tokio::time::{Instant, sleep};

use crate::adapters::confirmed::{self, Confirmed, READ_AGAIN};
use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::wish::{Wish, uid};
use crate::controllers::context::Context;
use crate::providers::Fence as Gate;
use crate::resolve::Manifests;

/// What a stage rests on, as it was when the pass began: the group, all that it names, and every object whose wish the
/// stage carries out.
#[derive(Clone)]
pub struct WishFence {
    stores: Stores,
    confirmed: Confirmed,
    expected: Vec<(Object, Option<Wish>)>,
    /// The group of which there must be no other objects, if the stage rests on that.
    complete: Option<ObjectName>,
    /// The group that has to name its boundary still, if the stage rests on that.
    judged: Option<Arc<PrivilegedGroup>>,
}

impl WishFence {
    /// The fence of a stage, if it needs one.
    pub fn of(context: &Context, manifests: &Manifests, stage: &Stage) -> Option<Self> {
        let group = Manifest::PrivilegedGroup(Arc::clone(&manifests.group)).object();
        let complete = match stage.kind {
            StageKind::Undeclared => Some(group.name.clone()),
            StageKind::Violation => return Some(Self::of_boundary(context, manifests)),
            kind if kind.only_reduces() => return None,
            _ => None,
        };
        let concerned = manifests.all().filter(|manifest| {
            let object = manifest.object();
            complete.is_some()
                || object == group
                || stage.actions.iter().any(|action| action.object == object)
        });
        let expected = concerned
            .map(|manifest| (manifest.object(), Some(manifest.wish())))
            .chain(references(manifests))
            .collect();
        Some(Self {
            stores: context.stores.clone(),
            confirmed: context.confirmed.clone(),
            expected,
            complete,
            judged: None,
        })
    }

    /// What carries out the wish of the boundary: of the group no more is asked than that it is known as it stands, and still
    /// names it.
    fn of_boundary(context: &Context, manifests: &Manifests) -> Self {
        let is_above = |object: &Object| {
            matches!(
                object.kind,
                ObjectKind::EntraTenant | ObjectKind::AccessBoundary
            )
        };
        let above = references(manifests).filter(|(object, _)| is_above(object));
        Self {
            stores: context.stores.clone(),
            confirmed: context.confirmed.clone(),
            expected: above.collect(),
            complete: None,
            judged: Some(Arc::clone(&manifests.group)),
        }
    }

    /// Whether all of them still are what the pass began with: the same object, generation and annotations of ours.
    pub fn holds(&self) -> bool {
        let stand = self.expected.iter().all(|(object, expected)| {
            let newest = self.stores.get(object);
            newest.map(|newest| newest.wish()) == *expected
        });
        let names_its_boundary = self.judged.as_ref().is_none_or(|known| {
            let group = self.stores.groups.get(&ObjectRef::from_obj(&**known));
            group.is_some_and(|now| {
                uid(&*now) == uid(&**known) && now.spec.boundary_ref == known.spec.boundary_ref
            })
        });
        stand
            && names_its_boundary
            && self
                .complete
                .as_ref()
                .is_none_or(|group| self.has_all_of(group))
    }

    /// Whether no object names a group that is not among these.
    fn has_all_of(&self, group: &ObjectName) -> bool {
        let members = self.stores.members(group);
        members.iter().map(Manifest::object).all(|member| {
            let mut expected = self.expected.iter();
            expected.any(|(object, _)| *object == member)
        })
    }

    /// Makes sure that what the caches show of them stands.
    pub async fn confirm(&self) -> Result<(), confirmed::Error> {
        if self.complete.is_some() {
            let now = Instant::now();
            return self.confirmed.everything(now).await.map(drop);
        }
        let expected = self.expected.iter().map(|(object, _)| object.clone());
        let judged = self.judged.iter().map(|group| {
            let group = Manifest::PrivilegedGroup(Arc::clone(group));
            group.object()
        });
        let objects: Vec<Object> = expected.chain(judged).collect();
        self.confirmed.these(&objects).await
    }

    /// Does some work, and reads them again for as long as it lasts: writes may wait for minutes until they leave.
    pub async fn while_confirmed<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.read_again() => match never {},
        }
    }

    async fn read_again(&self) -> Infallible {
        loop {
            sleep(READ_AGAIN).await;
            if let Err(error) = self.confirm().await {
                tracing::info!(error = %error, "manifests whose writes have not left yet are not confirmed");
            }
        }
    }

    /// Whether a write may leave now, as far as its wish is concerned.
    fn lets_pass(&self) -> bool {
        let mut objects = self.expected.iter();
        self.holds() && objects.all(|(object, _)| self.confirmed.serves(object))
    }
}

/// What a direct read says of the wish of a stage.
pub enum Fencing {
    /// It is what stands, and this holds the stage back should that change; nothing where it needs no fence.
    Stands(Option<Box<WishFence>>),
    /// It is not what stands any more.
    Withdrawn,
}

/// What a group names, as it was when the pass began.
fn references(manifests: &Manifests) -> impl Iterator<Item = (Object, Option<Wish>)> {
    let all = manifests.references.iter();
    all.map(|(object, known)| (object.clone(), known.as_ref().map(Manifest::wish)))
}

/// Whether a write may leave now, to be asked while it waits and right before it leaves. None leaves for a tenant that is only
/// observed by now, and what still waits for its turn when the process is asked to stop does not leave any more.
pub fn gate(context: &Context, tenant: &EntraTenant, fence: Option<&WishFence>) -> Gate {
    let (stop, fence) = (context.stop.clone(), fence.cloned());
    let (tenants, tenant) = (context.stores.tenants.clone(), ObjectRef::from_obj(tenant));
    let is_observed = move || {
        let newest = tenants.get(&tenant);
        newest.is_some_and(|one| one.spec.management_policy == ManagementPolicy::Observe)
    };
    Gate::new(move || {
        let is_wanted = fence.as_ref().is_none_or(WishFence::lets_pass);
        is_wanted && !stop.is_cancelled() && !is_observed()
    })
}
