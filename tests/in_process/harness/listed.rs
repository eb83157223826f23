//! Holds what the operator says of objects against the lists that its reference is made from: whatever a test is about, no
//! object may have a condition, and no event may be about an object, of a kind that the lists do not name for it.

use pim_core::desired::ObjectKind;
use pim_core::event::EventReason;
use pim_core::reason::ConditionType;
use serde_json::Value;

use super::{World, is_event};

impl World {
    /// Conditions and events on kinds that are not listed for them.
    pub(super) fn unlisted(&self) -> Vec<String> {
        let mut unlisted = Vec::new();
        for object in self.cluster.objects() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            if is_event(&object) {
                let (reason, kind) = (text(&object["reason"]), text(&object["regarding"]["kind"]));
                if !event_kinds(&reason).iter().any(|one| one.as_str() == kind) {
                    unlisted.push(format!("event {reason} about {kind}"));
                }
                continue;
            }
            let kind = text(&object["kind"]);
            if !ObjectKind::ALL.iter().any(|one| one.as_str() == kind) {
                continue;
            }
            let conditions = object["status"]["conditions"].as_array().cloned();
            let types = conditions
                .into_iter()
                .flatten()
                .map(|one| text(&one["type"]));
            let is_listed =
                |name: &str| condition_kinds(name).iter().any(|one| one.as_str() == kind);
            unlisted.extend(
                types
                    .filter(|name| !is_listed(name))
                    .map(|name| format!("condition {name} of {kind}")),
            );
        }
        unlisted.sort();
        unlisted.dedup();
        unlisted
    }
}

fn event_kinds(reason: &str) -> &'static [ObjectKind] {
    let mut all = EventReason::ALL.iter();
    let known = all.find(|one| one.as_str() == reason);
    known.map_or(&[], |one| one.kinds())
}

fn condition_kinds(name: &str) -> &'static [ObjectKind] {
    let mut all = ConditionType::ALL.iter();
    let known = all.find(|one| one.as_str() == name);
    known.map_or(&[], |one| one.kinds())
}
