//! The life of namespaces: nothing is created in one that is missing or ending, and one that ends takes its
//! content along.
//!
//! A real cluster does the second part some seconds later, by the namespace controller; here it happens at
//! once, which is one of the orders that a client must expect anyway.

use serde_json::{Value, json};

use super::builtin::NAMESPACES;
use super::metadata;
use super::refusal::Refusal;
use super::resources::{Registry, Resource, Scope};
use super::store::Store;

/// Refuses an object whose namespace is missing or ending.
pub(super) fn admit(
    store: &Store,
    resource: &Resource,
    namespace: Option<&str>,
    name: &str,
) -> Result<(), Refusal> {
    let Some(namespace) = namespace else {
        return Ok(());
    };
    match store.get(NAMESPACES, namespace) {
        None => Err(Refusal::namespace_not_found(namespace)),
        Some(standing) if metadata::get(standing, "deletionTimestamp").is_some() => {
            Err(Refusal::namespace_terminating(resource, name, namespace))
        }
        Some(_) => Ok(()),
    }
}

/// Deletes the content of an ending namespace. What has finalizers stays until they are gone.
pub(super) fn empty(store: &mut Store, registry: &Registry, namespace: &str, now: &str) {
    let prefix = format!("{namespace}/");
    for resource in registry
        .iter()
        .filter(|resource| resource.scope == Scope::Namespaced)
    {
        let table = resource.qualified_plural();
        for (key, object) in store.list(&table, &prefix) {
            if metadata::finalizers(&object).is_empty() {
                store.remove(&table, &key);
            } else if metadata::get(&object, "deletionTimestamp").is_none() {
                store.put(&table, &key, marked(&object, now));
            }
        }
    }
    finish(store, registry, &prefix);
}

/// Removes the ending namespace of a key if it holds nothing any more.
pub(super) fn finish(store: &mut Store, registry: &Registry, key: &str) {
    let Some((namespace, _)) = key.split_once('/') else {
        return;
    };
    let ending = store
        .get(NAMESPACES, namespace)
        .is_some_and(|standing| metadata::get(standing, "deletionTimestamp").is_some());
    if ending && is_empty(store, registry, namespace) {
        store.remove(NAMESPACES, namespace);
    }
}

/// Whether nothing lives in a namespace.
pub(super) fn is_empty(store: &Store, registry: &Registry, namespace: &str) -> bool {
    let prefix = format!("{namespace}/");
    registry
        .iter()
        .all(|resource| store.list(&resource.qualified_plural(), &prefix).is_empty())
}

/// The object with the marks of a deletion: a time, no grace, and a new generation where generations count.
pub(super) fn marked(object: &Value, now: &str) -> Value {
    let mut dying = object.clone();
    metadata::set(&mut dying, "deletionTimestamp", Some(json!(now)));
    metadata::set(&mut dying, "deletionGracePeriodSeconds", Some(json!(0)));
    if metadata::generation(object) > 0 {
        metadata::set(
            &mut dying,
            "generation",
            Some(json!(metadata::generation(object) + 1)),
        );
    }
    dying
}
