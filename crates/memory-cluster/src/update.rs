//! Replacing objects, and the rules that every change of an object obeys.

use std::sync::Arc;

use serde_json::{Value, json};

use super::builtin::{ReplaceMissing, VersionOnReplace};
use super::call::Part;
use super::managed::{Managers, Operation};
use super::metadata;
use super::problem::{Problem, ProblemKind};
use super::refusal::Refusal;
use super::resources::{Nature, StatusEndpoint};
use super::server::{Answer, Transaction};

impl Transaction<'_> {
    /// PUT on an object.
    pub(super) fn replace(&mut self) -> Result<Answer, Refusal> {
        let mut object = self.decoded_body()?;
        self.settle_namespace(&mut object)?;
        self.check_name(&object)?;
        let Some(old) = self.find() else {
            return self.replace_missing(object);
        };
        let (wanted, actual) = (metadata::text(&object, "uid"), metadata::text(&old, "uid"));
        if !wanted.is_empty() && wanted != actual {
            let cause = format!(
                "Precondition failed: UID in precondition: {wanted}, UID in object meta: {actual}"
            );
            return Err(Refusal::conflict(self.resource(), &self.call.name, &cause));
        }
        self.change(&old, object)
    }

    fn replace_missing(&mut self, object: Value) -> Result<Answer, Refusal> {
        match &self.resource().nature {
            Nature::BuiltIn(kind) if kind.replace_missing == ReplaceMissing::Creates => {
                self.create_object(object)
            }
            _ => Err(Refusal::not_found(self.resource(), &self.call.name)),
        }
    }

    /// Stores the outcome of a replace or a patch that is no apply: ownership follows from the difference.
    pub(super) fn change(&mut self, old: &Arc<Value>, mut new: Value) -> Result<Answer, Refusal> {
        let mut managers = self
            .given_managers(&new)
            .unwrap_or_else(|| Managers::of(old));
        let live = without_managers(old);
        metadata::set(&mut new, "managedFields", None);
        if !managers.is_empty() {
            let manager = self.manager(Operation::Update);
            self.settlement()
                .update(&mut managers, &live, &new, manager);
        }
        self.settle(old, new, &managers)
    }

    /// Stores a changed object whose ownership is settled.
    pub(super) fn settle(
        &mut self,
        old: &Arc<Value>,
        mut new: Value,
        managers: &Managers,
    ) -> Result<Answer, Refusal> {
        self.check_version(old, &mut new)?;
        self.settle_namespace(&mut new)?;
        self.reset_other_part(old, &mut new);
        keep_system_fields(old, &mut new);
        let problems = self.change_problems(old, &new);
        if !problems.is_empty() {
            return Err(Refusal::invalid(
                self.resource(),
                &self.call.name,
                &problems,
            ));
        }
        managers.write(&mut new, &self.resource().api_version());
        let key = self.call.key();
        if metadata::get(old, "deletionTimestamp").is_some()
            && metadata::finalizers(&new).is_empty()
            && !self.is_terminating_namespace()
        {
            self.discard(&key);
            return Ok(Answer::ok(&new));
        }
        if *old.as_ref() == new
            || (managers.same_shares(&Managers::of(old))
                && without_managers(old) == without_managers(&new))
        {
            return Ok(Answer::ok(old));
        }
        Ok(Answer::ok(&self.commit(&key, new)))
    }

    /// Managers that a replace brings along. None means: those that stand.
    fn given_managers(&self, new: &Value) -> Option<Managers> {
        let given = metadata::get(new, "managedFields").and_then(Value::as_array)?;
        if self.call.part != Part::Whole {
            return None;
        }
        let managers = Managers::of(new);
        let reset = given
            .iter()
            .all(|entry| entry.as_object().is_some_and(serde_json::Map::is_empty));
        (reset || !managers.is_empty()).then_some(managers)
    }

    fn check_version(&self, old: &Value, new: &mut Value) -> Result<(), Refusal> {
        let optional = matches!(&self.resource().nature, Nature::BuiltIn(kind) if kind.version_on_replace == VersionOnReplace::Optional);
        match (
            metadata::text(new, "resourceVersion"),
            metadata::text(old, "resourceVersion"),
        ) {
            ("", _) if optional => metadata::copy(new, old, "resourceVersion"),
            ("", _) => {
                let problem = Problem::with_value(
                    ProblemKind::Invalid,
                    "metadata.resourceVersion",
                    &json!(0),
                    "must be specified for an update",
                );
                let resource = self.resource();
                return Err(Refusal::invalid_in(
                    &resource.group,
                    &resource.plural,
                    &self.call.name,
                    &[problem],
                ));
            }
            (wanted, actual) if wanted != actual => {
                let resource = self.resource();
                return Err(Refusal::outdated(
                    &resource.group,
                    &resource.plural,
                    &self.call.name,
                ));
            }
            _ => {}
        }
        Ok(())
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
            metadata::set(
                new,
                "generation",
                Some(json!(metadata::generation(old) + 1)),
            );
        }
    }

    fn change_problems(&self, old: &Value, new: &Value) -> Vec<Problem> {
        let found = metadata::change_problems(new, old);
        match self.call.part {
            Part::Whole => self.resource().problems(found, new, Some(old)),
            Part::Status => self.resource().status_problems(found, new, old),
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
