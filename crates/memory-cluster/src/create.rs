//! Creating objects.

use serde_json::{Value, json};

use super::call::{Part, key};
use super::managed::{Managers, Operation, Settlement};
use super::refusal::Refusal;
use super::resources::{Nature, Resource, StatusEndpoint};
use super::server::{Answer, Transaction};
use super::{metadata, namespaces};

/// Longest prefix of a generated name: the whole stays a valid label.
const LONGEST_PREFIX: usize = 58;

impl Transaction<'_> {
    /// POST on a collection.
    pub(super) fn create(&mut self) -> Result<Answer, Refusal> {
        let mut object = self.decoded_body()?;
        self.settle_namespace(&mut object)?;
        if !metadata::text(&object, "resourceVersion").is_empty() {
            return Err(Refusal::unclassified(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        self.generate_name(&mut object);
        self.create_object(object)
    }

    /// Creates a decoded object for which the caller has not settled ownership yet.
    pub(super) fn create_object(&mut self, mut object: Value) -> Result<Answer, Refusal> {
        let mut managers = Managers::of(&object);
        metadata::set(&mut object, "managedFields", None);
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
        namespaces::admit(
            self.store,
            self.resource(),
            self.call.namespace.as_deref(),
            &name,
        )?;
        self.set_system_fields(&mut object);
        let problems = self
            .resource()
            .problems(metadata::problems(&object), &object, None);
        if !problems.is_empty() {
            return Err(Refusal::invalid(self.resource(), &name, &problems));
        }
        let key = key(self.call.namespace.as_deref(), &name);
        if let Some(standing) = self.store.get(&self.table(), &key) {
            let being_deleted = metadata::get(standing, "deletionTimestamp").is_some();
            return Err(Refusal::already_exists(
                self.resource(),
                &name,
                being_deleted,
            ));
        }
        managers.write(&mut object, &self.resource().api_version());
        Ok(Answer::created(&self.commit(&key, object)))
    }

    /// How ownership is settled at the addressed endpoint.
    pub(super) fn settlement(&self) -> OwnedSettlement<'_> {
        OwnedSettlement {
            resource: self.resource(),
            api_version: self.resource().api_version(),
            part: self.call.part,
            now: &self.now,
        }
    }

    fn generate_name(&mut self, object: &mut Value) {
        let prefix = metadata::text(object, "generateName").to_owned();
        if prefix.is_empty() || !metadata::text(object, "name").is_empty() {
            return;
        }
        let prefix: String = prefix.chars().take(LONGEST_PREFIX).collect();
        let name = format!("{prefix}{}", self.store.next_suffix());
        metadata::set(object, "name", Some(json!(name)));
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
        let generation = matches!(self.resource().nature, Nature::Custom(_)).then(|| json!(1));
        metadata::set(object, "generation", generation);
        if self.resource().status == StatusEndpoint::Present
            && let Value::Object(fields) = object
        {
            fields.remove("status");
        }
        self.resource().prepare(object);
    }
}

/// The parts of a [`Settlement`] that outlive the borrow of the transaction's fields.
pub(super) struct OwnedSettlement<'a> {
    resource: &'a Resource,
    api_version: String,
    part: Part,
    now: &'a str,
}

impl OwnedSettlement<'_> {
    /// Trees that the endpoint resets, so that nobody owns them through it.
    fn reset(&self) -> &'static [&'static str] {
        match (self.part, self.resource.status) {
            (Part::Status, _) => &["metadata", "spec"],
            (Part::Whole, StatusEndpoint::Present) => &["status"],
            (Part::Whole, StatusEndpoint::Absent) => &[],
        }
    }

    /// See [`Settlement::update`].
    pub(super) fn update(
        &self,
        managers: &mut Managers,
        live: &Value,
        new: &Value,
        manager: super::managed::Manager,
    ) {
        self.borrowed().update(managers, live, new, manager);
    }

    /// The settlement itself.
    pub(super) fn borrowed(&self) -> Settlement<'_> {
        Settlement {
            schema: &self.resource.schema,
            api_version: &self.api_version,
            reset: self.reset(),
            now: self.now,
        }
    }
}
