//! Tells what objects leave in the tenant that are let go now: nothing in Kubernetes speaks of it afterwards.

use pim_core::event::EventReason;
use pim_core::plan::Plan;
use pim_core::verdict::State;

use super::reconciliation::Reconciliation;
use crate::adapters::kinds::Manifest;

/// Tells it of every object that leaves something.
pub(super) async fn tell(group: &Reconciliation<'_>, plan: &Plan) {
    let going = group.manifests.all().filter(Manifest::is_deleting);
    for manifest in going {
        let object = manifest.object();
        if plan.state(&object) != Some(&State::Gone) {
            continue;
        }
        if let Some(note) = group.desired.left_by(&object, &group.observed) {
            let events = &group.context.events;
            events
                .publish(manifest.reference(), EventReason::LeftBehind, &note)
                .await;
        }
    }
}
