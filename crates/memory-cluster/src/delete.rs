//! Deleting objects: preconditions, finalizers, collections.
//!
//! Propagation policies are read and ignored, as nothing collects by owner references here.

use std::sync::Arc;

use serde_json::{Value, json};

use super::builtin::NAMESPACES;
use super::call::{Payload, Persistence, key};
use super::refusal::Refusal;
use super::selector::Selector;
use super::server::{Answer, Transaction};
use super::{metadata, namespaces};

impl Transaction<'_> {
    /// DELETE on an object.
    pub(super) fn delete(&mut self) -> Result<Answer, Refusal> {
        let old = self.existing()?;
        self.check_preconditions(&old)?;
        let key = self.call.key();
        if self.is_namespace() {
            return Ok(self.terminate_namespace(&old));
        }
        match self.delete_one(&key, &old) {
            Some(dying) => Ok(Answer::ok(&dying)),
            None => Ok(Answer::ok(&self.deleted_status(&old))),
        }
    }

    /// DELETE on a collection.
    pub(super) fn delete_collection(&mut self) -> Result<Answer, Refusal> {
        let options = &self.call.options;
        let selector = Selector::parse(
            self.resource(),
            options.labels.as_deref(),
            options.fields.as_deref(),
        )?;
        let objects = self.store.list(&self.table(), &self.prefix());
        let chosen: Vec<Arc<Value>> = objects
            .into_values()
            .filter(|object| selector.matches(object))
            .collect();
        for object in &chosen {
            self.check_preconditions(object)?;
            let namespace =
                Some(metadata::text(object, "namespace")).filter(|namespace| !namespace.is_empty());
            self.delete_one(&key(namespace, metadata::text(object, "name")), object);
        }
        let resource = self.resource();
        Ok(Answer::ok(&json!({
            "apiVersion": resource.api_version(), "kind": resource.list_kind,
            "metadata": self.list_metadata(self.store.revision()),
            "items": chosen.iter().map(|object| object.as_ref().clone()).collect::<Vec<Value>>(),
        })))
    }

    /// Removes an object, or marks it and returns what is left waiting for finalizers.
    fn delete_one(&mut self, key: &str, old: &Arc<Value>) -> Option<Arc<Value>> {
        if metadata::finalizers(old).is_empty() {
            self.discard(key);
            return None;
        }
        if metadata::get(old, "deletionTimestamp").is_some() {
            return Some(Arc::clone(old));
        }
        let dying = namespaces::marked(old, &self.now);
        Some(self.commit(key, dying))
    }

    /// Whether the addressed object is a namespace.
    pub(super) fn is_namespace(&self) -> bool {
        self.resource().group.is_empty() && self.resource().plural == NAMESPACES
    }

    /// A namespace waits for its content, not for finalizers of its metadata alone.
    pub(super) fn is_terminating_namespace(&self) -> bool {
        self.is_namespace() && !namespaces::is_empty(self.store, self.registry, &self.call.name)
    }

    fn terminate_namespace(&mut self, old: &Arc<Value>) -> Answer {
        if metadata::get(old, "deletionTimestamp").is_some() {
            return Answer::ok(old);
        }
        let mut dying = namespaces::marked(old, &self.now);
        dying["status"]["phase"] = json!("Terminating");
        let name = self.call.name.clone();
        let dying = self.commit(&name, dying);
        if self.call.options.persistence == Persistence::Stored {
            namespaces::empty(self.store, self.registry, &name, &self.now);
        }
        Answer::ok(&dying)
    }

    fn check_preconditions(&self, object: &Value) -> Result<(), Refusal> {
        let Payload::Object(options) = &self.call.payload else {
            return Ok(());
        };
        for (field, title) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
            let wanted = options
                .pointer(&format!("/preconditions/{field}"))
                .and_then(Value::as_str);
            let actual = metadata::text(object, field);
            if let Some(wanted) = wanted.filter(|wanted| *wanted != actual) {
                let cause = format!(
                    "the {title} in the precondition ({wanted}) does not match the {title} in record ({actual}). The object might have been modified"
                );
                return Err(Refusal::precondition_failed(
                    self.resource(),
                    metadata::text(object, "name"),
                    &cause,
                ));
            }
        }
        Ok(())
    }

    fn deleted_status(&self, old: &Value) -> Value {
        let resource = self.resource();
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": metadata::text(old, "name"), "group": resource.group, "kind": resource.plural, "uid": metadata::text(old, "uid")},
        })
    }
}
