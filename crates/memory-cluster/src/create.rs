//! Creating objects, by POST or by the first apply.

use serde_json::{Value, json};

use super::builtin::NAMESPACES;
use super::call::{Payload, key};
use super::managed::{Managers, Operation};
use super::metadata;
use super::refusal::{Refusal, Subject};
use super::resources::{Nature, StatusEndpoint};
use super::transaction::{Answer, Transaction};

impl Transaction<'_> {
    /// POST on a collection.
    pub(super) fn create(&mut self) -> Result<Answer, Refusal> {
        let Payload::Object(body) = &self.call.payload else {
            return Err(Refusal::bad_request("the request has no body"));
        };
        let mut object = self.resource().decode(body.clone())?;
        self.settle_namespace(&mut object)?;
        if !metadata::text(&object, "resourceVersion").is_empty() {
            return Err(Refusal::unclassified(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        metadata::set(&mut object, "managedFields", None);
        let mut managers = Managers::default();
        let manager = self.manager(Operation::Update);
        self.settlement()
            .update(&mut managers, &self.resource().blank(), &object, manager);
        self.insert(object, &managers)
    }

    /// Checks and stores a new object.
    pub(super) fn insert(
        &mut self,
        mut object: Value,
        managers: &Managers,
    ) -> Result<Answer, Refusal> {
        let name = metadata::text(&object, "name").to_owned();
        let namespace = self.call.namespace.as_deref();
        if let Some(namespace) = namespace
            && self.store.get(NAMESPACES, namespace).is_none()
        {
            return Err(Refusal::not_found(Subject {
                group: "",
                kind: NAMESPACES,
                name: namespace,
            }));
        }
        self.set_system_fields(&mut object);
        let resource = self.resource();
        let problems = resource.problems(metadata::problems(&object), &object, None);
        if !problems.is_empty() {
            let subject = resource.subject_of_problems(&name);
            return Err(Refusal::invalid(subject, &problems));
        }
        let key = key(namespace, &name);
        if let Some(present) = self.store.get(&self.table(), &key) {
            let being_deleted = metadata::get(present, "deletionTimestamp").is_some();
            return Err(Refusal::already_exists(
                resource.subject(&name),
                being_deleted,
            ));
        }
        managers.write(&mut object, &resource.api_version());
        Ok(Answer::created(self.commit(&key, object)))
    }

    fn set_system_fields(&mut self, object: &mut Value) {
        let uid = self.store.next_uid();
        metadata::set(object, "uid", Some(json!(uid)));
        metadata::set(object, "creationTimestamp", Some(json!(self.now)));
        for name in [
            "resourceVersion",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
        ] {
            metadata::set(object, name, None);
        }
        let resource = self.resource();
        let generation = matches!(resource.nature, Nature::Custom(_)).then(|| json!(1));
        metadata::set(object, "generation", generation);
        if resource.status == StatusEndpoint::Present
            && let Value::Object(fields) = object
        {
            fields.remove("status");
        }
        resource.prepare(object);
    }
}
