//! One call on the locked store: reading, and what the writing verbs share. Each of those has a module.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::call::{Call, Part};
use super::managed::{Manager, Operation, Ownership};
use super::metadata;
use super::refusal::Refusal;
use super::resources::{Nature, Resource, StatusEndpoint};
use super::store::Store;

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: StatusCode,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn ok(body: Value) -> Answer {
        let code = StatusCode::OK;
        Answer { code, body }
    }

    pub(super) fn created(body: Value) -> Answer {
        let code = StatusCode::CREATED;
        Answer { code, body }
    }
}

/// One call on the locked store.
pub(super) struct Transaction<'a> {
    pub(super) store: &'a mut Store,
    pub(super) call: &'a Call,
    pub(super) now: String,
}

impl Transaction<'_> {
    /// GET on an object.
    pub(super) fn get(&self) -> Result<Answer, Refusal> {
        self.existing().map(|object| Answer::ok(own(&object)))
    }

    /// GET on a collection. Lists of custom resources have an empty continue token, and items of built-in
    /// kinds do not repeat their type (observed on 1.36).
    pub(super) fn list(&self) -> Answer {
        let resource = self.resource();
        let (table, prefix) = (self.table(), self.call.prefix());
        let mut items: Vec<Value> = self.store.list(&table, &prefix).map(own).collect();
        let mut metadata = json!({"resourceVersion": self.store.revision().to_string()});
        match resource.nature {
            Nature::Custom(_) => metadata["continue"] = json!(""),
            Nature::BuiltIn(_) => {
                for fields in items.iter_mut().filter_map(Value::as_object_mut) {
                    fields.remove("apiVersion");
                    fields.remove("kind");
                }
            }
        }
        Answer::ok(
            json!({"apiVersion": resource.api_version(), "kind": resource.list_kind, "metadata": metadata, "items": items}),
        )
    }

    pub(super) fn existing(&self) -> Result<Arc<Value>, Refusal> {
        self.find()
            .ok_or_else(|| Refusal::not_found(self.resource().subject(&self.call.name)))
    }

    /// The addressed object, if there is one.
    pub(super) fn find(&self) -> Option<Arc<Value>> {
        self.store.get(&self.table(), &self.call.key()).cloned()
    }

    pub(super) fn resource(&self) -> &Resource {
        &self.call.resource
    }

    pub(super) fn table(&self) -> String {
        self.resource().qualified_plural()
    }

    /// Sets the namespace of the URL, refusing another one in the object.
    pub(super) fn settle_namespace(&self, object: &mut Value) -> Result<(), Refusal> {
        let wanted = self.call.namespace.as_deref().unwrap_or_default();
        match metadata::text(object, "namespace") {
            given if given == wanted => Ok(()),
            "" => {
                metadata::set(object, "namespace", Some(json!(wanted)));
                Ok(())
            }
            _ => Err(Refusal::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            )),
        }
    }

    /// Refuses an object whose name is not the one of the URL.
    pub(super) fn check_name(&self, object: &Value) -> Result<(), Refusal> {
        let (given, wanted) = (metadata::text(object, "name"), &self.call.name);
        if given == wanted {
            return Ok(());
        }
        Err(Refusal::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({wanted})"
        )))
    }

    /// The manager that this call writes as.
    pub(super) fn manager(&self, operation: Operation) -> Manager {
        let name = self.call.options.field_manager.as_str();
        Manager {
            operation,
            name: if name.is_empty() { "unknown" } else { name }.to_owned(),
            subresource: self.call.part.subresource().to_owned(),
        }
    }

    /// How ownership is settled at the addressed endpoint.
    pub(super) fn settlement(&self) -> Ownership<'_> {
        let resource = self.resource();
        Ownership {
            schema: &resource.schema,
            api_version: resource.api_version(),
            reset: match (self.call.part, resource.status) {
                (Part::Status, _) => &["metadata", "spec"],
                (Part::Whole, StatusEndpoint::Present) => &["status"],
                (Part::Whole, StatusEndpoint::Absent) => &[],
            },
            now: &self.now,
        }
    }

    /// Stores an object under a new version, which it is returned with.
    pub(super) fn commit(&mut self, key: &str, object: Value) -> Value {
        own(&self.store.put(&self.table(), key, object))
    }
}

/// A copy for somebody who changes it or takes it away.
pub(super) fn own(object: &Arc<Value>) -> Value {
    object.as_ref().clone()
}
