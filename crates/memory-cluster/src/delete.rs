//! Deleting objects, at once or when their finalizers are gone.
//!
//! A namespace is not deleted: that would be the work of a controller, and nothing here plays one.

use serde_json::{Value, json};

use super::builtin::NAMESPACES;
use super::metadata;
use super::refusal::Refusal;
use super::transaction::{Answer, Transaction, own};

impl Transaction<'_> {
    /// DELETE on an object: removes it, or marks it while finalizers wait.
    pub(super) fn delete(&mut self) -> Result<Answer, Refusal> {
        let old = self.existing()?;
        let (table, key) = (self.table(), self.call.key());
        if table == NAMESPACES {
            return Err(Refusal::method_not_allowed());
        }
        if metadata::finalizers(&old).is_empty() {
            self.store.remove(&table, &key);
            return Ok(Answer::ok(self.deleted_status(&old)));
        }
        if metadata::get(&old, "deletionTimestamp").is_some() {
            return Ok(Answer::ok(own(&old)));
        }
        let dying = marked(&old, &self.now);
        Ok(Answer::ok(self.commit(&key, dying)))
    }

    fn deleted_status(&self, old: &Value) -> Value {
        let resource = self.resource();
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": self.call.name, "group": resource.group, "kind": resource.plural, "uid": metadata::text(old, "uid")},
        })
    }
}

/// The object with the marks of a deletion: a time, no grace, and a new generation where generations count.
fn marked(object: &Value, now: &str) -> Value {
    let mut dying = object.clone();
    metadata::set(&mut dying, "deletionTimestamp", Some(json!(now)));
    metadata::set(&mut dying, "deletionGracePeriodSeconds", Some(json!(0)));
    let generation = metadata::generation(object);
    if generation > 0 {
        metadata::set(&mut dying, "generation", Some(json!(generation + 1)));
    }
    dying
}
