//! Tells when another group of the tenant bears the name that the group was just given: names are not unique there, and
//! people choose by them.

use kube::Resource;
use pim_core::action::Write;
use pim_core::event::EventReason;
use pim_core::ids::GroupId;

use super::applied::Applied;
use super::reconciliation::Reconciliation;

/// Asks for namesakes after the group was named. An answer that does not come is no reason to fail.
pub(super) async fn tell(group: &Reconciliation<'_>, applied: &[Applied], own: Option<GroupId>) {
    let named = applied.iter().filter(|one| one.result.is_ok());
    let name = named.into_iter().find_map(|one| match &one.action.write {
        Write::CreateGroup(new) => Some(new.display_name.as_str()),
        Write::UpdateGroup { display_name, .. } => Some(display_name.as_str()),
        _ => None,
    });
    let (Some(name), Some(own)) = (name, own) else {
        return;
    };
    let Ok(others) = group.tenant.reader.namesakes(name, own).await else {
        return;
    };
    if others.is_empty() {
        return;
    }
    let ids: Vec<String> = others.iter().map(ToString::to_string).collect();
    let note = format!(
        "the tenant has other groups with the display name {name}, and people cannot tell them apart: {}",
        ids.join(", ")
    );
    let about = group.manifests.group.object_ref(&());
    let events = &group.context.events;
    events.publish(about, EventReason::NameInUse, &note).await;
}
