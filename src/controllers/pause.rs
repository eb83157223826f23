//! The annotation that asks for a pause: takes the writes of paused objects out of a plan, and says so. A paused group
//! pauses everything about it that is not being deleted.

use std::collections::BTreeSet;

use pim_core::desired::{Object, ObjectKind};
use pim_core::plan::Plan;
use pim_core::reason::Reason;
use pim_core::schedule::Kind;
use pim_core::verdict::State;

use crate::resolve::{Manifest, Manifests};

/// Pauses what asks for it.
pub fn pause(manifests: &Manifests, plan: &mut Plan) {
    let group_paused = Manifest::Group(manifests.group.clone()).is_paused();
    let paused: BTreeSet<Object> = manifests
        .all()
        .filter(|manifest| manifest.is_paused() || (group_paused && !manifest.is_deleting()))
        .map(|manifest| manifest.object())
        .collect();
    if paused.is_empty() {
        return;
    }
    plan.withhold(&paused);
    for object in paused {
        if let Some(state) = state(plan, &object) {
            *state = State::waiting(
                Reason::Paused,
                "the annotation asks for a pause; nothing is changed",
            );
        }
    }
}

fn state<'a>(plan: &'a mut Plan, object: &Object) -> Option<&'a mut State> {
    match object.kind {
        ObjectKind::PrivilegedGroup => Some(&mut plan.group.state),
        ObjectKind::RoleBinding => plan
            .bindings
            .get_mut(&object.name)
            .map(|verdict| &mut verdict.state),
        ObjectKind::EligibleAssignment => assignment(plan, Kind::Eligible, object),
        ObjectKind::ActiveAssignment => assignment(plan, Kind::Active, object),
    }
}

fn assignment<'a>(plan: &'a mut Plan, kind: Kind, object: &Object) -> Option<&'a mut State> {
    plan.assignments
        .get_mut(&(kind, object.name.clone()))
        .map(|verdict| &mut verdict.state)
}
