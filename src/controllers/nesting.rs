//! What a pass over a group changes for the groups that it is in, and for those that are in it: their own passes cannot see it
//! come, because it stands in status only.

use kube::runtime::reflector::ObjectRef;
use pim_api::PrivilegedGroup;
use pim_core::ids::ObjectName;
use pim_core::reason::ConditionType;

use super::context::Context;
use crate::adapters::kinds::Manifest;
use crate::adapters::wish::object_name;
use crate::resolve::{memory, nesting};

/// Wakes, after a pass over a group, those that wait for it: whoever is to have it in it, where its status has news for them, and
/// groups that are being deleted and were in it.
pub fn pass_on(context: &Context, group: &PrivilegedGroup, members: &[Manifest]) {
    let name = object_name(group);
    let status = nesting::inner_status(&context.statuses, group);
    let conditions = context.statuses.latest(group).conditions;
    let ready = memory::condition(&conditions, ConditionType::Ready);
    let saying = format!("{status:?} {:?}", ready.map(|ready| &ready.status));
    if context.notes.is_news(&format!("{name}/nesting"), &saying) {
        for outer in outer_groups(context, &name) {
            context.waker.group(&outer);
        }
    }
    for inner in nesting::inner_groups(members) {
        let inner = ObjectName::new(&name.namespace, inner);
        let reference = ObjectRef::new(&inner.name).within(&inner.namespace);
        let found = context.stores.groups.get(&reference);
        if found.is_some_and(|found| found.metadata.deletion_timestamp.is_some()) {
            context.waker.group(&inner);
        }
    }
}

/// The groups that are to have a group in them.
fn outer_groups(context: &Context, name: &ObjectName) -> Vec<ObjectName> {
    let edges = nesting::edges(&context.stores, &name.namespace);
    let outer = edges
        .into_iter()
        .filter(|(outer, inner)| *outer != name.name && inner.contains(&name.name));
    outer
        .map(|(outer, _)| ObjectName::new(&name.namespace, outer))
        .collect()
}
