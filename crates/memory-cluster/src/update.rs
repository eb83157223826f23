//! The rules that every change of an object obeys, whichever patch it comes from.

use serde_json::{Value, json};

use super::call::Part;
use super::managed::{Managers, Operation};
use super::metadata;
use super::refusal::Refusal;
use super::resources::{Nature, StatusEndpoint};
use super::transaction::{Answer, Transaction};

impl Transaction<'_> {
    /// Stores the outcome of a patch that is no apply: ownership follows from the difference.
    pub(super) fn change(&mut self, old: &Value, mut new: Value) -> Result<Answer, Refusal> {
        let mut managers = Managers::of(old);
        metadata::set(&mut new, "managedFields", None);
        if !managers.is_empty() {
            let manager = self.manager(Operation::Update);
            self.settlement()
                .update(&mut managers, &without_managers(old), &new, manager);
        }
        self.settle(old, new, &managers)
    }

    /// Stores a changed object whose ownership is settled.
    pub(super) fn settle(
        &mut self,
        old: &Value,
        mut new: Value,
        managers: &Managers,
    ) -> Result<Answer, Refusal> {
        let resource = self.resource();
        if metadata::text(&new, "resourceVersion") != metadata::text(old, "resourceVersion") {
            let cause = "the object has been modified; please apply your changes to the latest version and try again";
            let subject = resource.subject(&self.call.name);
            return Err(Refusal::conflict(subject, cause));
        }
        self.settle_namespace(&mut new)?;
        self.reset_other_part(old, &mut new);
        keep_system_fields(old, &mut new);
        let found = metadata::change_problems(&new, old);
        let problems = match self.call.part {
            Part::Whole => resource.problems(found, &new, Some(old)),
            Part::Status => resource.status_problems(found, &new, old),
        };
        if !problems.is_empty() {
            let subject = resource.subject_of_problems(&self.call.name);
            return Err(Refusal::invalid(subject, &problems));
        }
        managers.write(&mut new, &resource.api_version());
        let key = self.call.key();
        if metadata::get(old, "deletionTimestamp").is_some()
            && metadata::finalizers(&new).is_empty()
        {
            self.store.remove(&self.table(), &key);
            return Ok(Answer::ok(new));
        }
        if managers.same_shares(&Managers::of(old))
            && without_managers(old) == without_managers(&new)
        {
            return Ok(Answer::ok(old.clone()));
        }
        Ok(Answer::ok(self.commit(&key, new)))
    }

    /// An endpoint changes its own part only. `/status` ignores metadata, a wrong uid included; any change
    /// outside metadata counts as a new generation.
    fn reset_other_part(&self, old: &Value, new: &mut Value) {
        if self.call.part == Part::Status {
            let status = new.get("status").cloned();
            *new = without_managers(old);
            replace_field(new, "status", status);
            return;
        }
        if self.resource().status == StatusEndpoint::Present {
            replace_field(new, "status", old.get("status").cloned());
        }
        metadata::copy(new, old, "generation");
        if matches!(self.resource().nature, Nature::Custom(_)) && content(old) != content(new) {
            let generation = json!(metadata::generation(old) + 1);
            metadata::set(new, "generation", Some(generation));
        }
    }
}

/// What no client can change stays as it was.
fn keep_system_fields(old: &Value, new: &mut Value) {
    if metadata::text(new, "uid").is_empty() {
        metadata::copy(new, old, "uid");
    }
    for name in [
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        metadata::copy(new, old, name);
    }
    metadata::set(new, "selfLink", None);
}

/// The object without `managedFields`.
pub(super) fn without_managers(object: &Value) -> Value {
    let mut object = object.clone();
    metadata::set(&mut object, "managedFields", None);
    object
}

fn replace_field(object: &mut Value, name: &str, value: Option<Value>) {
    let Value::Object(fields) = object else {
        return;
    };
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
}

/// Everything but metadata.
fn content(object: &Value) -> Value {
    let mut object = object.clone();
    replace_field(&mut object, "metadata", None);
    object
}
