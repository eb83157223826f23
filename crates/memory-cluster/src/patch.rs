//! JSON patch, merge patch and server-side apply.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation};
use serde_json::Value;

use super::call::{Part, PatchKind, Payload};
use super::managed::{Managers, Operation};
use super::problem::{Problem, ProblemKind};
use super::refusal::{Refusal, Subject};
use super::resources::Nature;
use super::transaction::{Answer, Transaction};
use super::update::without_managers;
use super::{metadata, normalise, typed};

impl Transaction<'_> {
    /// PATCH on an object.
    pub(super) fn patch(&mut self) -> Result<Answer, Refusal> {
        let Payload::Patch(kind, body) = &self.call.payload else {
            return Err(Refusal::bad_request("the request has no patch"));
        };
        let change = |object: &mut Value| {
            if *kind == PatchKind::Merge {
                json_patch::merge(object, body);
                return Ok(());
            }
            let operations: json_patch::Patch = serde_json::from_value(body.clone())
                .map_err(|error| Refusal::bad_request(format!("error decoding patch: {error}")))?;
            change_by_operations(object, &operations)
        };
        if *kind == PatchKind::Apply {
            return self.apply(body);
        }
        let old = self.existing()?;
        let mut patched = old.as_ref().clone();
        change(&mut patched)?;
        let object = self.resource().decode(patched)?;
        self.check_name(&object)?;
        self.change(&old, object)
    }

    fn apply(&mut self, body: &Value) -> Result<Answer, Refusal> {
        self.check_apply(body)?;
        let old = match self.find() {
            None if self.call.part == Part::Status => {
                return Err(Refusal::not_found(self.resource().subject(&self.call.name)));
            }
            old => old,
        };
        let (live, mut managers) = match &old {
            Some(old) => (without_managers(old), Managers::of(old)),
            None => (self.resource().blank(), Managers::default()),
        };
        if managers.is_empty() && old.is_some() {
            let mut earlier = self.manager(Operation::Update);
            "before-first-apply".clone_into(&mut earlier.name);
            self.settlement()
                .update(&mut managers, &self.resource().blank(), &live, earlier);
        }
        let manager = self.manager(Operation::Apply);
        let applied = self.settlement().apply(
            &mut managers,
            &live,
            body,
            &manager,
            self.call.options.force,
        );
        let mut object = self.complete(applied.map_err(Refusal::apply_conflict)?)?;
        self.settle_namespace(&mut object)?;
        if let Some(old) = old {
            self.check_name(&object)?;
            return self.settle(&old, object, &managers);
        }
        let uid = metadata::text(&object, "uid");
        if !uid.is_empty() {
            let cause = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            );
            let subject = self.resource().subject(&self.call.name);
            return Err(Refusal::conflict(subject, &cause));
        }
        self.check_name(&object)?;
        self.insert(object, &managers)
    }

    fn check_apply(&self, body: &Value) -> Result<(), Refusal> {
        if self.call.options.field_manager.is_empty() {
            let problem = Problem::plain(
                ProblemKind::Required,
                "fieldManager",
                "is required for apply patch",
            );
            let subject = Subject {
                group: "meta.k8s.io",
                kind: "PatchOptions",
                name: "",
            };
            return Err(Refusal::invalid(subject, &[problem]));
        }
        let resource = self.resource();
        resource.check_type(body)?;
        if metadata::get(body, "managedFields").is_some() {
            return Err(Refusal::bad_request("metadata.managedFields must be nil"));
        }
        let errors = typed::declaration_errors(&resource.schema, body);
        if errors.is_empty() {
            return Ok(());
        }
        Err(Refusal::unclassified(format!(
            "failed to create typed patch object ({}; {}): {}",
            self.call.key(),
            resource.kind,
            errors.join("\n")
        )))
    }

    /// Defaults after an apply. A null that is left where everything was taken out of an object stays, and
    /// validation refuses it (observed on 1.36).
    fn complete(&self, mut object: Value) -> Result<Value, Refusal> {
        match &self.resource().nature {
            Nature::Custom(_) => {
                metadata::normalise(&mut object)?;
                normalise::insert_defaults(&self.resource().schema, &mut object);
                Ok(object)
            }
            Nature::BuiltIn(_) => self.resource().decode(object),
        }
    }
}

/// Applies a JSON patch with two habits of the API server (`github.com/evanphx/json-patch` v4): a test for
/// `null` holds where the field is absent, which is how kube adds the first finalizer, and a replace of an
/// absent field adds it.
fn change_by_operations(object: &mut Value, operations: &[PatchOperation]) -> Result<(), Refusal> {
    for operation in operations {
        let operation = match operation {
            PatchOperation::Test(test)
                if test.value.is_null() && is_absent_field(object, &test.path) =>
            {
                continue;
            }
            PatchOperation::Replace(replace) if is_absent_field(object, &replace.path) => {
                PatchOperation::Add(AddOperation {
                    path: replace.path.clone(),
                    value: replace.value.clone(),
                })
            }
            other => other.clone(),
        };
        json_patch::patch(object, &[operation]).map_err(|_| Refusal::patch_failed())?;
    }
    Ok(())
}

fn is_absent_field(object: &Value, path: &Pointer) -> bool {
    let parent = path.parent().and_then(|parent| parent.resolve(object).ok());
    parent.is_some_and(Value::is_object) && path.resolve(object).is_err()
}
