//! Publishes Kubernetes events. Written as objects of their own, because the recorder of the runtime folds repeats
//! together by reason and then keeps the first note: the second drift of an hour would hide what changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use pim_api::API_GROUP;
use pim_core::event::EventReason;

use super::clock::SharedClock;

/// The longest name that the API server takes, in bytes.
const LONGEST_NAME: usize = 253;

/// The longest note that the API server takes, in bytes.
const LONGEST_NOTE: usize = 1024;

/// Publishes Kubernetes events about objects.
#[derive(Clone)]
pub struct Events {
    client: Client,
    clock: SharedClock,
    instance: String,
    count: Arc<AtomicU64>,
}

impl Events {
    /// Publishes in the name of one replica.
    pub fn new(client: Client, clock: SharedClock, instance: String) -> Self {
        Self {
            client,
            clock,
            instance,
            count: Arc::default(),
        }
    }

    /// Publishes one event. A failure is logged and never stops a pass.
    pub async fn publish(&self, about: ObjectReference, reason: EventReason, note: &str) {
        let namespace = about
            .namespace
            .clone()
            .unwrap_or_else(|| "default".to_owned());
        let now = self.clock.now();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let suffix = format!(".{:x}{number:04x}", now.as_nanosecond());
        let mut name = about.name.clone().unwrap_or_default();
        // Names of objects are ASCII; a cut one must not end in what no part of a name ends in.
        name.truncate(LONGEST_NAME.saturating_sub(suffix.len()));
        let name = format!("{}{suffix}", name.trim_end_matches(['.', '-']));
        let event = Event {
            metadata: ObjectMeta {
                name: Some(name),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            action: Some(reason.action().to_owned()),
            event_time: Some(MicroTime(now)),
            note: Some(cut(note)),
            reason: Some(reason.to_string()),
            regarding: Some(about),
            reporting_controller: Some(format!("{API_GROUP}/operator")),
            reporting_instance: Some(self.instance.clone()),
            type_: Some(reason.severity().as_str().to_owned()),
            ..Event::default()
        };
        let api: Api<Event> = Api::namespaced(self.client.clone(), &namespace);
        if let Err(error) = api.create(&PostParams::default(), &event).await {
            tracing::warn!(%reason, error = %error, "event cannot be published");
        }
    }
}

fn cut(note: &str) -> String {
    if note.len() <= LONGEST_NOTE {
        return note.to_owned();
    }
    let end = (0..=LONGEST_NOTE - 3)
        .rev()
        .find(|end| note.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{}...", &note[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::SystemClock;
    use memory_cluster::MemoryCluster;

    #[test]
    fn a_note_is_cut_between_characters() {
        let note = "ü".repeat(LONGEST_NOTE);
        let cut = cut(&note);
        assert!(cut.len() <= LONGEST_NOTE && cut.ends_with("..."));
    }

    #[tokio::test]
    async fn an_event_about_an_object_with_a_name_of_any_length_arrives() {
        let cluster = MemoryCluster::new(pim_api::all_crds()).unwrap();
        cluster.create_namespace("exchange").unwrap();
        let events = Events::new(
            cluster.client(),
            Arc::new(SystemClock),
            "operator-0".to_owned(),
        );
        let mut names: Vec<String> = [1, 231, 232, 233, LONGEST_NAME]
            .map(|length| "l".repeat(length))
            .into();
        // No part of a name may end in what stands where this one is cut.
        names.push(format!("{}--------{}", "l".repeat(228), "l".repeat(17)));
        for name in names {
            let about = ObjectReference {
                kind: Some("PrivilegedGroup".to_owned()),
                namespace: Some("exchange".to_owned()),
                name: Some(name.clone()),
                ..ObjectReference::default()
            };
            events
                .publish(about, EventReason::GroupCreated, "made")
                .await;
            let arrived = cluster.objects();
            let arrived = arrived
                .iter()
                .filter(|object| object["regarding"]["name"] == name.as_str());
            assert_eq!(arrived.count(), 1, "{name}");
        }
    }
}
