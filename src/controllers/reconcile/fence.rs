//! A withdrawn wish is not carried out: before a stage, and again right before its writes leave, every object whose wish
//! it carries out is compared with the newest that is known. What only reduces access needs no fence.

use kube::runtime::reflector::ObjectRef;
use pim_api::AccessBoundary;
use pim_core::desired::Object;
use pim_core::plan::Stage;

use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::wish::Wish;
use crate::controllers::context::Context;
use crate::providers::Fence as Gate;
use crate::resolve::Manifests;

/// What a stage rests on, as it was when the pass began.
pub struct WishFence {
    stores: Stores,
    manifests: Manifests,
    concerned: Vec<Manifest>,
}

impl WishFence {
    /// The fence of a stage, if it needs one.
    pub fn of(context: &Context, manifests: &Manifests, stage: &Stage) -> Option<Self> {
        if stage.kind.only_reduces() {
            return None;
        }
        let objects: Vec<&Object> = stage.actions.iter().map(|action| &action.object).collect();
        let concerned = manifests
            .all()
            .filter(|manifest| objects.contains(&&manifest.object()))
            .collect();
        Some(Self {
            stores: context.stores.clone(),
            manifests: manifests.clone(),
            concerned,
        })
    }

    /// Whether tenant, boundary, group and every object concerned still are what the pass began with: the same object,
    /// generation and annotations of ours.
    pub fn holds(&self) -> bool {
        let (stores, manifests) = (&self.stores, &self.manifests);
        let group = stores.groups.get(&ObjectRef::from_obj(&*manifests.group));
        let tenant = stores.tenants.get(&ObjectRef::from_obj(&*manifests.tenant));
        let boundary = ObjectRef::new(&manifests.group.spec.boundary_ref.name);
        let boundary = stores.boundaries.get(&boundary);
        let of_boundary = |boundary: Option<&AccessBoundary>| boundary.map(Wish::of);
        group.as_deref().map(Wish::of) == Some(Wish::of(&*manifests.group))
            && tenant.as_deref().map(Wish::of) == Some(Wish::of(&*manifests.tenant))
            && of_boundary(boundary.as_deref()) == of_boundary(manifests.boundary.as_deref())
            && self.concerned.iter().all(|manifest| self.stands(manifest))
    }

    fn stands(&self, manifest: &Manifest) -> bool {
        let newest = self.stores.get(&manifest.object());
        newest.map(|newest| newest.wish()) == Some(manifest.wish())
    }

    /// The same, to be asked right before a write leaves.
    pub fn into_gate(self) -> Gate {
        Gate::new(move || self.holds())
    }
}
