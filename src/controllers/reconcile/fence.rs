//! A withdrawn wish is not carried out: before a stage, and again right before its writes leave, every object whose wish
//! it carries out is compared with the newest that is known. What only reduces access needs no fence.

use std::sync::Arc;

use pim_core::desired::Object;
use pim_core::plan::Stage;

use crate::adapters::kinds::{Manifest, Stores};
use crate::adapters::wish::Wish;
use crate::controllers::context::Context;
use crate::providers::Fence as Gate;
use crate::resolve::Manifests;

/// What a stage rests on, as it was when the pass began: the group, all that it names, and every object whose wish the
/// stage carries out.
pub struct WishFence {
    stores: Stores,
    expected: Vec<(Object, Option<Wish>)>,
}

impl WishFence {
    /// The fence of a stage, if it needs one.
    pub fn of(context: &Context, manifests: &Manifests, stage: &Stage) -> Option<Self> {
        if stage.kind.only_reduces() {
            return None;
        }
        let group = Manifest::PrivilegedGroup(Arc::clone(&manifests.group)).object();
        let concerned = manifests.all().filter(|manifest| {
            let object = manifest.object();
            object == group || stage.actions.iter().any(|action| action.object == object)
        });
        let references = manifests.references.iter();
        let references =
            references.map(|(object, known)| (object.clone(), known.as_ref().map(Manifest::wish)));
        let expected = concerned
            .map(|manifest| (manifest.object(), Some(manifest.wish())))
            .chain(references)
            .collect();
        Some(Self {
            stores: context.stores.clone(),
            expected,
        })
    }

    /// Whether all of them still are what the pass began with: the same object, generation and annotations of ours.
    pub fn holds(&self) -> bool {
        self.expected.iter().all(|(object, expected)| {
            let newest = self.stores.get(object);
            newest.map(|newest| newest.wish()) == *expected
        })
    }

    /// The same, to be asked right before a write leaves.
    pub fn into_gate(self) -> Gate {
        Gate::new(move || self.holds())
    }
}
