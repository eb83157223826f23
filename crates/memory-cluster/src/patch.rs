//! JSON patch, merge patch and server-side apply.
//!
//! Strategic merge patches are refused as an unsupported media type, as the API server refuses them for
//! custom resources.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation};
use serde_json::Value;

use super::call::{Part, PatchKind};
use super::managed::{Force, Managers, Operation};
use super::problem::{Problem, ProblemKind};
use super::refusal::Refusal;
use super::resources::Nature;
use super::server::{Answer, Transaction};
use super::update::without_managers;
use super::{defaults, metadata, typed};

impl Transaction<'_> {
    /// PATCH on an object.
    pub(super) fn patch(&mut self) -> Result<Answer, Refusal> {
        match self.patch_payload()? {
            (PatchKind::Json, body) => {
                let operations: json_patch::Patch =
                    serde_json::from_value(body.clone()).map_err(|error| {
                        Refusal::bad_request(format!("error decoding patch: {error}"))
                    })?;
                self.patch_object(|object| change_by_operations(object, &operations))
            }
            (PatchKind::Merge, body) => {
                let body = body.clone();
                self.patch_object(|object| {
                    json_patch::merge(object, &body);
                    Ok(())
                })
            }
            (PatchKind::Apply, body) => {
                let body = body.clone();
                self.apply(&body)
            }
        }
    }

    fn patch_object(
        &mut self,
        patch: impl FnOnce(&mut Value) -> Result<(), Refusal>,
    ) -> Result<Answer, Refusal> {
        if self.call.options.force == Force::Yes {
            return Err(Refusal::bad_request(
                "force may not be specified for non-apply patch",
            ));
        }
        let old = self.existing()?;
        let mut patched = old.as_ref().clone();
        patch(&mut patched)?;
        let (object, unknown) = self.resource().decode(patched)?;
        self.refuse_unknown(&unknown, |message| {
            Refusal::invalid_in(
                "",
                "",
                "",
                &[Problem::plain(ProblemKind::Invalid, "patch", message)],
            )
        })?;
        self.check_name(&object)?;
        self.change(&old, object)
    }

    fn apply(&mut self, body: &Value) -> Result<Answer, Refusal> {
        self.check_apply(body)?;
        let old = match self.find() {
            None if self.call.part == Part::Status => {
                return Err(Refusal::not_found(self.resource(), &self.call.name));
            }
            old => old,
        };
        let live = old
            .as_ref()
            .map_or_else(|| self.resource().blank(), |old| without_managers(old));
        let mut managers = old
            .as_ref()
            .map(|old| Managers::of(old))
            .unwrap_or_default();
        if managers.is_empty() && old.is_some() {
            let mut earlier = self.manager(Operation::Update);
            "before-first-apply".clone_into(&mut earlier.name);
            self.settlement()
                .update(&mut managers, &self.resource().blank(), &live, earlier);
        }
        let manager = self.manager(Operation::Apply);
        let applied = self.settlement().borrowed().apply(
            &mut managers,
            &live,
            body,
            &manager,
            self.call.options.force,
        );
        let mut object = applied.map_err(Refusal::apply_conflict)?;
        object = self.complete(object)?;
        self.settle_namespace(&mut object)?;
        match old {
            Some(old) => {
                self.check_name(&object)?;
                self.settle(&old, object, &managers)
            }
            None => self.create_applied(object, &managers),
        }
    }

    fn create_applied(&mut self, object: Value, managers: &Managers) -> Result<Answer, Refusal> {
        let uid = metadata::text(&object, "uid");
        if !uid.is_empty() {
            let cause = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            );
            return Err(Refusal::conflict(self.resource(), &self.call.name, &cause));
        }
        self.check_name(&object)?;
        self.insert(object, managers)
    }

    fn check_apply(&self, body: &Value) -> Result<(), Refusal> {
        if self.call.options.manager.is_empty() {
            let problem = Problem::plain(
                ProblemKind::Required,
                "fieldManager",
                "is required for apply patch",
            );
            return Err(Refusal::invalid_in(
                "meta.k8s.io",
                "PatchOptions",
                "",
                &[problem],
            ));
        }
        self.resource().check_type(body)?;
        if metadata::get(body, "managedFields").is_some() {
            return Err(Refusal::bad_request("metadata.managedFields must be nil"));
        }
        let errors = typed::declaration_errors(&self.resource().schema, body);
        if errors.is_empty() {
            return Ok(());
        }
        let place = self.call.key();
        Err(Refusal::unclassified(format!(
            "failed to create typed patch object ({place}; {}): {}",
            self.resource().kind,
            errors.join("\n")
        )))
    }

    /// Defaults after an apply.
    fn complete(&self, mut object: Value) -> Result<Value, Refusal> {
        match &self.resource().nature {
            Nature::Custom(_) => {
                metadata::normalise(&mut object)?;
                defaults::fill_applied(&self.resource().schema, &mut object);
                Ok(object)
            }
            Nature::BuiltIn(_) => Ok(self.resource().decode(object)?.0),
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
