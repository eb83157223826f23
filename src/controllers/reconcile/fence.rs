//! A withdrawn wish is not carried out: before a stage, and again right before its writes leave, every object whose wish
//! it carries out is compared with the newest that is known. What only reduces access needs no fence.

use std::sync::Arc;

use pim_core::desired::Object;
use pim_core::plan::Stage;

use crate::adapters::kinds::{Manifest, Stores};
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

    /// Whether the group, all that it names and every object concerned still are what the pass began with: the same object,
    /// generation and annotations of ours.
    pub fn holds(&self) -> bool {
        let group = Manifest::PrivilegedGroup(Arc::clone(&self.manifests.group));
        let mut references = self.manifests.references.iter();
        self.stands(&group.object(), Some(&group))
            && references.all(|(object, known)| self.stands(object, known.as_ref()))
            && self
                .concerned
                .iter()
                .all(|manifest| self.stands(&manifest.object(), Some(manifest)))
    }

    fn stands(&self, object: &Object, known: Option<&Manifest>) -> bool {
        let newest = self.stores.get(object);
        newest.map(|newest| newest.wish()) == known.map(Manifest::wish)
    }

    /// The same, to be asked right before a write leaves.
    pub fn into_gate(self) -> Gate {
        Gate::new(move || self.holds())
    }
}
