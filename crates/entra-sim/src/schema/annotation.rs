//! Annotations: names with an `@`, about the object or about one of its properties.

use serde_json::Value;

use super::types::{Multiplicity, Role};
use super::violation::{Problem, excerpt};
use super::walk::{Direction, Walk, join};

impl Walk<'_> {
    /// `@odata.context`, `members@odata.bind`, `members@delta`, `@removed`.
    pub(super) fn annotation(&mut self, path: &str, type_name: &str, key: &str, value: &Value) {
        let place = join(path, key);
        let (name, term) = key.split_once('@').unwrap_or((key, ""));
        if name.is_empty() {
            let allowed = match self.direction {
                Direction::Request => {
                    matches!(
                        term,
                        "odata.type" | "odata.context" | "odata.id" | "odata.etag"
                    )
                }
                Direction::Response => {
                    term.starts_with("odata.")
                        || term.starts_with("microsoft.graph.")
                        || term == "removed"
                }
            };
            if allowed {
                return self.annotation_value(&place, key, value);
            }
            let expected = "an annotation of this direction".to_owned();
            return self.note(&place, Problem::Annotation, format!("`{key}`"), expected);
        }
        let Some(member) = self.table.member(type_name, name).copied() else {
            let expected = format!("an annotation of a property of {type_name}");
            return self.note(
                &place,
                Problem::UnknownProperty,
                format!("`{name}`"),
                expected,
            );
        };
        match (self.direction, term) {
            (Direction::Request, "odata.bind") if member.role != Role::Property => {
                self.bind(&place, member.multiplicity, value);
            }
            (Direction::Response, "delta") if member.multiplicity == Multiplicity::Many => {
                self.member(&place, member, value);
            }
            (Direction::Request, "odata.type" | "odata.context") => {
                self.annotation_value(&place, key, value);
            }
            (Direction::Response, _) if term.starts_with("odata.") && term != "odata.bind" => {
                self.annotation_value(&place, key, value);
            }
            _ => {
                let expected = "an annotation of this direction and property".to_owned();
                self.note(&place, Problem::Annotation, format!("`{key}`"), expected);
            }
        }
    }

    pub(super) fn annotation_value(&mut self, path: &str, key: &str, value: &Value) {
        let (fits, expected) = if key.ends_with("@odata.count") {
            (value.is_u64(), "a count")
        } else if key == "@removed" {
            let reason = value.get("reason").and_then(Value::as_str);
            let fits = matches!(reason, Some("changed" | "deleted"));
            (fits, "an object with the reason `changed` or `deleted`")
        } else {
            (value.is_string(), "a string")
        };
        if !fits {
            self.note(
                path,
                Problem::WrongType,
                excerpt(value),
                expected.to_owned(),
            );
        }
    }

    fn bind(&mut self, path: &str, multiplicity: Multiplicity, value: &Value) {
        let is_link = |one: &Value| {
            one.as_str()
                .is_some_and(|text| text.starts_with("https://"))
        };
        let (fits, expected) = match multiplicity {
            Multiplicity::One => (is_link(value), "an https address"),
            Multiplicity::Many => (
                value
                    .as_array()
                    .is_some_and(|links| links.iter().all(is_link)),
                "an array of https addresses",
            ),
        };
        if !fits {
            self.note(path, Problem::Format, excerpt(value), expected.to_owned());
        }
    }
}
