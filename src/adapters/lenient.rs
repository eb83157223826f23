//! Reads objects one by one: one that cannot be read, because another version of the product wrote it, is kept with what
//! can be read of it and with the reason, and never counts as absent. Nobody may keep the others from being seen.

use kube::ResourceExt;
use kube::core::DynamicObject;
use kube::runtime::watcher::Event;
use pim_core::desired::Readability;
use serde_json::{Map, Value, json};

use super::kinds::CustomKind;

/// Marks an object in memory, never in Kubernetes, that could not be read whole.
const UNREADABLE: &str = "entra-pim.dev/unreadable";

/// Whether an object could be read.
pub fn readability<K: CustomKind>(object: &K) -> Readability {
    match object.annotations().get(UNREADABLE) {
        Some(reason) => Readability::Unreadable(reason.clone()),
        None => Readability::Readable,
    }
}

/// Why an object cannot be read, if so.
pub fn reason<K: CustomKind>(object: &K) -> Option<&str> {
    object.annotations().get(UNREADABLE).map(String::as_str)
}

/// What is wrong with an object that cannot be read, with its name.
pub fn fault<K: CustomKind>(object: &K) -> Option<String> {
    let reason = reason(object)?;
    Some(format!(
        "{} {} cannot be read: {reason}",
        K::kind(&()),
        object.name_any()
    ))
}

/// What a watch told, with each object read by itself.
pub fn event<K: CustomKind>(event: Event<DynamicObject>) -> Option<Event<K>> {
    Some(match event {
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
        Event::InitApply(object) => Event::InitApply(read(object)?),
        Event::Apply(object) => Event::Apply(read(object)?),
        Event::Delete(object) => Event::Delete(read(object)?),
    })
}

/// Reads an object, or as much of it as can be read.
fn read<K: CustomKind>(mut object: DynamicObject) -> Option<K> {
    let name = object.name_any();
    // Who wrote which field is of no use here, and takes more memory than the fields do.
    object.metadata.managed_fields = None;
    let value = serde_json::to_value(object).ok()?;
    match K::deserialize(&value) {
        Ok(mut object) => {
            // Nobody but this module says so.
            object.annotations_mut().remove(UNREADABLE);
            Some(object)
        }
        Err(error) => {
            let read = salvage(value, &error.to_string());
            let kind = K::kind(&());
            if read.is_none() {
                tracing::error!(%kind, name, %error, "object cannot be read at all and is not seen");
            } else {
                tracing::warn!(%kind, name, %error, "object cannot be read; nothing is given by it");
            }
            read
        }
    }
}

fn salvage<K: CustomKind>(mut value: Value, reason: &str) -> Option<K> {
    let root = value.as_object_mut()?;
    let (spec, status) = (take(root, "spec"), take(root, "status"));
    root.insert("spec".to_owned(), K::unreadable_spec());
    let mut kept: K = match serde_json::from_value(value.clone()) {
        Ok(kept) => kept,
        Err(error) => {
            tracing::error!(%error, "the smallest spec cannot be read");
            return None;
        }
    };
    for (part, fields) in [("spec", spec), ("status", status)] {
        for (field, content) in fields {
            for content in readable_forms(content) {
                let mut with = value.clone();
                let place = with
                    .as_object_mut()?
                    .entry(part)
                    .or_insert_with(|| json!({}));
                place.as_object_mut()?.insert(field.clone(), content);
                if let Ok(object) = serde_json::from_value(with.clone()) {
                    (kept, value) = (object, with);
                    break;
                }
            }
        }
    }
    let annotations = kept.annotations_mut();
    annotations.insert(UNREADABLE.to_owned(), reason.to_owned());
    Some(kept)
}

/// A field as it stands, and if it is a list, also without those entries that hold it up.
fn readable_forms(content: Value) -> Vec<Value> {
    match &content {
        Value::Array(entries) => {
            let objects = entries.iter().filter(|entry| entry.is_object()).cloned();
            let objects = Value::Array(objects.collect());
            vec![content, objects]
        }
        _ => vec![content],
    }
}

fn take(root: &mut Map<String, Value>, part: &str) -> Map<String, Value> {
    match root.remove(part) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use pim_api::{
        AccessBoundary, ActiveAssignment, EligibleAssignment, EntraTenant, PolicyTemplate,
        PrivilegedGroup, RoleBinding,
    };

    use super::*;

    fn object(kind: &str, spec: &Value, status: &Value) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "entra-pim.dev/v1alpha1", "kind": kind,
            "metadata": {"name": "one", "namespace": "team", "uid": "u", "generation": 3},
            "spec": spec, "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn whatever_is_wrong_with_a_spec_its_object_is_seen() {
        fn seen<K: CustomKind>() {
            let odd = json!({"tenantId": 1, "groupRef": 2, "subjects": "x", "displayName": [], "tenants": 5, "member": 1});
            let object = read::<K>(object(&K::kind(&()), &odd, &json!({}))).unwrap();
            assert!(fault(&object).is_some(), "{object:?}");
        }
        seen::<EntraTenant>();
        seen::<AccessBoundary>();
        seen::<PolicyTemplate>();
        seen::<PrivilegedGroup>();
        seen::<RoleBinding>();
        seen::<EligibleAssignment>();
        seen::<ActiveAssignment>();
    }

    #[test]
    fn what_can_be_read_of_it_stays_known() {
        let spec = json!({"groupRef": {"name": "admins"}, "access": "king"});
        let status = json!({"observedGeneration": 2, "subjects": [
            {"kind": "User", "name": "a@contoso.com", "state": "Eligible"}], "summary": 5});
        let read =
            read::<EligibleAssignment>(object("EligibleAssignment", &spec, &status)).unwrap();
        assert!(fault(&read).unwrap().contains("EligibleAssignment one"));
        assert_eq!(read.spec.group_ref.name, "admins");
        let status = read.status.unwrap();
        assert_eq!(status.observed_generation, Some(2));
        assert_eq!(status.subjects.len(), 1);
    }

    #[test]
    fn nobody_else_marks_an_object() {
        let mut marked = object(
            "AccessBoundary",
            &AccessBoundary::unreadable_spec(),
            &json!({}),
        );
        marked
            .annotations_mut()
            .insert(UNREADABLE.to_owned(), "a joke".to_owned());
        let read = read::<AccessBoundary>(marked).unwrap();
        assert_eq!(readability(&read), Readability::Readable);
    }
}
