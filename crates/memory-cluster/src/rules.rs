//! CEL rules of a custom resource (`x-kubernetes-validations`), evaluated by `kube-cel`.
//!
//! Known difference: a transition rule below a map list compares items by position, the API server by key.

use std::collections::HashSet;

use kube::core::cel::{CompiledSchema, Validator, compile_schema};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::problem::Problem;

/// How many answers are remembered.
const REMEMBERED: usize = 1_000;

/// The compiled rules of one kind.
pub(super) struct Rules {
    compiled: CompiledSchema,
    /// Whether the object as a whole has rules; they may speak of any part of it.
    of_the_whole: bool,
    /// The parts of an object that have rules.
    parts: Vec<String>,
    /// What broke no rule. Most writes are of a status and leave the parts with rules as they are, and a rule compiles
    /// its expressions at each match.
    kept: Mutex<HashSet<String>>,
}

impl Rules {
    /// Compiles all rules of a schema, or says which do not compile.
    pub(super) fn of(schema: &Value) -> Result<Rules, String> {
        let compiled = compile_schema(schema);
        let mut errors = Vec::new();
        collect_errors(&compiled, &mut errors);
        if !errors.is_empty() {
            return Err(errors.join("; "));
        }
        let with_rules = compiled
            .properties
            .iter()
            .filter(|(_, part)| has_rules(part));
        Ok(Rules {
            of_the_whole: !compiled.validations.is_empty(),
            parts: with_rules.map(|(name, _)| name.clone()).collect(),
            kept: Mutex::default(),
            compiled,
        })
    }

    /// The rules that an object, or the change to it, breaks.
    pub(super) fn problems(&self, object: &Value, old: Option<&Value>) -> Vec<Problem> {
        let question = self.question(object, old);
        if self.kept.lock().contains(&question) {
            return Vec::new();
        }
        match Validator::new().validate_compiled(&self.compiled, object, old) {
            Ok(()) => {
                let mut kept = self.kept.lock();
                if kept.len() >= REMEMBERED {
                    kept.clear();
                }
                kept.insert(question);
                Vec::new()
            }
            Err(errors) => {
                let errors = errors.into_vec().into_iter();
                let problem = |error: kube::core::cel::ValidationError| {
                    Problem::invalid(error.field_path, &json!("object"), error.message)
                };
                errors.map(problem).collect()
            }
        }
    }

    /// All that the answer depends on.
    fn question(&self, object: &Value, old: Option<&Value>) -> String {
        if self.of_the_whole {
            return json!([object, old]).to_string();
        }
        let part = |object: &Value, name: &String| object.get(name).map(Value::to_string);
        let parts = self.parts.iter();
        let parts = parts.map(|name| (part(object, name), old.and_then(|old| part(old, name))));
        format!("{} {:?}", old.is_some(), parts.collect::<Vec<_>>())
    }
}

/// The schemas right below one.
fn children(schema: &CompiledSchema) -> impl Iterator<Item = &CompiledSchema> {
    let boxed = [&schema.items, &schema.additional_properties];
    let boxed = boxed.into_iter().flatten().map(AsRef::as_ref);
    schema.properties.values().chain(boxed)
}

fn has_rules(schema: &CompiledSchema) -> bool {
    !schema.validations.is_empty() || children(schema).any(has_rules)
}

fn collect_errors(schema: &CompiledSchema, errors: &mut Vec<String>) {
    errors.extend(
        schema
            .compilation_errors()
            .into_iter()
            .map(ToString::to_string),
    );
    for child in children(schema) {
        collect_errors(child, errors);
    }
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
    fn a_rule_is_asked_again_when_its_part_of_the_object_changes() {
        let rule = json!([{"rule": "self.size() < 3", "message": "too long"}]);
        let key = json!({"type": "string", "maxLength": 9, "x-kubernetes-validations": rule});
        let part = json!({"type": "object", "properties": {"key": key}});
        let parts = json!({"spec": part, "status": {"type": "object"}});
        let rules = Rules::of(&json!({"type": "object", "properties": parts})).unwrap();
        let object =
            |key: &str, status: &str| json!({"spec": {"key": key}, "status": {"a": status}});
        let problems = |new: &Value, old: &Value| rules.problems(new, Some(old)).len();
        assert_eq!(problems(&object("a", "1"), &object("a", "0")), 0);
        assert_eq!(problems(&object("a", "2"), &object("a", "1")), 0);
        assert_eq!(problems(&object("abc", "2"), &object("a", "2")), 1);
        assert_eq!(problems(&object("abc", "3"), &object("abc", "2")), 1);
    }

    #[test]
    fn a_rule_that_does_not_compile_is_no_rule() {
        let broken = json!({"type": "string", "x-kubernetes-validations": [{"rule": "self =="}]});
        assert!(Rules::of(&json!({"type": "object", "properties": {"a": broken}})).is_err());
    }
}
