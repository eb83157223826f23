//! What is wrong with a body, said so that a person finds the place and knows what belongs there.

use serde_json::Value;

/// How a body departs from the published shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The type is in neither table.
    #[error("unknown type")]
    UnknownType,
    /// The type has no such property, not even with other capitals.
    #[error("unknown property")]
    UnknownProperty,
    /// The annotation may not stand here.
    #[error("annotation is not allowed here")]
    Annotation,
    /// Another JSON type is expected.
    #[error("wrong JSON type")]
    WrongType,
    /// `null` where the schema demands a value.
    #[error("null is not allowed")]
    Null,
    /// A string that does not have the form of its type.
    #[error("malformed value")]
    Format,
    /// Not a member of the enumeration.
    #[error("not a member of the enumeration")]
    NotAMember,
    /// `@odata.type` names a type that does not derive from the declared one.
    #[error("type does not derive from the declared one")]
    NotDerived,
    /// The declared type is abstract and `@odata.type` does not say which one is meant.
    #[error("abstract type without @odata.type")]
    Abstract,
    /// A related object written out where only a reference may stand.
    #[error("related objects are bound by reference")]
    Inline,
    /// A selected property is absent.
    #[error("missing property")]
    Missing,
    /// A property that was not selected.
    #[error("property was not selected")]
    NotSelected,
}

/// One departure from the published shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}: found {found}, expected {expected}", if path.is_empty() { "body" } else { path })]
pub struct Violation {
    /// Where, as `rules[3].target.operations[0]`; empty for the body itself.
    pub path: String,
    /// In which way the body departs from the published shape.
    pub problem: Problem,
    /// The value that was found, shortened.
    pub found: String,
    /// The type, form or property that the published shape demands.
    pub expected: String,
}

/// Longest excerpt of a value in a message: enough to recognise it, too short to be a raw body.
const EXCERPT: usize = 48;

/// A short description of a value for a message.
pub(super) fn excerpt(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        // With its quotes: the text "true" is not the value true.
        Value::String(text) if text.chars().count() > EXCERPT => {
            let head: String = text.chars().take(EXCERPT).collect();
            format!("\"{head}...\"")
        }
        Value::String(text) => format!("\"{text}\""),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}
