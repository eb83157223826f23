//! CEL rules of a custom resource (`x-kubernetes-validations`), evaluated by `kube-cel`.
//!
//! Known difference: a transition rule below a map list compares items by position, the API server by key.

use kube::core::cel::{CompiledSchema, ValidationErrors, Validator, compile_schema};
use serde_json::{Value, json};

use super::problem::{Problem, ProblemKind};

/// The compiled rules of one kind.
pub(super) struct Rules(CompiledSchema);

impl Rules {
    /// Compiles all rules of a schema, or says which do not compile.
    pub(super) fn of(schema: &Value) -> Result<Rules, String> {
        let compiled = compile_schema(schema);
        let mut errors = Vec::new();
        collect_errors(&compiled, &mut errors);
        if errors.is_empty() {
            Ok(Rules(compiled))
        } else {
            Err(errors.join("; "))
        }
    }

    /// The rules that an object, or the change to it, breaks.
    pub(super) fn problems(&self, object: &Value, old: Option<&Value>) -> Vec<Problem> {
        match Validator::new().validate_compiled(&self.0, object, old) {
            Ok(()) => Vec::new(),
            Err(errors) => as_problems(errors),
        }
    }
}

fn collect_errors(schema: &CompiledSchema, errors: &mut Vec<String>) {
    errors.extend(
        schema
            .compilation_errors()
            .into_iter()
            .map(ToString::to_string),
    );
    let boxed = [&schema.items, &schema.additional_properties]
        .into_iter()
        .flatten()
        .map(AsRef::as_ref);
    let branches = schema
        .all_of
        .iter()
        .chain(&schema.any_of)
        .chain(&schema.one_of);
    for child in schema.properties.values().chain(boxed).chain(branches) {
        collect_errors(child, errors);
    }
}

fn as_problems(errors: ValidationErrors) -> Vec<Problem> {
    let kind = |reason: Option<&str>| match reason {
        Some("FieldValueRequired") => ProblemKind::Required,
        Some("FieldValueForbidden") => ProblemKind::Forbidden,
        Some("FieldValueDuplicate") => ProblemKind::Duplicate,
        _ => ProblemKind::Invalid,
    };
    let problem = |error: kube::core::cel::ValidationError| match kind(error.reason.as_deref()) {
        kind @ ProblemKind::Invalid => {
            Problem::with_value(kind, error.field_path, &json!("object"), error.message)
        }
        kind => Problem::plain(kind, error.field_path, error.message),
    };
    errors.into_vec().into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transition_rule_is_asked_on_change_only() {
        let key = json!({"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "key is immutable"}]});
        let spec = json!({"type": "object", "properties": {"key": key}});
        let rules = Rules::of(&json!({"type": "object", "properties": {"spec": spec}})).unwrap();
        let old = json!({"spec": {"key": "a"}});
        let new = json!({"spec": {"key": "b"}});
        assert!(rules.problems(&new, None).is_empty());
        assert_eq!(rules.problems(&new, Some(&old))[0].field, "spec.key");
    }

    #[test]
    fn a_rule_that_does_not_compile_is_no_rule() {
        let broken = json!({"type": "string", "x-kubernetes-validations": [{"rule": "self =="}]});
        assert!(Rules::of(&json!({"type": "object", "properties": {"a": broken}})).is_err());
    }
}
